'use strict';
const $ = id => document.getElementById(id);
const LEAST = 0.05;          // what is asked for; the slider hides the rest without asking again
const LARGEST_FRAME = 1280;  // of the camera, in pixels
const state = {
  classes: [], shown: null, width: 0, height: 0, name: '', blob: null,
  answer: null, hidden: new Set(), marked: -1, asking: null, stream: null, frames: []
};

const name = c => state.classes[c]?.name ?? 'class ' + c;
const color = c => state.classes[c]?.color ?? '#0f766e';
const ink = c => state.classes[c]?.text ?? '#ffffff';
const conf = () => Number($('conf').value);
const ms = x => x >= 100 ? Math.round(x) + ' ms' : x.toFixed(1) + ' ms';

function element(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    key in e ? e[key] = value : e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
}

function fail(text) {
  $('error').textContent = text;
  $('error').hidden = !text;
}

/* ---- asking the server ---- */

async function ask(blob, showBusy) {
  state.asking?.abort();
  const asking = state.asking = new AbortController();
  const timer = setTimeout(() => { $('busy').hidden = !showBusy; }, 150);
  const start = performance.now();
  try {
    const query = new URLSearchParams({conf: LEAST, iou: $('iou').value, max_det: 1000});
    if (state.name) query.set('image', state.name);
    const response = await fetch('/predict?' + query, {
      method: 'POST', body: blob, signal: asking.signal,
      headers: {'Content-Type': blob.type.startsWith('image/') ? blob.type : 'application/octet-stream'}
    });
    const text = await response.text();
    const total = performance.now() - start;
    let json;
    try { json = JSON.parse(text); } catch { json = {error: 'the server answered ' + response.status}; }
    if (!response.ok) {
      const error = new Error(json.error);
      error.retry = Number(response.headers.get('Retry-After') ?? 0);
      throw error;
    }
    return {...json[0], total, parts: timing(response.headers.get('Server-Timing') ?? '')};
  } finally {
    clearTimeout(timer);
    if (state.asking === asking) $('busy').hidden = true;
  }
}

function timing(header) {
  const parts = {};
  for (const item of header.split(',')) {
    const [key, ...rest] = item.trim().split(';');
    for (const r of rest) {
      const [k, v] = r.split('=');
      if (k === 'dur') parts[key] = Number(v);
      if (k === 'desc') parts[key + 'Note'] = v.replaceAll('"', '');
    }
  }
  return parts;
}

/* ---- pictures from a file, the clipboard, or a drop ---- */

async function take(file) {
  stopCamera();
  fail('');
  state.name = file.name ?? '';
  state.blob = file;
  state.answer = null;
  state.marked = -1;
  try {
    const bitmap = await createImageBitmap(file, {imageOrientation: 'from-image'});
    show(bitmap, bitmap.width, bitmap.height);
  } catch {
    state.shown = null; // a format that browsers do not show, such as TIFF, may still be looked at
    $('canvas').hidden = true;
    $('invitation').hidden = false;
  }
  render();
  await again(true);
}

async function again(showBusy) {
  if (!state.blob) return;
  try {
    const answer = await ask(state.blob, showBusy);
    state.answer = answer;
    if (!state.shown) show(null, answer.width, answer.height);
    fail('');
  } catch (error) {
    if (error.name === 'AbortError') return;
    state.answer = null;
    fail(sentence(error));
  }
  render();
}

function sentence(error) {
  const text = error instanceof TypeError ? 'the server does not answer' : error.message;
  const names = state.name && text.startsWith(state.name);
  return (names ? text : text.charAt(0).toUpperCase() + text.slice(1)) + '.';
}

function show(picture, width, height) {
  state.shown?.close?.();
  Object.assign(state, {shown: picture ?? blank(width, height), width, height});
  $('invitation').hidden = true;
  $('canvas').hidden = false;
}

function blank(width, height) {
  const scale = Math.min(1, 2048 / Math.max(width, height));
  const canvas = element('canvas', {width: Math.max(1, width * scale), height: Math.max(1, height * scale)});
  canvas.getContext('2d').fillStyle = '#808080';
  canvas.getContext('2d').fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/* ---- the camera ---- */

async function startCamera() {
  fail('');
  if (!navigator.mediaDevices?.getUserMedia) {
    fail('The camera can be used at https addresses and on localhost only.');
    return;
  }
  try {
    state.stream = await navigator.mediaDevices.getUserMedia(
        {video: {facingMode: 'environment', width: {ideal: LARGEST_FRAME}}});
  } catch (error) {
    fail('The camera cannot be used: ' + error.message + '.');
    return;
  }
  $('camera').setAttribute('aria-pressed', 'true');
  $('camera').textContent = 'Stop camera';
  $('video').srcObject = state.stream;
  await $('video').play();
  state.name = 'camera';
  state.frames = [];
  film(state.stream);
}

async function film(stream) {
  const video = $('video');
  while (state.stream === stream) {
    const scale = Math.min(1, LARGEST_FRAME / Math.max(video.videoWidth, video.videoHeight));
    const frame = element('canvas', {
      width: Math.round(video.videoWidth * scale), height: Math.round(video.videoHeight * scale)});
    frame.getContext('2d').drawImage(video, 0, 0, frame.width, frame.height);
    const blob = await new Promise(done => frame.toBlob(done, 'image/jpeg', 0.85));
    try {
      const answer = await ask(blob, false);
      if (state.stream !== stream) return;
      Object.assign(state, {answer, blob, marked: -1});
      state.frames.push(performance.now());
      show(frame, frame.width, frame.height);
      fail('');
    } catch (error) {
      if (error.name === 'AbortError' || state.stream !== stream) return;
      fail(sentence(error));
      await new Promise(done => setTimeout(done, 1000 * (error.retry || 1)));
    }
    render();
    await new Promise(requestAnimationFrame);
  }
}

function stopCamera() {
  state.stream?.getTracks().forEach(track => track.stop());
  state.stream = null;
  $('video').srcObject = null;
  $('camera').setAttribute('aria-pressed', 'false');
  $('camera').textContent = 'Use camera';
}

/* ---- drawing ---- */

function visible() {
  return (state.answer?.detections ?? []).filter(d => d.score >= conf() && !state.hidden.has(d.class));
}

function render() {
  $('confValue').value = conf().toFixed(2);
  $('iouValue').value = Number($('iou').value).toFixed(2);
  if (state.shown) drawOnStage();
  list();
  latency();
}

function drawOnStage() {
  const stage = $('stage').getBoundingClientRect();
  const scale = Math.min((stage.width - 2) / state.width, (stage.height - 2) / state.height, 4);
  const canvas = $('canvas');
  const pixels = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(state.width * scale * pixels));
  canvas.height = Math.max(1, Math.round(state.height * scale * pixels));
  canvas.style.width = canvas.width / pixels + 'px';
  canvas.style.height = canvas.height / pixels + 'px';
  paint(canvas, pixels);
}

/* Draws picture and boxes; lines and letters have the size that the unit gives, in pixels. */
function paint(canvas, unit) {
  const g = canvas.getContext('2d');
  g.imageSmoothingQuality = 'high';
  g.drawImage(state.shown, 0, 0, canvas.width, canvas.height);
  const sx = canvas.width / state.width;
  const sy = canvas.height / state.height;
  const found = visible();
  const line = unit * (found.length > 40 ? 1.5 : 2.25);
  const letters = unit * (found.length > 40 ? 11 : 12.5);
  g.font = `600 ${letters}px system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif`;
  g.textBaseline = 'middle';
  g.lineJoin = 'round';
  const weak = state.marked >= 0;
  for (let i = found.length - 1; i >= 0; i--) {
    const {box, class: c} = found[i];
    const [x, y, r, b] = [box[0] * sx, box[1] * sy, box[2] * sx, box[3] * sy];
    g.globalAlpha = weak && state.marked !== i ? 0.35 : 1;
    g.strokeStyle = 'rgb(0 0 0 / 55%)';
    g.lineWidth = line + 2 * unit;
    g.strokeRect(x, y, r - x, b - y);
    g.strokeStyle = color(c);
    g.lineWidth = line;
    g.strokeRect(x, y, r - x, b - y);
    if (state.marked === i) {
      g.globalAlpha = 0.22;
      g.fillStyle = color(c);
      g.fillRect(x, y, r - x, b - y);
    }
  }
  const taken = [];
  found.forEach((d, i) => {
    const text = name(d.class) + ' ' + d.score.toFixed(2);
    const pad = 5 * unit;
    const w = g.measureText(text).width + 2 * pad;
    const h = letters + 6 * unit;
    const place = placeFor(d.box.map((v, k) => v * (k % 2 ? sy : sx)), w, h, canvas, taken, line);
    if (!place && state.marked !== i) return; // no room: the list still names it
    const [x, y] = place ?? [d.box[0] * sx, d.box[1] * sy];
    taken.push([x, y, w, h]);
    g.globalAlpha = weak && state.marked !== i ? 0.35 : 1;
    g.fillStyle = color(d.class);
    g.beginPath();
    g.roundRect(x, y, w, h, 4 * unit);
    g.fill();
    g.fillStyle = ink(d.class);
    g.fillText(text, x + pad, y + h / 2 + 0.5 * unit);
  });
  g.globalAlpha = 1;
}

/* Above the box, else inside its top, below it, or inside its bottom, where no other name stands. */
function placeFor([x, y, r, b], w, h, canvas, taken, line) {
  const left = Math.min(Math.max(0, x - line / 2), canvas.width - w);
  const right = Math.min(Math.max(0, r - w + line / 2), canvas.width - w);
  for (const [px, py] of [[left, y - h], [left, y], [right, y - h], [left, b], [left, b - h], [right, b]]) {
    const free = py >= 0 && py + h <= canvas.height && !taken.some(
        ([tx, ty, tw, th]) => px < tx + tw && tx < px + w && py < ty + th && ty < py + h);
    if (free) return [px, py];
  }
  return null;
}

/* ---- words beside the picture ---- */

function list() {
  const all = state.answer?.detections.filter(d => d.score >= conf()) ?? [];
  $('results').hidden = !state.answer;
  if (!state.answer) return;
  const counts = new Map();
  for (const d of all) counts.set(d.class, (counts.get(d.class) ?? 0) + 1);
  const summary = all.length === 0 ? 'Nothing found'
      : all.length + (all.length === 1 ? ' object' : ' objects') + ' found';
  if ($('summary').textContent !== summary) $('summary').textContent = summary;
  const words = [...counts].map(([c, n]) => n + ' ' + name(c)).join(', ');
  $('canvas').setAttribute('aria-label', summary + (words ? ': ' + words : ''));
  const focused = document.activeElement?.dataset?.key;
  $('classes').replaceChildren(...[...counts].sort((a, b) => b[1] - a[1]).map(([c, n]) => {
    const chip = element('button', {type: 'button', className: 'chip', 'aria-pressed': !state.hidden.has(c)},
        swatch(c), name(c) + ' ' + n);
    chip.dataset.key = 'class' + c;
    chip.onclick = () => {
      state.hidden.has(c) ? state.hidden.delete(c) : state.hidden.add(c);
      state.marked = -1;
      render();
    };
    return element('li', {}, chip);
  }));
  const found = visible();
  $('found').replaceChildren(...found.map((d, i) => {
    const [x, y, r, b] = d.box.map(Math.round);
    const row = element('button', {type: 'button'}, swatch(d.class), name(d.class),
        element('span', {className: 'size'}, `${r - x} × ${b - y}`),
        element('span', {className: 'score'}, d.score.toFixed(2)));
    row.dataset.key = 'found' + i;
    row.onmouseenter = row.onfocus = () => mark(i);
    row.onmouseleave = row.onblur = () => mark(-1);
    return element('li', {}, row);
  }));
  if (focused) document.querySelector(`[data-key="${focused}"]`)?.focus();
}

function swatch(c) {
  const s = element('span', {className: 'swatch'});
  s.style.background = color(c);
  return s;
}

function mark(i) {
  if (state.marked === i) return;
  state.marked = i;
  if (state.shown) drawOnStage();
}

const SHARES = [
  ['way', 'way there and back', '#94a3b8'], ['read', 'read', '#60a5fa'], ['decode', 'decode', '#a78bfa'],
  ['wait', 'wait', '#fbbf24'], ['network', 'network', '#14b8a6']];

function latency() {
  $('latency').hidden = !state.answer;
  if (!state.answer) return;
  const parts = {...state.answer.parts};
  parts.way = Math.max(0, state.answer.total - (parts.total ?? state.answer.total));
  const now = performance.now();
  state.frames = state.frames.filter(t => now - t < 2000);
  const rate = state.stream && state.frames.length > 1
      ? ', ' + ((state.frames.length - 1) * 1000 / (state.frames.at(-1) - state.frames[0])).toFixed(1) + ' a second'
      : '';
  $('total').textContent = 'Answered in ' + ms(state.answer.total) + rate;
  $('bar').replaceChildren(...SHARES.map(([key, , shade]) => {
    const share = element('span');
    share.style.background = shade;
    share.style.flexGrow = Math.max(parts[key] ?? 0, 0.001);
    return share;
  }));
  $('parts').replaceChildren(...SHARES.flatMap(([key, words, shade]) => {
    const dot = element('span', {className: 'swatch'});
    dot.style.background = shade;
    const note = parts[key + 'Note'];
    return [dot, element('dt', {}, words + (note && note !== 'batch of 1' ? ', ' + note : '')),
      element('dd', {}, ms(parts[key] ?? 0))];
  }));
}

/* ---- keeping results ---- */

function save(blob, fileName) {
  const link = element('a', {href: URL.createObjectURL(blob), download: fileName});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function stem() {
  return (state.name || 'picture').replace(/\.[^.]*$/, '');
}

$('savePicture').onclick = () => {
  const canvas = element('canvas', {width: state.width, height: state.height});
  paint(canvas, Math.max(1, (state.width + state.height) / 1400));
  canvas.toBlob(blob => save(blob, stem() + '-found.png'), 'image/png');
};
$('saveJson').onclick = () => {
  const {image, width, height} = state.answer;
  const json = JSON.stringify([{image, width, height, detections: visible()}], null, 2);
  save(new Blob([json + '\n'], {type: 'application/json'}), stem() + '.json');
};

/* ---- events ---- */

$('file').onchange = () => {
  const [file] = $('file').files;
  if (file) take(file);
  $('file').value = '';
};
$('camera').onclick = () => state.stream ? (stopCamera(), render()) : startCamera();
$('conf').oninput = () => { state.marked = -1; render(); };
let soon;
$('iou').oninput = () => {
  render();
  clearTimeout(soon);
  if (!state.stream) soon = setTimeout(() => again(false), 120);
};
let depth = 0;
const holdsFile = event => [...event.dataTransfer?.types ?? []].includes('Files');
addEventListener('dragenter', event => { if (holdsFile(event)) { depth++; $('stage').classList.add('over'); } });
addEventListener('dragleave', event => { if (holdsFile(event) && --depth <= 0) { depth = 0; $('stage').classList.remove('over'); } });
addEventListener('dragover', event => { if (holdsFile(event)) event.preventDefault(); });
addEventListener('drop', event => {
  depth = 0;
  $('stage').classList.remove('over');
  const [file] = event.dataTransfer?.files ?? [];
  if (file) { event.preventDefault(); take(file); }
});
addEventListener('paste', event => {
  const [file] = event.clipboardData?.files ?? [];
  if (file) take(file);
});
addEventListener('resize', () => { if (state.shown) drawOnStage(); });

fetch('/model').then(response => response.json()).then(model => {
  state.classes = model.classes;
  $('conf').value = model.conf;
  $('iou').value = model.iou;
  $('model').textContent = `${model.model}, ${model.input[1]} × ${model.input[0]}, `
      + (model.classes.length === 1 ? 'one class' : model.classes.length + ' classes');
  render();
  document.documentElement.dataset.ready = 'true';
}).catch(error => fail(sentence(error)));

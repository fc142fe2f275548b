"""PyTorch's side of the race on a graphics card: reads the same cfg and the same numbers, and answers orders.

Orders come as lines of words parted by tabs, answers go out likewise: "ok", then key=value pairs, or "error" and a
sentence. An order is one of
    hello
    load  CFG  SAFETENSORS  HEIGHT  WIDTH
    heads  PRECISION  BATCH  PICTURES  OUT       writes the raw heads, [N, H, W, C] one after another, as f32
    prepare  inference|training  PRECISION  BATCH
    turn  PRECISION  SECONDS                     runs what was prepared for a precision
    release
    peak  PRECISION                              how fast a large matrix product is, in GFLOP/s
PRECISION is fp32, tf32 or fp16 (half precision for inference, automatic mixed precision for training).
"""

import json
import os
import statistics
import struct
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError:
    print("error\tPyTorch is not installed for " + sys.executable + ", so there is nothing to race against", flush=True)
    sys.exit(3)

EPSILON = 1e-5
RATE, MOMENTUM, DECAY = 1e-4, 0.9, 5e-4
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def read_cfg(path):
    """Sections of a cfg as (type, options); options keep the last of equal keys, as darknet does."""
    sections = []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            sections.append((line[1 : line.index("]")].strip(), {}))
        else:
            key, value = line.split("=", 1)
            sections[-1][1][key.strip()] = value.strip()
    return sections


def read_safetensors(path):
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            flat = torch.frombuffer(data, dtype=torch.float32, count=(end - start) // 4, offset=start)
            arrays[name] = flat.reshape(entry["shape"]).clone()
    return arrays


ACTIVATIONS = {
    "linear": lambda x: x,
    "leaky": lambda x: F.leaky_relu(x, 0.1, inplace=True),
    "mish": lambda x: F.mish(x, inplace=True),
    "swish": lambda x: F.silu(x, inplace=True),
    "relu": lambda x: F.relu(x, inplace=True),
    "logistic": torch.sigmoid,
}


def strides(options):
    """Rows and columns from one window to the next."""
    both = options.get("stride", "1")
    return int(options.get("stride_y", both)), int(options.get("stride_x", both))


class Convolution(nn.Module):
    def __init__(self, channels, options):
        super().__init__()
        size = int(options.get("size", 1))
        stride = strides(options)
        padding = size // 2 if int(options.get("pad", 0)) else int(options.get("padding", 0))
        self.filters = int(options.get("filters", 1))
        normal = int(options.get("batch_normalize", 0)) > 0
        self.conv = nn.Conv2d(
            channels, self.filters, size, stride, padding, groups=int(options.get("groups", 1)), bias=not normal)
        self.norm = nn.BatchNorm2d(self.filters, eps=EPSILON, momentum=0.03) if normal else None
        self.activation = ACTIVATIONS[options.get("activation", "logistic")]

    def load(self, room, arrays):
        with torch.no_grad():
            self.conv.weight.copy_(arrays[room + ".weight"])
            if self.norm is None:
                self.conv.bias.copy_(arrays[room + ".bias"])
            else:
                self.norm.weight.copy_(arrays[room + ".gamma"])
                self.norm.bias.copy_(arrays[room + ".beta"])
                self.norm.running_mean.copy_(arrays[room + ".mean"])
                self.norm.running_var.copy_(arrays[room + ".variance"])

    def fuse(self):
        """Folds the normalisation into the filters, as programs for inference do."""
        if self.norm is not None:
            self.conv = nn.utils.fusion.fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = None

    def forward(self, x):
        x = self.conv(x)
        return self.activation(x if self.norm is None else self.norm(x))


class MaxPool(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.stride = strides(options)
        self.size = int(options.get("size", options.get("stride", 1)))
        padding = int(options.get("padding", self.size - 1))
        self.before, self.after = padding // 2, padding - padding // 2

    def forward(self, x):
        if self.before == self.after:
            return F.max_pool2d(x, self.size, self.stride, self.before)
        x = F.pad(x, (self.before, self.after, self.before, self.after), value=float("-inf"))
        return F.max_pool2d(x, self.size, self.stride)


class Network(nn.Module):
    """A cfg as a module; gives what lies before each [yolo], channels first."""

    def __init__(self, sections, channels):
        super().__init__()
        self.sections = sections
        self.layers = nn.ModuleList()
        self.needed = set()
        widths = []
        for index, (kind, options) in enumerate(sections):
            before = widths[-1] if widths else channels
            layer, width = nn.Identity(), before
            if kind == "convolutional":
                layer = Convolution(before, options)
                width = layer.filters
            elif kind == "maxpool":
                layer = MaxPool(options)
            elif kind == "route":
                parts = int(options.get("groups", 1))
                width = sum(widths[i] // parts for i in self.sources(index, "layers"))
            elif kind == "shortcut":
                if len(self.sources(index, "from")) != 1 or widths[self.sources(index, "from")[0]] != before:
                    raise ValueError("layer %d: this shortcut is not translated" % index)
            elif kind not in ("upsample", "yolo"):
                raise ValueError("layer %d: [%s] is not translated" % (index, kind))
            for key in ("layers", "from"):
                if key in options and kind in ("route", "shortcut"):
                    self.needed.update(self.sources(index, key))
            self.layers.append(layer)
            widths.append(width)

    def sources(self, index, key):
        numbers = [int(n) for n in self.sections[index][1][key].split(",")]
        return [n if n >= 0 else index + n for n in numbers]

    def load(self, arrays):
        for index, layer in enumerate(self.layers):
            if isinstance(layer, Convolution):
                layer.load("layer.%d" % index, arrays)

    def forward(self, x):
        kept, heads = {}, []
        for index, (kind, options) in enumerate(self.sections):
            if kind == "route":
                parts = [kept[i] for i in self.sources(index, "layers")]
                groups = int(options.get("groups", 1))
                if groups > 1:
                    parts = [torch.chunk(p, groups, 1)[int(options.get("group_id", 0))] for p in parts]
                x = parts[0] if len(parts) == 1 else torch.cat(parts, 1)
            elif kind == "shortcut":
                x = ACTIVATIONS[options.get("activation", "linear")](x + kept[self.sources(index, "from")[0]])
            elif kind == "upsample":
                x = F.interpolate(x, scale_factor=int(options.get("stride", 2)), mode="nearest")
            elif kind == "yolo":
                heads.append(x)
            else:
                x = self.layers[index](x)
            if index in self.needed:
                kept[index] = x
        return heads


class Peer:
    def __init__(self):
        self.sections = self.arrays = None
        self.steps = {}
        self.height = self.width = 0

    def hello(self):
        name = torch.cuda.get_device_name(0) if DEVICE.type == "cuda" else "CPU"
        return {"torch": torch.__version__, "cudnn": torch.backends.cudnn.version(), "device": name}

    def load(self, cfg, weights, height, width):
        self.sections = [s for s in read_cfg(cfg) if s[0] not in ("net", "network")]
        self.arrays = read_safetensors(weights)
        self.height, self.width = int(height), int(width)
        return {}

    @staticmethod
    def choose(precision):
        torch.backends.cuda.matmul.allow_tf32 = precision != "fp32"
        torch.backends.cudnn.allow_tf32 = precision != "fp32"
        torch.backends.cudnn.benchmark = True

    def network(self, precision, training):
        self.choose(precision)
        net = Network(self.sections, 3)
        net.load(self.arrays)
        net.train(training)
        if not training:
            for layer in net.layers:
                if isinstance(layer, Convolution):
                    layer.fuse()
            if precision == "fp16":
                net = net.half()
        return net.to(DEVICE, memory_format=torch.channels_last)

    def pictures(self, batch, precision, path=None):
        shape = (int(batch), self.height, self.width, 3)
        if path is None:
            x = torch.rand(shape)
        else:
            x = torch.frombuffer(bytearray(open(path, "rb").read()), dtype=torch.float32).reshape(shape)
        x = x.permute(0, 3, 1, 2).to(DEVICE, memory_format=torch.channels_last)
        return x.half() if precision == "fp16" else x

    @torch.inference_mode()
    def heads(self, precision, batch, path, out):
        net = self.network(precision, False)
        found = net(self.pictures(batch, precision, path))
        with open(out, "wb") as file:
            for head in found:
                file.write(head.permute(0, 2, 3, 1).float().contiguous().cpu().numpy().tobytes())
        return {"heads": len(found)}

    def prepare(self, kind, precision, batch):
        training = kind == "training"
        net = self.network(precision, training)
        x = self.pictures(batch, "fp32" if training else precision)
        step = self.training(net, x, precision) if training else self.inference(net, x)
        for _ in range(3):
            step()
        synchronize()
        self.steps[precision] = step
        return {}

    def release(self):
        self.steps.clear()
        if DEVICE.type == "cuda":
            torch.cuda.empty_cache()
        return {}

    @torch.inference_mode()
    def peak(self, precision):
        self.choose(precision)
        side = 8192 if DEVICE.type == "cuda" else 512
        a = torch.rand((side, side), device=DEVICE, dtype=torch.float16 if precision == "fp16" else torch.float32)
        best = float("inf")
        for _ in range(8):
            synchronize()
            start = time.perf_counter()
            torch.mm(a, a)
            synchronize()
            best = min(best, time.perf_counter() - start)
        return {"gflops": "%.0f" % (2.0 * side**3 / best / 1e9)}

    @staticmethod
    def inference(net, x):
        def run():
            with torch.inference_mode():
                return net(x)

        return run

    @staticmethod
    def training(net, x, precision):
        decayed = [p for n, p in net.named_parameters() if n.endswith("conv.weight")]
        others = [p for n, p in net.named_parameters() if not n.endswith("conv.weight")]
        groups = [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
        optimizer = torch.optim.SGD(groups, lr=RATE, momentum=MOMENTUM)
        mixed = precision == "fp16"
        scaler = torch.amp.GradScaler(DEVICE.type, enabled=mixed)

        def run():
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(DEVICE.type, dtype=torch.float16, enabled=mixed):
                heads = net(x)
            loss = sum((head.float() ** 2).sum() for head in heads) * (1e-3 / x.shape[0])
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()

        return run

    def turn(self, precision, seconds):
        self.choose(precision)
        step, times = self.steps[precision], []
        end = time.perf_counter() + float(seconds)
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            step()
            synchronize()
            times.append(time.perf_counter() - start)
        return {"ms": "%.6f" % (1e3 * statistics.median(times)), "runs": len(times)}


def synchronize():
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def main():
    peer = Peer()
    # Whatever libraries print goes to the errors; answers alone go out.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        order, *words = line.rstrip("\n").split("\t")
        try:
            facts = getattr(peer, order)(*words)
            answer = "\t".join(["ok"] + ["%s=%s" % pair for pair in facts.items()])
        except Exception as failure:
            answer = "error\t" + (type(failure).__name__ + ": " + str(failure)).replace("\n", " ").replace("\t", " ")[:300]
        answers.write(answer + "\n")
        answers.flush()


main()

package dev.peregrine.yolo.train;

import dev.peregrine.nn.Moment;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.nn.train.NonFinite;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A mini-batch in a file, bit for bit: what a step that went wrong was computed from, besides the
 * numbers of the network.
 *
 * <p><b>Shapes</b> {@code pictures [N, H, W, 3]}, 0 to 1; {@code labels [boxes, 6]}: picture,
 * class, centre and extents in fractions of the picture.
 *
 * @param found what went wrong with it
 * @param batches mini-batches of an epoch of the run
 */
record KeptBatch(NonFinite<LabelledImage> found, int batches) {
  private static final String PICTURES = "pictures";
  private static final String LABELS = "labels";
  private static final int COLUMNS = 6;

  void write(Path file) {
    List<LabelledImage> whole = found.whole();
    Image first = whole.getFirst().image();
    int size = first.rgb().length;
    float[] pixels = new float[whole.size() * size];
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < whole.size(); i++) {
      System.arraycopy(whole.get(i).image().rgb(), 0, pixels, i * size, size);
      for (Label l : whole.get(i).labels()) {
        rows.add(new double[] {i, l.classIndex(), l.centerX(), l.centerY(), l.width(), l.height()});
      }
    }
    double[] labels = rows.stream().flatMapToDouble(java.util.Arrays::stream).toArray();
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
    int[] shape = {whole.size(), first.height(), first.width(), 3};
    arrays.put(PICTURES, new Safetensors.Array(shape, pixels));
    arrays.put(LABELS, new Safetensors.Array(new int[] {rows.size(), COLUMNS}, labels));
    Moment moment = found.moment();
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("what", found.what());
    texts.put("epoch", String.valueOf(found.epoch()));
    texts.put("batch", String.valueOf(found.batch()));
    texts.put("seed", String.valueOf(moment.seed()));
    texts.put("step", String.valueOf(moment.step()));
    texts.put("first", String.valueOf(moment.first()));
    texts.put("progress", Double.toHexString(moment.progress()));
    texts.put("part", String.valueOf(moment.part()));
    texts.put("batches", String.valueOf(batches));
    texts.put("from", String.valueOf(start()));
    texts.put("count", String.valueOf(found.part().size()));
    new Safetensors(arrays, texts).write(file);
  }

  /** Parts of a batch follow each other. */
  private int start() {
    for (int i = 0; i < found.whole().size(); i++) {
      if (found.whole().get(i) == found.part().getFirst()) {
        return i;
      }
    }
    throw new IllegalArgumentException("a part of a batch holds a picture that the batch lacks");
  }

  /** Reads back what {@link #write} wrote; without the operation where it began. */
  static KeptBatch read(Path file) {
    Safetensors content = Safetensors.read(file);
    Map<String, String> texts = content.metadata();
    if (!(content.arrays().get(PICTURES) instanceof Safetensors.Array(int[] shape, float[] pixels)
        && content.arrays().get(LABELS) instanceof Safetensors.Array(int[] _, double[] labels)
        && shape.length == 4
        && texts.containsKey("what"))) {
      throw new FormatException(
          file + ": is not a batch that a run kept when its numbers were no longer finite");
    }
    List<List<Label>> boxes = new ArrayList<>();
    for (int i = 0; i < shape[0]; i++) {
      boxes.add(new ArrayList<>());
    }
    for (int at = 0; at < labels.length; at += COLUMNS) {
      boxes
          .get((int) labels[at])
          .add(
              new Label(
                  (int) labels[at + 1],
                  labels[at + 2],
                  labels[at + 3],
                  labels[at + 4],
                  labels[at + 5]));
    }
    List<LabelledImage> whole = new ArrayList<>();
    int size = shape[1] * shape[2] * 3;
    for (int i = 0; i < shape[0]; i++) {
      Image image = new Image(shape[2], shape[1]);
      System.arraycopy(pixels, i * size, image.rgb(), 0, size);
      whole.add(new LabelledImage(image, boxes.get(i)));
    }
    try {
      Moment moment =
          new Moment(
              Long.parseLong(texts.getOrDefault("seed", "")),
              Long.parseLong(texts.getOrDefault("step", "")),
              Boolean.parseBoolean(texts.get("first")),
              Double.parseDouble(texts.getOrDefault("progress", "")),
              Integer.parseInt(texts.getOrDefault("part", "")));
      int from = Integer.parseInt(texts.getOrDefault("from", ""));
      int count = Integer.parseInt(texts.getOrDefault("count", ""));
      NonFinite<LabelledImage> found =
          new NonFinite<>(
              texts.getOrDefault("what", ""),
              null,
              Integer.parseInt(texts.getOrDefault("epoch", "")),
              Integer.parseInt(texts.getOrDefault("batch", "")),
              moment,
              whole.subList(from, from + count),
              whole);
      return new KeptBatch(found, Integer.parseInt(texts.getOrDefault("batches", "")));
    } catch (NumberFormatException | IndexOutOfBoundsException damage) {
      throw new FormatException(file + ": a position of the kept batch is damaged", damage);
    }
  }
}

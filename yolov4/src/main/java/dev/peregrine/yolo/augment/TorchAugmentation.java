package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Axis;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Resampler;
import dev.peregrine.yolo.image.Resize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The PyTorch programs' training pictures: four pictures on a canvas of twice the extents (or one,
 * letterboxed), a random affine map onto the network's extents, colours, mirroring.
 *
 * <p>Boxes of which too little is left (under two pixels, under a fifth of the area, or longer than
 * twenty times their width) are dropped. Pictures are scaled so that they just fit the network's
 * extents, which the programs do for squares.
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code LoadImagesAndLabels}, {@code load_mosaic}.
 *
 * @param settings how much is changed
 */
public record TorchAugmentation(TorchSettings settings) implements Augmentation {
  private static final int MIXUP_SHAPE = 8;

  @Override
  public LabelledImage make(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    LabelledImage made = warped(source, index, width, height, random);
    Image image = made.image();
    List<Label> labels = made.labels();
    if (random.nextDouble() < settings.mixup()) {
      LabelledImage other = warped(source, random.nextInt(source.size()), width, height, random);
      Mixtures.blend(image, other.image(), (float) Randomness.beta(random, MIXUP_SHAPE));
      labels = new ArrayList<>(labels);
      labels.addAll(other.labels());
    }
    Hsv.torch(random, settings.hsvH(), settings.hsvS(), settings.hsvV())
        .apply(image, 0, 0, width, height);
    if (random.nextDouble() < settings.flipUpDown()) {
      flipUpDown(image);
      labels = Boxes.flipUpDown(labels);
    }
    if (random.nextDouble() < settings.flipLeftRight()) {
      flipLeftRight(image);
      labels = Boxes.flipLeftRight(labels);
    }
    return new LabelledImage(image, labels);
  }

  /** A box in pixels of the canvas. */
  private record Placed(int classIndex, double x1, double y1, double x2, double y2) {}

  private LabelledImage warped(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    List<Placed> placed = new ArrayList<>();
    boolean four = random.nextDouble() < settings.mosaic();
    Image canvas =
        four
            ? mosaic(source, index, width, height, placed, random)
            : single(source, index, width, height, placed);
    Affine affine = Affine.draw(settings, canvas.width(), canvas.height(), width, height, random);
    List<Label> labels = new ArrayList<>();
    for (Placed box : placed) {
      Label label = affine.map(box.classIndex, box.x1, box.y1, box.x2, box.y2, width, height);
      if (label != null) {
        labels.add(label);
      }
    }
    return new LabelledImage(affine.warp(canvas, width, height, Resize.TORCH_GREY), labels);
  }

  private static Image single(
      PictureSource source, int index, int width, int height, List<Placed> placed) {
    LabelledImage plain =
        new PlainAugmentation(Resize.TORCH_LETTERBOX)
            .make(source, index, width, height, new SplittableRandom(0));
    for (Label label : plain.labels()) {
      placed.add(
          new Placed(
              label.classIndex(),
              label.left() * width,
              label.top() * height,
              label.right() * width,
              label.bottom() * height));
    }
    return plain.image();
  }

  private Image mosaic(
      PictureSource source,
      int index,
      int width,
      int height,
      List<Placed> placed,
      SplittableRandom random) {
    Image canvas = new Image(2 * width, 2 * height);
    Arrays.fill(canvas.rgb(), Resize.TORCH_GREY);
    int centreX = width;
    int centreY = height;
    if (settings.movingCentre()) {
      centreX = (int) Randomness.between(random, width / 2.0, width * 1.5);
      centreY = (int) Randomness.between(random, height / 2.0, height * 1.5);
    }
    for (int i = 0; i < 4; i++) {
      int chosen = i == 0 ? index : random.nextInt(source.size());
      ByteImage picture = source.picture(chosen);
      double fit = Math.min(width / (double) picture.width(), height / (double) picture.height());
      int w = Math.max(1, (int) (picture.width() * fit));
      int h = Math.max(1, (int) (picture.height() * fit));
      // Where the whole scaled picture would lie: one of its corners at the centre.
      int left = i % 2 == 0 ? centreX - w : centreX;
      int top = i < 2 ? centreY - h : centreY;
      int x1 = Math.max(0, left);
      int y1 = Math.max(0, top);
      int x2 = Math.min(canvas.width(), left + w);
      int y2 = Math.min(canvas.height(), top + h);
      Axis columns = Axis.halfPixel(picture.width(), w).slice(x1 - left, x2 - left);
      Axis rows = Axis.halfPixel(picture.height(), h).slice(y1 - top, y2 - top);
      Resampler.into(canvas, x1, y1, picture, columns, rows, 0, 0, 0);
      for (Label label : source.labels(chosen)) {
        placed.add(
            new Placed(
                label.classIndex(),
                Math.clamp(left + label.left() * w, 0, 2.0 * width),
                Math.clamp(top + label.top() * h, 0, 2.0 * height),
                Math.clamp(left + label.right() * w, 0, 2.0 * width),
                Math.clamp(top + label.bottom() * h, 0, 2.0 * height)));
      }
    }
    return canvas;
  }

  private static void flipUpDown(Image image) {
    float[] rgb = image.rgb();
    int row = image.width() * 3;
    float[] kept = new float[row];
    for (int y = 0; y < image.height() / 2; y++) {
      int other = (image.height() - 1 - y) * row;
      System.arraycopy(rgb, y * row, kept, 0, row);
      System.arraycopy(rgb, other, rgb, y * row, row);
      System.arraycopy(kept, 0, rgb, other, row);
    }
  }

  private static void flipLeftRight(Image image) {
    float[] rgb = image.rgb();
    int row = image.width() * 3;
    for (int y = 0; y < image.height(); y++) {
      int left = y * row;
      int right = left + row - 3;
      for (; left < right; left += 3, right -= 3) {
        for (int k = 0; k < 3; k++) {
          float value = rgb[left + k];
          rgb[left + k] = rgb[right + k];
          rgb[right + k] = value;
        }
      }
    }
  }
}

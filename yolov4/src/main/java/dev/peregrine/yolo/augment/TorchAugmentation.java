package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Resize;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The PyTorch programs' training pictures: four or nine pictures on a canvas of twice the extents
 * (or one, letterboxed), a random map onto the network's extents, mixing, colours, mirroring, and
 * then the effects.
 *
 * <p>Boxes of which too little is left (under two pixels, under a fifth of the area, or longer than
 * twenty times their width) are dropped. Pictures are scaled so that they just fit the network's
 * extents, which the programs do for squares.
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code LoadImagesAndLabels}.
 *
 * @param settings how much is changed
 */
public record TorchAugmentation(TorchSettings settings) implements Augmentation {
  private static final int MIXUP_SHAPE = 8;

  @Override
  public Augmentation during(long epoch, long epochs) {
    return new TorchAugmentation(settings.during(epoch, epochs));
  }

  @Override
  public LabelledImage make(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    LabelledImage made = warped(source, index, width, height, random);
    Image image = made.image();
    List<Label> labels = made.labels();
    double choice = random.nextDouble();
    if (choice < settings.mixup()) {
      LabelledImage other = warped(source, random.nextInt(source.size()), width, height, random);
      Mixtures.blend(image, other.image(), (float) Randomness.beta(random, MIXUP_SHAPE));
      labels = new ArrayList<>(labels);
      labels.addAll(other.labels());
    } else if (choice < settings.mixup() + (1 - settings.mixup()) * settings.cutmix()) {
      LabelledImage other = warped(source, random.nextInt(source.size()), width, height, random);
      labels = CutMix.draw(width, height, random).paste(made, other);
    }
    Hsv.torch(random, settings.hsvH(), settings.hsvS(), settings.hsvV())
        .apply(image, 0, 0, width, height);
    if (random.nextDouble() < settings.flipUpDown()) {
      Mixtures.flipUpDown(image);
      labels = Boxes.flipUpDown(labels);
    }
    if (random.nextDouble() < settings.flipLeftRight()) {
      Mixtures.flipLeftRight(image);
      labels = Boxes.flipLeftRight(labels);
    }
    return new LabelledImage(image, settings.effects().apply(image, labels, random));
  }

  private LabelledImage warped(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    return random.nextDouble() < settings.mosaic()
        ? mosaic(source, index, width, height, random)
        : single(source, index, width, height, random);
  }

  private LabelledImage single(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    LabelledImage plain =
        new PlainAugmentation(Resize.TORCH_LETTERBOX).make(source, index, width, height, random);
    Projection map = Projection.draw(settings, width, height, width, height, random);
    List<TorchCanvas.Placed> boxes = new ArrayList<>();
    for (Label label : plain.labels()) {
      boxes.add(
          new TorchCanvas.Placed(
              label.classIndex(),
              label.left() * width,
              label.top() * height,
              label.right() * width,
              label.bottom() * height));
    }
    Image image =
        map.isStill() ? plain.image() : map.warp(plain.image(), width, height, Resize.TORCH_GREY);
    return new LabelledImage(image, labels(map, boxes, width, height));
  }

  private LabelledImage mosaic(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    boolean nine = settings.mosaic9() > 0 && random.nextDouble() < settings.mosaic9();
    Projection map = Projection.draw(settings, 2 * width, 2 * height, width, height, random);
    Projection.Window window = map.window(2 * width, 2 * height, width, height);
    TorchCanvas canvas = new TorchCanvas(2 * width, 2 * height, window);
    if (nine) {
      canvas.nine(source, index, random);
    } else if (settings.movingCentre()) {
      int x = (int) Randomness.between(random, width / 2.0, width * 1.5);
      int y = (int) Randomness.between(random, height / 2.0, height * 1.5);
      canvas.four(source, index, x, y, random);
    } else {
      canvas.four(source, index, width, height, random);
    }
    Image image =
        map.from(window.left(), window.top())
            .warp(canvas.image(), width, height, Resize.TORCH_GREY);
    return new LabelledImage(image, labels(map, canvas.boxes(), width, height));
  }

  private static List<Label> labels(
      Projection map, List<TorchCanvas.Placed> boxes, int width, int height) {
    List<Label> labels = new ArrayList<>();
    for (TorchCanvas.Placed box : boxes) {
      Label label =
          map.map(box.classIndex(), box.x1(), box.y1(), box.x2(), box.y2(), width, height);
      if (label != null) {
        labels.add(label);
      }
    }
    return labels;
  }
}

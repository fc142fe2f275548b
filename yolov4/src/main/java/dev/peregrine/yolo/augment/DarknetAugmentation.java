package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Axis;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Resampler;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Darknet's training pictures: each picture is cropped or padded at random, stretched to the
 * network's extents, mirrored and recoloured; four of them may be joined at a random cut point.
 *
 * <p>Beyond the picture its mean colour stands. Boxes thinner than a pixel of the network are
 * dropped. Where darknet decides on mixing for a whole load of pictures, here each picture decides.
 *
 * <p><b>Source</b> darknet {@code load_data_detection}, {@code blend_truth_mosaic}.
 *
 * @param settings how much is changed
 */
public record DarknetAugmentation(DarknetSettings settings) implements Augmentation {
  private static final double FIRST_CUT = 0.2;
  private static final double LAST_CUT = 0.8;

  @Override
  public LabelledImage make(
      PictureSource source, int index, int width, int height, SplittableRandom random) {
    Image image = new Image(width, height);
    List<Label> labels = new ArrayList<>();
    double choice = random.nextDouble();
    if (choice < settings.mosaic()) {
      mosaic(source, index, image, labels, random);
    } else {
      single(source, index, image, labels, random);
      if (choice < settings.mosaic() + (1 - settings.mosaic()) * settings.mixup()) {
        Image other = new Image(width, height);
        single(source, random.nextInt(source.size()), other, labels, random);
        Mixtures.blend(image, other, 0.5f);
      }
    }
    return new LabelledImage(image, Boxes.limit(labels, settings.maxBoxes(), random));
  }

  private void single(
      PictureSource source, int index, Image image, List<Label> labels, SplittableRandom random) {
    ByteImage picture = source.picture(index);
    int width = image.width();
    int height = image.height();
    DarknetCrop crop =
        DarknetCrop.draw(settings, picture.width(), picture.height(), width, height, random);
    Part part = new Part(0, 0, width, height, 0, 0);
    paint(picture, crop, part, image, random);
    move(source.labels(index), crop, part, width, height, labels);
  }

  private void mosaic(
      PictureSource source, int index, Image image, List<Label> labels, SplittableRandom random) {
    int width = image.width();
    int height = image.height();
    int cutX = (int) (width * Randomness.between(random, FIRST_CUT, LAST_CUT));
    int cutY = (int) (height * Randomness.between(random, FIRST_CUT, LAST_CUT));
    for (int i = 0; i < 4; i++) {
      boolean onLeft = i % 2 == 0;
      boolean onTop = i < 2;
      int chosen = i == 0 ? index : random.nextInt(source.size());
      ByteImage picture = source.picture(chosen);
      DarknetCrop crop =
          DarknetCrop.draw(settings, picture.width(), picture.height(), width, height, random);
      if (random.nextBoolean()) {
        crop = crop.toCorner(onLeft, onTop);
      }
      // The part shows the picture's corner that points to the cut; added border is skipped there.
      int fromX =
          onLeft
              ? width - cutX - Math.min(width - cutX, crop.shownRightBorder(width))
              : Math.min(cutX, crop.shownLeftBorder(width));
      int fromY =
          onTop
              ? height - cutY - Math.min(height - cutY, crop.shownBottomBorder(height))
              : Math.min(cutY, crop.shownTopBorder(height));
      Part part =
          new Part(
              onLeft ? 0 : cutX,
              onTop ? 0 : cutY,
              onLeft ? cutX : width,
              onTop ? cutY : height,
              fromX,
              fromY);
      paint(picture, crop, part, image, random);
      move(source.labels(chosen), crop, part, width, height, labels);
    }
  }

  /** A rectangle of the result, and where in the stretched crop it begins. */
  private record Part(int left, int top, int right, int bottom, int fromX, int fromY) {}

  private void paint(
      ByteImage picture, DarknetCrop crop, Part part, Image image, SplittableRandom random) {
    Hsv colours = Hsv.darknet(random, settings.hue(), settings.saturation(), settings.exposure());
    if (part.right == part.left || part.bottom == part.top) {
      return;
    }
    Axis columns =
        crop.columns(image.width()).slice(part.fromX, part.fromX + part.right - part.left);
    Axis rows = crop.rows(image.height()).slice(part.fromY, part.fromY + part.bottom - part.top);
    float[] fill = crop.showsBorder() ? Mixtures.meanColour(picture) : new float[3];
    Resampler.into(image, part.left, part.top, picture, columns, rows, fill);
    colours.apply(image, part.left, part.top, part.right, part.bottom);
  }

  private void move(
      List<Label> labels, DarknetCrop crop, Part part, int width, int height, List<Label> result) {
    boolean bound = settings.mosaicBound();
    for (Label label : labels) {
      Label mapped = crop.map(label);
      double dx = part.left - part.fromX;
      double dy = part.top - part.fromY;
      // First cut to the crop, then to the part (or the result).
      double left = Math.max(0, mapped.left()) * width + dx;
      double right = Math.min(1, mapped.right()) * width + dx;
      double top = Math.max(0, mapped.top()) * height + dy;
      double bottom = Math.min(1, mapped.bottom()) * height + dy;
      left = Math.max(left, bound ? part.left : 0);
      top = Math.max(top, bound ? part.top : 0);
      right = Math.min(right, bound ? part.right : width);
      bottom = Math.min(bottom, bound ? part.bottom : height);
      if (right - left >= 1 && bottom - top >= 1) {
        result.add(
            Label.ofEdges(
                label.classIndex(), left / width, top / height, right / width, bottom / height));
      }
    }
  }
}

package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.augment.effect.Blur;
import dev.peregrine.yolo.augment.effect.Noise;
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
 * network's extents, mirrored, recoloured, blurred and made noisy; four of them may be joined at a
 * random cut point, or two laid over each other, or a part of one pasted into another.
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

  /** Extent of the kernel that blurs backgrounds. */
  private static final int BACKGROUND_BLUR = 17;

  /** Objects smaller than this many times the blur keep a whole picture sharp. */
  private static final int BLURRED_SIDE = 8;

  @Override
  public Augmentation during(long epoch, long epochs) {
    return new DarknetAugmentation(settings.during(epoch, epochs));
  }

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
      } else if (random.nextDouble() < settings.cutmix()) {
        Image other = new Image(width, height);
        List<Label> others = new ArrayList<>();
        single(source, random.nextInt(source.size()), other, others, random);
        labels =
            CutMix.draw(width, height, random)
                .paste(new LabelledImage(image, labels), new LabelledImage(other, others));
      }
    }
    List<Label> left = settings.effects().apply(image, labels, random);
    return new LabelledImage(image, Boxes.limit(left, settings.maxBoxes(), random));
  }

  private void single(
      PictureSource source, int index, Image image, List<Label> labels, SplittableRandom random) {
    ByteImage picture = source.picture(index);
    int width = image.width();
    int height = image.height();
    DarknetCrop crop =
        DarknetCrop.draw(settings, picture.width(), picture.height(), width, height, random);
    Part part = new Part(0, 0, width, height, 0, 0);
    List<Label> shown = shown(source.labels(index), crop, part, width, height);
    paint(picture, crop, part, image, shown, random);
    labels.addAll(shown);
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
      List<Label> shown = shown(source.labels(chosen), crop, part, width, height);
      paint(picture, crop, part, image, shown, random);
      labels.addAll(shown);
    }
  }

  /** A rectangle of the result, and where in the stretched crop it begins. */
  private record Part(int left, int top, int right, int bottom, int fromX, int fromY) {}

  private void paint(
      ByteImage picture,
      DarknetCrop crop,
      Part part,
      Image image,
      List<Label> shown,
      SplittableRandom random) {
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
    blur(part, image, shown, random);
    if (settings.gaussianNoise() > 0 && random.nextBoolean()) {
      double sigma = settings.gaussianNoise() / 255;
      Noise.gaussian(image, part.left, part.top, part.right, part.bottom, sigma, random);
    }
  }

  /** Where four pictures are joined, each is blurred within its own part. */
  private void blur(Part part, Image image, List<Label> shown, SplittableRandom random) {
    int kind = settings.blur() > 0 ? random.nextInt(3) : 0;
    if (kind == 1) {
      float[] sharp = image.rgb().clone();
      Blur.gaussian(
          image, part.left, part.top, part.right, part.bottom, Blur.sigma(BACKGROUND_BLUR));
      for (Label label : shown) {
        Mixtures.copy(sharp, image, label);
      }
    } else if (kind == 2 && settings.blur() > 1 && blurs(image, shown)) {
      int size = settings.blur() / 2 * 2 + 1;
      Blur.gaussian(image, part.left, part.top, part.right, part.bottom, Blur.sigma(size));
    }
  }

  /** Whether no object is so small that blur would wipe it out. */
  private boolean blurs(Image image, List<Label> shown) {
    return shown.stream()
        .allMatch(label ->
            Math.min(label.width() * image.width(), label.height() * image.height())
                >= BLURRED_SIDE * settings.blur());
  }

  /** The labels as far as a part of the result shows them. */
  private List<Label> shown(
      List<Label> labels, DarknetCrop crop, Part part, int width, int height) {
    List<Label> result = new ArrayList<>();
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
    return result;
  }
}

package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Axis;
import java.util.SplittableRandom;

/**
 * The stretch of a picture that darknet's random geometry shows: how many pixels are cut at each
 * edge (negative: added), and whether it is mirrored.
 *
 * <p><b>Source</b> darknet {@code load_data_detection}.
 */
record DarknetCrop(int width, int height, int left, int right, int top, int bottom, boolean flip) {

  /** Draws a crop for a picture of {@code width x height} shown in a network's input. */
  static DarknetCrop draw(
      DarknetSettings settings,
      int width,
      int height,
      int networkWidth,
      int networkHeight,
      SplittableRandom random) {
    double byX = settings.jitter() * width;
    double byY = settings.jitter() * height;
    double left = Randomness.between(random, -byX, byX);
    double right = Randomness.between(random, -byX, byX);
    double top = Randomness.between(random, -byY, byY);
    double bottom = Randomness.between(random, -byY, byY);
    if (settings.resize() != 1) {
      double factor = Math.max(settings.resize(), 1 / settings.resize());
      double first = Randomness.between(random, (1 - factor) / 2, (1 - 1 / factor) / 2);
      double second = Randomness.between(random, (1 - factor) / 2, (1 - 1 / factor) / 2);
      left += first * width;
      top += first * height;
      right += second * width;
      bottom += second * height;
    }
    if (settings.letterBox()) {
      double wanted = networkWidth / (double) networkHeight;
      double moreX = Math.max(0, (height * wanted - width) / 2);
      double moreY = Math.max(0, (width / wanted - height) / 2);
      left -= moreX;
      right -= moreX;
      top -= moreY;
      bottom -= moreY;
    }
    boolean flip = settings.flip() && random.nextBoolean();
    return new DarknetCrop(width, height, (int) left, (int) right, (int) top, (int) bottom, flip)
        .sound();
  }

  /** Jitter and zoom together may cut nearly all of a small picture: then an edge stays. */
  private DarknetCrop sound() {
    boolean wide = width - left - right >= 1;
    boolean high = height - top - bottom >= 1;
    return wide && high
        ? this
        : new DarknetCrop(
            width,
            height,
            wide ? left : 0,
            wide ? right : 0,
            high ? top : 0,
            high ? bottom : 0,
            flip);
  }

  /** Moves the cut of two edges to the opposite ones, so that one corner of the picture shows. */
  DarknetCrop toCorner(boolean showLeft, boolean showTop) {
    // Of a mirrored picture the left shows on the right.
    boolean keepLeft = showLeft != flip;
    return new DarknetCrop(
        width,
        height,
        keepLeft ? 0 : left + right,
        keepLeft ? left + right : 0,
        showTop ? 0 : top + bottom,
        showTop ? top + bottom : 0,
        flip);
  }

  /** Border that was added on the shown left, in pixels of a network's input. */
  int shownLeftBorder(int networkWidth) {
    return border(flip ? right : left, networkWidth, width);
  }

  int shownRightBorder(int networkWidth) {
    return border(flip ? left : right, networkWidth, width);
  }

  int shownTopBorder(int networkHeight) {
    return border(top, networkHeight, height);
  }

  int shownBottomBorder(int networkHeight) {
    return border(bottom, networkHeight, height);
  }

  private static int border(int cut, int network, int picture) {
    return (int) Math.max(0, -(long) cut * network / picture);
  }

  /** True when the crop reaches beyond the picture. */
  boolean showsBorder() {
    return left < 0 || right < 0 || top < 0 || bottom < 0;
  }

  Axis columns(int networkWidth) {
    Axis axis = Axis.crop(width, left, width - left - right, networkWidth);
    return flip ? axis.reversed() : axis;
  }

  Axis rows(int networkHeight) {
    return Axis.crop(height, top, height - top - bottom, networkHeight);
  }

  /** The label in fractions of the crop, not cut. */
  Label map(Label label) {
    double shownWidth = width - left - right;
    double shownHeight = height - top - bottom;
    double x = (label.centerX() * width - left) / shownWidth;
    double y = (label.centerY() * height - top) / shownHeight;
    return new Label(
        label.classIndex(),
        flip ? 1 - x : x,
        y,
        label.width() * width / shownWidth,
        label.height() * height / shownHeight);
  }
}

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
 * The canvas on which the PyTorch programs lay four or nine pictures, twice as wide and high as the
 * result; only the part that the result shows is painted.
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code load_mosaic}, {@code load_mosaic9}.
 */
final class TorchCanvas {
  /** A box in pixels of the canvas. */
  record Placed(int classIndex, double x1, double y1, double x2, double y2) {}

  private final int width;
  private final int height;
  private final Projection.Window window;
  private final Image image;
  private final List<Placed> boxes = new ArrayList<>();

  /**
   * A grey canvas.
   *
   * @param width of the whole canvas
   * @param height of the whole canvas
   * @param window the part that is painted
   */
  TorchCanvas(int width, int height, Projection.Window window) {
    this.width = width;
    this.height = height;
    this.window = window;
    this.image = new Image(window.width(), window.height());
    Arrays.fill(image.rgb(), Resize.TORCH_GREY);
  }

  /** The painted part. */
  Image image() {
    return image;
  }

  /** The boxes of all pictures, cut to the canvas. */
  List<Placed> boxes() {
    return boxes;
  }

  /** Four pictures that meet at a point. */
  void four(PictureSource source, int index, int centreX, int centreY, SplittableRandom random) {
    for (int i = 0; i < 4; i++) {
      Tile tile = tile(source, i == 0 ? index : random.nextInt(source.size()));
      place(
          tile,
          i % 2 == 0 ? centreX - tile.width : centreX,
          i < 2 ? centreY - tile.height : centreY,
          source);
    }
  }

  /**
   * One picture, and eight around it clockwise from above, each joined to the one before; the
   * canvas is a random part of that.
   */
  void nine(PictureSource source, int index, SplittableRandom random) {
    int side = width / 2;
    int rise = height / 2;
    int cutX = random.nextInt(side);
    int cutY = random.nextInt(rise);
    // The corner of the first picture in the canvas, and what the next ones are joined to.
    int x = side - cutX;
    int y = rise - cutY;
    Tile first = tile(source, index);
    place(first, x, y, source);
    Tile before = first;
    for (int i = 1; i < 9; i++) {
      Tile tile = tile(source, random.nextInt(source.size()));
      int farX = x + first.width;
      int farY = y + first.height;
      int left =
          switch (i) {
            case 1 -> x;
            case 2 -> x + before.width;
            case 3, 4 -> farX;
            case 5 -> farX - tile.width;
            case 6 -> farX - before.width - tile.width;
            default -> x - tile.width;
          };
      int top =
          switch (i) {
            case 1, 2 -> y - tile.height;
            case 3 -> y;
            case 4 -> y + before.height;
            case 5, 6 -> farY;
            case 7 -> farY - tile.height;
            default -> farY - before.height - tile.height;
          };
      place(tile, left, top, source);
      before = tile;
    }
  }

  /** A picture and the extents at which it just fits the result. */
  private record Tile(int chosen, ByteImage picture, int width, int height) {}

  private Tile tile(PictureSource source, int chosen) {
    ByteImage picture = source.picture(chosen);
    int shownWidth = width / 2;
    int shownHeight = height / 2;
    double fit =
        Math.min(shownWidth / (double) picture.width(), shownHeight / (double) picture.height());
    return new Tile(
        chosen,
        picture,
        Math.max(1, (int) (picture.width() * fit)),
        Math.max(1, (int) (picture.height() * fit)));
  }

  private void place(Tile tile, int left, int top, PictureSource source) {
    int x1 = Math.max(window.left(), left);
    int y1 = Math.max(window.top(), top);
    int x2 = Math.min(window.right(), left + tile.width);
    int y2 = Math.min(window.bottom(), top + tile.height);
    if (x1 < x2 && y1 < y2) {
      Axis columns = Axis.halfPixel(tile.picture.width(), tile.width).slice(x1 - left, x2 - left);
      Axis rows = Axis.halfPixel(tile.picture.height(), tile.height).slice(y1 - top, y2 - top);
      Resampler.into(
          image, x1 - window.left(), y1 - window.top(), tile.picture, columns, rows, 0, 0, 0);
    }
    for (Label label : source.labels(tile.chosen)) {
      double l = Math.clamp(left + label.left() * tile.width, 0, (double) width);
      double t = Math.clamp(top + label.top() * tile.height, 0, (double) height);
      double r = Math.clamp(left + label.right() * tile.width, 0, (double) width);
      double b = Math.clamp(top + label.bottom() * tile.height, 0, (double) height);
      if (l < r && t < b) {
        boxes.add(new Placed(label.classIndex(), l, t, r, b));
      }
    }
  }
}

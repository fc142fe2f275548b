package dev.peregrine.yolo.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoxPainterTest {
  private static final Image GREY = grey(320, 240);

  private static Image grey(int width, int height) {
    Image image = new Image(width, height);
    Arrays.fill(image.rgb(), 0.5f);
    return image;
  }

  private static Detection thing(int classIndex, float score, Box box) {
    return new Detection(classIndex, "thing", score, box);
  }

  /** How many pixels have exactly the colour of a class: its lines and the ground of its name. */
  private static int coloured(BufferedImage picture, int classIndex) {
    int wanted = Palette.of(classIndex).getRGB();
    int count = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        count += picture.getRGB(x, y) == wanted ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void boxesAreDrawnOnACopy() {
    float[] before = GREY.rgb().clone();
    BufferedImage picture =
        BoxPainter.paint(GREY, List.of(thing(0, 0.9f, new Box(100, 80, 220, 180))));
    assertThat(GREY.rgb()).isEqualTo(before);
    assertThat(picture.getWidth()).isEqualTo(320);
    assertThat(picture.getHeight()).isEqualTo(240);
    int red = Palette.of(0).getRGB();
    assertThat(picture.getRGB(160, 179)).as("lower edge").isEqualTo(red);
    assertThat(picture.getRGB(100, 130)).as("left edge").isEqualTo(red);
    assertThat(picture.getRGB(160, 130)).as("inside").isEqualTo(new Color(128, 128, 128).getRGB());
    assertThat(picture.getRGB(100, 72)).as("the name's ground above the box").isEqualTo(red);
  }

  @Test
  void bytesArePaintedAsTheyAre() {
    byte[] rgb = new byte[3 * 256];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 7);
    }
    ByteImage bytes = new ByteImage(16, 16, rgb);
    BufferedImage picture = BoxPainter.paint(bytes, List.of());
    BufferedImage same = BoxPainter.paint(bytes.toImage(), List.of());
    for (int i = 0; i < 256; i++) {
      int wanted =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      assertThat(picture.getRGB(i % 16, i / 16) & 0xffffff).isEqualTo(wanted);
      assertThat(same.getRGB(i % 16, i / 16) & 0xffffff).isEqualTo(wanted);
    }
  }

  /** Wherever the box is, all of its name is seen. */
  @Test
  void namesStayInsideThePicture() {
    int name = coloured(at(100, 80), 0) - coloured(noName(100, 80), 0);
    assertThat(name).isGreaterThan(300);
    int[][] corners = {{0, 0}, {220, 0}, {0, 140}, {220, 140}, {-30, -30}, {270, 190}, {-70, 60}};
    for (int[] corner : corners) {
      // A name that stands inside its box hides a piece of the line.
      assertThat(coloured(at(corner[0], corner[1]), 0) - coloured(noName(corner[0], corner[1]), 0))
          .as("ground of the name of a box at " + corner[0] + ", " + corner[1])
          .isGreaterThan(name * 7 / 10);
    }
  }

  private static BufferedImage at(float x, float y) {
    return BoxPainter.paint(GREY, List.of(thing(0, 0.9f, new Box(x, y, x + 100, y + 100))));
  }

  private static BufferedImage noName(float x, float y) {
    BufferedImage canvas = Images.toBufferedImage(GREY);
    BoxPainter.paint(canvas, List.of(new Mark(0, "", 1, new Box(x, y, x + 100, y + 100))));
    return canvas;
  }

  /** Four detections of one and the same box: every name is readable. */
  @Test
  void namesOfOverlappingBoxesDoNotCoverEachOther() {
    Box box = new Box(100, 60, 240, 200);
    BufferedImage picture =
        BoxPainter.paint(
            GREY,
            List.of(
                thing(0, 0.9f, box),
                thing(1, 0.8f, box),
                thing(2, 0.7f, box),
                thing(3, 0.6f, box)));
    int alone =
        coloured(BoxPainter.paint(GREY, List.of(thing(1, 0.8f, box))), 1)
            - coloured(BoxPainter.paint(GREY, List.of()), 1);
    BufferedImage bare = Images.toBufferedImage(GREY);
    BoxPainter.paint(bare, List.of(new Mark(1, "", 1, box)));
    int name = alone - coloured(bare, 1);
    for (int c = 1; c < 4; c++) {
      assertThat(coloured(picture, c)).as("name of class " + c).isGreaterThan(name * 8 / 10);
    }
  }

  /** A name that is wider than the picture ends in dots, and its score is still there. */
  @Test
  void longNamesLoseTheirEndAndKeepTheirScore() {
    FontMetrics metrics =
        Images.toBufferedImage(GREY).createGraphics().getFontMetrics(new Font("Dialog", 1, 9));
    String name = "a class whose name has many more words than fit 0.93";
    String cut = Lettering.fitting(name, 120, metrics);
    assertThat(cut).startsWith("a class whose").endsWith("… 0.93");
    assertThat(metrics.stringWidth(cut)).isBetween(90, 120);
    assertThat(Lettering.fitting(name, 1000, metrics)).isEqualTo(name);
    assertThat(Lettering.shortened("eosinophilic_granulocyte", 12)).isEqualTo("eosinophili…");
  }

  /** Lines and letters of a picture of 6000 x 4500 are those of a smaller one, seen smaller. */
  @Test
  void hugePicturesHaveLargeLetters() {
    int[] heights = new int[2];
    int[] sides = {1500, 6000};
    for (int i = 0; i < 2; i++) {
      float s = sides[i];
      BufferedImage picture =
          BoxPainter.paint(
              grey(sides[i], sides[i] * 3 / 4),
              List.of(thing(0, 0.9f, new Box(s / 3, s / 3, s / 2, s / 2))));
      for (int y = 0; y < s / 3 - 1; y++) {
        heights[i] += picture.getRGB(sides[i] / 3 + 2, y) == Palette.of(0).getRGB() ? 1 : 0;
      }
    }
    assertThat(heights[1]).as("pixels of a name's height").isGreaterThan(heights[0] * 2);
  }

  @Test
  void anythingCanBeDrawn() {
    BoxPainter.paint(grey(1, 1), List.of(thing(0, 1, new Box(-5, -5, 9, 9))));
    BoxPainter.paint(grey(9, 300), List.of(thing(700, 1, new Box(4, 4, 4, 4))));
    BoxPainter.paint(GREY, List.of(thing(1, 0.5f, new Box(900, 900, 950, 950))));
    assertThat(coloured(BoxPainter.paint(GREY, List.of()), 0)).isEqualTo(0);
  }

  @Test
  void coloursOfClassesDifferAndCarryReadableText() {
    for (int i = 0; i < 20; i++) {
      Color a = Palette.of(i);
      double ground = Palette.luminance(a);
      double text = Palette.luminance(Palette.textOn(a));
      double contrast = (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
      assertThat(contrast).as("class " + i).isGreaterThan(3.5);
      for (int j = 0; j < i; j++) {
        Color b = Palette.of(j);
        int distance =
            Math.abs(a.getRed() - b.getRed())
                + Math.abs(a.getGreen() - b.getGreen())
                + Math.abs(a.getBlue() - b.getBlue());
        assertThat(distance).as(i + " and " + j).isGreaterThan(20);
      }
    }
  }

  /** A picture of 40 x 20 in a place of 80: enlarged twice, 20 rows of ground above and below. */
  @Test
  void sheetsEnlargeAndKeepTheShape() {
    Image wide = new Image(40, 20);
    Arrays.fill(wide.rgb(), 1f);
    Mark mark = Mark.of(new Label(0, 0.5, 0.5, 0.5, 0.5), "", 40, 20);
    assertThat(mark.box()).isEqualTo(new Box(10, 5, 30, 15));
    ContactSheet.Tile tile = new ContactSheet.Tile("", wide, List.of(mark));
    BufferedImage sheet = ContactSheet.of(List.of(tile, tile, tile), 16, 80);
    assertThat(sheet.getWidth()).as("two columns").isEqualTo(6 + 2 * 86);
    assertThat(sheet.getHeight()).as("two rows").isEqualTo(6 + 2 * 86);
    assertThat(sheet.getRGB(6 + 3, 6 + 40)).as("the picture").isEqualTo(Color.WHITE.getRGB());
    assertThat(sheet.getRGB(6 + 3, 6 + 10)).as("above it").isNotEqualTo(Color.WHITE.getRGB());
    assertThat(sheet.getRGB(6 + 20, 6 + 40))
        .as("left edge, 2 * 10 in")
        .isEqualTo(Palette.of(0).getRGB());
    assertThat(ContactSheet.of(List.of(tile, tile, tile), 1, 80).getWidth()).isEqualTo(6 + 86);
    assertThatThrownBy(() -> ContactSheet.of(List.of(), 16, 80)).hasMessageContaining("0 pictures");
  }
}

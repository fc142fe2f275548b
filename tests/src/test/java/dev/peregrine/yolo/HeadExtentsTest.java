package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A head may have other proportions than the picture, and cells smaller than its pixels. */
class HeadExtentsTest {
  /** A box in the middle of each cell of the head. */
  private static List<Detection> boxes(String layer, int height, int width) {
    CfgModel model =
        new CfgModel(
            CfgFile.parse(
                "[net]\nwidth=%d\nheight=%d\nchannels=3\n".formatted(width, height)
                    + "[conv]\nfilters=6\nsize=1\nactivation=linear\n"
                    + layer
                    + "[yolo]\nmask=0\nanchors=.25,.25\nclasses=1\n",
                "odd.cfg"));
    Params params = Models.initialize(model, 1);
    params
        .entries()
        .forEach(entry -> {
          Shape shape = entry.value().shape();
          float[] numbers = new float[shape.size()];
          if (shape.rank() == 1) {
            numbers[4] = 10;
            numbers[5] = 10;
          }
          params.set(entry.path(), Tensor.of(shape, numbers));
        });
    Detector detector =
        Detector.of(model, params)
            .with(
                new Detector.Settings(
                    new InputSize(height, width),
                    model.resize(),
                    0.5f,
                    NonMaximumSuppression.of(NonMaximumSuppression.Kind.PLAIN, 1)));
    return detector.detect(new Image(width, height));
  }

  private static double centerX(Detection detection) {
    return (detection.box().x1() + detection.box().x2()) / 2;
  }

  @Test
  void cellsMayBeWiderThanHigh() {
    List<Detection> found =
        boxes("[maxpool]\nsize=1\nstride_x=4\nstride_y=1\nstride=1\npadding=0\n", 8, 16);
    assertThat(found).hasSize(8 * 4);
    assertThat(found.stream().map(HeadExtentsTest::centerX).distinct().sorted())
        .containsExactly(2.0, 6.0, 10.0, 14.0);
  }

  @Test
  void cellsMayBeSmallerThanPixels() {
    List<Detection> found = boxes("[upsample]\nstride=2\n", 4, 6);
    assertThat(found).hasSize(8 * 12);
    assertThat(found.stream().map(HeadExtentsTest::centerX).distinct().sorted())
        .startsWith(0.25, 0.75, 1.25)
        .endsWith(5.75);
  }
}

package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnchorFitTest {
  /** Anchor 0 of tiny, 10 x 14 pixels, serves no head; 23 x 27 and 344 x 319 each serve one. */
  @Test
  void countsBoxesThatNoHeadIsTaught() {
    Label small = new Label(0, 0.5, 0.5, 10 / 416.0, 14 / 416.0);
    Label middle = new Label(0, 0.5, 0.5, 23 / 416.0, 27 / 416.0);
    Label large = new Label(0, 0.5, 0.5, 344 / 416.0, 319 / 416.0);
    DataSet data =
        new DataSet(
            List.of("thing"), List.of(new Sample(Path.of("a.jpg"), List.of(small, middle, large))));
    AnchorFit fit = AnchorFit.of(new YoloV4Tiny(1), data, InputSize.square(416));
    assertThat(fit).isEqualTo(new AnchorFit(3, 1));
    assertThat(fit.warning()).startsWith("1 of 3 boxes");
    assertThat(AnchorFit.of(new YoloV4Tiny(1), data, InputSize.square(1024)).warning()).isEmpty();
  }
}

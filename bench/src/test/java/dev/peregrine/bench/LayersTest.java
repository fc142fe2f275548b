package dev.peregrine.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.device.Signature;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The file of layers says what it should. */
class LayersTest {
  @Test
  void everyLineIsReadAsItStands() {
    for (Layer layer : Layers.all()) {
      assertThat(Layer.parse(layer.toString())).isEqualTo(layer);
    }
  }

  @Test
  void convolutionsOfTinyDoSevenBillionOperations() {
    long flops = 0;
    for (Layer layer : Layers.of("tiny")) {
      if (Kind.FORWARD.covers(layer)) {
        Kind.Task task = Kind.FORWARD.task(layer, 1);
        flops += layer.count() * task.op().flops(task.inputs(), task.op().infer(task.inputs()));
      }
    }
    // What darknet prints for yolov4-tiny: 6.91 BFLOPs, its poolings included.
    assertThat(flops / 1e9).isBetween(6.89, 6.92);
  }

  @Test
  void everyKindObeysTheShapeLaws() {
    for (Layer layer : Layers.all()) {
      for (Kind kind : Kind.values()) {
        if (kind.covers(layer)) {
          Kind.Task task = kind.task(layer, 2);
          List<?> outputs = Signature.of(task.op(), task.inputs()).outputs();
          assertThat(outputs).as("%s of %s", kind, layer).isNotEmpty();
        }
      }
    }
  }
}

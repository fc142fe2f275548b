package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

class CfgFileTest {
  private final CfgFile cfg = SmallCfg.cfg();

  private static Layer.Place place(int index, int line, String kind, FeatureMap input) {
    return new Layer.Place(index, line, kind, input);
  }

  @Test
  void readsEveryKindOfLayer() {
    FeatureMap stem = new FeatureMap(16, 32, 8);
    FeatureMap wide = new FeatureMap(16, 16, 16);
    FeatureMap half = new FeatureMap(8, 8, 16);
    FeatureMap thin = wide.withChannels(8);
    assertThat(cfg.layers().subList(0, 9))
        .containsExactly(
            new Layer.Convolutional(
                place(0, 13, "convolutional", new FeatureMap(32, 64, 3)),
                8,
                3,
                2,
                2,
                1,
                1,
                1,
                Activation.LEAKY,
                true,
                false,
                0),
            new Layer.Convolutional(
                place(1, 21, "convolutional", stem),
                16,
                3,
                1,
                2,
                2,
                2,
                4,
                Activation.MISH,
                false,
                false,
                0),
            new Layer.MaxPool(place(2, 31, "maxpool", wide), 2, 2, 2, 1),
            new Layer.Upsample(place(3, 35, "upsample", half), 2, 1),
            new Layer.Route(place(4, 38, "route", wide), List.of(3, 1), 2, 1, wide),
            new Layer.Convolutional(
                place(5, 43, "convolutional", wide),
                8,
                1,
                1,
                1,
                0,
                1,
                1,
                Activation.LINEAR,
                true,
                false,
                0),
            new Layer.Shortcut(
                place(6, 48, "shortcut", thin), List.of(4), Activation.MISH, ShortcutWeights.NONE),
            new Layer.Dropout(place(7, 52, "dropout", thin), 0.25, 0),
            new Layer.Convolutional(
                place(8, 55, "convolutional", thin),
                14,
                1,
                1,
                1,
                0,
                1,
                1,
                Activation.LINEAR,
                false,
                false,
                0));
    assertThat(cfg.layers().get(8).output()).isEqualTo(new FeatureMap(16, 16, 14));
  }

  @Test
  void aBlankBetweenAnchorsIsAComma() {
    CfgFile blank = SmallCfg.with("10,14,  23,27,", "10,14  23,27,");
    assertThat(blank.heads().getFirst().head()).isEqualTo(cfg.heads().getFirst().head());
  }

  @Test
  void masksMayNameAnchorsBeyondNum() {
    CfgFile more = SmallCfg.with("num=3", "num=2");
    assertThat(more.heads().getFirst().head()).isEqualTo(cfg.heads().getFirst().head());
  }

  @Test
  void readsTheHead() {
    Layer.Yolo head = cfg.heads().getFirst();
    assertThat(cfg.heads()).hasSize(1);
    assertThat(head.index()).isEqualTo(9);
    assertThat(head.head())
        .isEqualTo(
            new HeadSpec(
                2,
                List.of(new Anchor(10, 14), new Anchor(23, 27), new Anchor(37.5, 58)),
                List.of(1, 2),
                1.05,
                false,
                new HeadTraining(
                    0.5, 1, 1, IouLoss.CIOU, 0.75, 1, 1, Double.POSITIVE_INFINITY, false, 0)));
    assertThat(head.options())
        .isEqualTo(new YoloOptions(NonMaximumSuppression.Kind.GREEDY, 0.6, 200, 0.2, 1, 1));
  }

  @Test
  void readsTheNetWithDarknetsDefaults() {
    Net net = cfg.net();
    assertThat(net.input()).isEqualTo(new FeatureMap(32, 64, 3));
    assertThat(net.letterBox()).isFalse();
    assertThat(net.batch()).isEqualTo(64);
    assertThat(net.subdivisions()).isEqualTo(1);
    assertThat(net.optimisation())
        .isEqualTo(
            new Net.Optimisation(
                0.001,
                0.9,
                0.0001,
                0,
                4,
                0,
                new Net.Policy.Steps(List.of(400, 450), List.of(0.1, 0.2)),
                0,
                null));
    assertThat(net.augmentation())
        .isEqualTo(
            new Net.Augmentation(
                0, 1, 1, 1, 0, 64, 128, true, 0, 0, 0, false, false, 0, 32, false, false, 0,
                false));
  }

  @Test
  void saysWhichOfTwoEqualKeysCounts() {
    assertThat(cfg.warnings())
        .containsExactly("small.cfg:10: batch=8 in [net] is given twice; the first one counts");
  }

  @Test
  void countsWeightsAndCost() {
    // stem 3*8*9 + 2*8, grouped 2*16*9 + 16, 1x1 16*8 + 2*8, head 8*14 + 14
    assertThat(cfg.parameters()).isEqualTo(232 + 304 + 144 + 126);
    assertThat(cfg.storedFloats()).isEqualTo(cfg.parameters() + 2 * 8 + 2 * 8);
    double convolutions = 2.0 * (216 * 16 * 32 + 288 * 256 + 128 * 256 + 112 * 256);
    double others = 4 * 8 * 8 * 16 + 16 * 16 * 8;
    assertThat(cfg.bflops()).isCloseTo((convolutions + others) / 1e9, within(1e-12));
  }

  @Test
  void writesATextThatReadsTheSame() {
    CfgFile again = CfgFile.parse(cfg.toText(), "again.cfg");
    assertThat(again.toText()).isEqualTo(cfg.toText());
    assertThat(again.net().optimisation()).isEqualTo(cfg.net().optimisation());
    assertThat(again.layers()).hasSameSizeAs(cfg.layers());
    for (int i = 0; i < cfg.layers().size(); i++) {
      assertThat(again.layers().get(i))
          .usingRecursiveComparison()
          .ignoringFields("line", "place.line")
          .isEqualTo(cfg.layers().get(i));
    }
    assertThat(cfg.toText()).startsWith("[net]\nbatch=64\nwidth=64\nheight=32\n");
  }

  @Test
  void readsWindowsLineEndsAndAByteOrderMark() {
    CfgFile windows = CfgFile.parse("\uFEFF" + SmallCfg.TEXT.replace("\n", "\r\n"), "small.cfg");
    assertThat(windows.layers()).isEqualTo(cfg.layers());
  }

  @Test
  void changesTheInputSize() {
    CfgFile larger = cfg.withInputSize(96, 128);
    assertThat(larger.net().input()).isEqualTo(new FeatureMap(96, 128, 3));
    assertThat(larger.heads().getFirst().input()).isEqualTo(new FeatureMap(48, 32, 14));
    assertThat(larger.heads().getFirst().head()).isEqualTo(cfg.heads().getFirst().head());
    assertThat(larger.parameters()).isEqualTo(cfg.parameters());
    assertThat(cfg.net().input()).isEqualTo(new FeatureMap(32, 64, 3));
  }

  @Test
  void adaptsAKeyOfASection() {
    List<Section> sections =
        cfg.sections().stream()
            .map(section -> section.name().equals("yolo") ? section.with("max", "90") : section)
            .toList();
    CfgFile changed = cfg.withSections(sections);
    assertThat(changed.heads().getFirst().options().maxTruths()).isEqualTo(90);
    assertThat(changed.toText()).endsWith("random=1\nmax=90\n");
  }

  @Test
  void readsThePolicies() {
    assertThat(SmallCfg.with("policy=steps", "policy=constant").net().optimisation().policy())
        .isEqualTo(new Net.Policy.Constant());
    assertThat(SmallCfg.with("policy=steps", "policy=poly\npower=3").net().optimisation().policy())
        .isEqualTo(new Net.Policy.Poly(3));
    assertThat(
            SmallCfg.with("policy=steps", "policy=step\nstep=100\nscale=.5")
                .net()
                .optimisation()
                .policy())
        .isEqualTo(new Net.Policy.Step(100, 0.5));
  }

  @Test
  void poolsAnOddMapWithAPartialLastWindow() {
    assertThat(
            new Layer.MaxPool(place(0, 1, "maxpool", new FeatureMap(13, 7, 4)), 2, 2, 2, 1)
                .output())
        .isEqualTo(new FeatureMap(7, 4, 4));
    assertThat(
            new Layer.MaxPool(place(0, 1, "maxpool", new FeatureMap(13, 7, 4)), 13, 1, 1, 12)
                .output())
        .isEqualTo(new FeatureMap(13, 7, 4));
  }
}

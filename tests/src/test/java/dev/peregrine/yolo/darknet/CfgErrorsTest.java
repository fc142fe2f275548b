package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each fault of a cfg gives one sentence with file, line, offending text and remedy. */
class CfgErrorsTest {
  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "[maxpool] | [maxpol] | small.cfg:31: unknown section [maxpol]; did you mean 'maxpool'?",
        "[maxpool] | [banana] | small.cfg:31: unknown section [banana]",
        "[maxpool] | [lstm] | small.cfg:31: section [lstm] is not supported; the sections that are:"
            + " Gaussian_yolo, avgpool, contrastive, convolutional, cost, dropout, local_avgpool,"
            + " maxpool, net, reorg3d, route, sam, scale_channels, shortcut, softmax, upsample,"
            + " yolo",
        "[maxpool] | [maxpool | small.cfg:31: '[maxpool' is not a section: write [name]",
        "filters=16 | fliters=16 | small.cfg:22: unknown key 'fliters' in [convolutional]; did you"
            + " mean 'filters'?",
        "filters=16 | zzz=16 | small.cfg:22: unknown key 'zzz' in [convolutional]",
        "filters=16 | filters 16 | small.cfg:22: 'filters 16' is neither [section] nor key=value",
        "filters=16 | =16 | small.cfg:22: '=16' is neither [section] nor key=value",
        "filters=16 | filters=1x6 | small.cfg:22: filters in [convolutional] must be a whole"
            + " number, not '1x6'",
        "filters=16 | filters= | small.cfg:22: filters in [convolutional] must be a whole number,"
            + " not ''",
        "filters=16 | filters=0 | small.cfg:22: filters=0 must be at least 1",
        "filters=16 | xnor=1 | small.cfg:22: xnor=1 in [convolutional] is not supported; only"
            + " xnor=0 is",
        "filters=16 | share_index=0 | small.cfg:22: share_index=0 in [convolutional] is not"
            + " supported; leave the key out",
        "groups=4 | groups=3 | small.cfg:28: groups=3 must divide the input's channels (8) and"
            + " filters (16)",
        "activation=leaky | activation=leeky | small.cfg:19: activation=leeky in [convolutional] is"
            + " not one of linear, leaky, mish, swish, relu, logistic",
        "width=64 | adam=0 | small.cfg:2: [net] needs width=",
        "height=32 | height=-32 | small.cfg:5: height=-32 must be at least 1",
        "policy=steps | policy=cosine | small.cfg:7: policy=cosine in [net] is not supported; the"
            + " policies that are: constant, exp, poly, random, sgdr, sig, step, steps",
        "scales=.1,.2 | scales=.1 | small.cfg:9: scales= has 1 values but steps= has 2: each step"
            + " needs one scale",
        "scales=.1,.2 | scales=.1,a | small.cfg:9: scales in [net] must be a number, not 'a' in"
            + " .1,a",
        "scales=.1,.2 | scales=.1,NaN | small.cfg:9: scales in [net] must be a finite number, not"
            + " 'NaN' in .1,NaN",
        "layers=-1, 1 | layers=-1, 7 | small.cfg:39: layers=7 in [route] points to layer 7, but"
            + " this is layer 4: only layers before it can be used",
        "layers=-1, 1 | layers=-5 | small.cfg:39: layers=-5 in [route] points to layer -1, but this"
            + " is layer 4: only layers before it can be used",
        "layers=-1, 1 | layers=1, 2 | small.cfg:39: [route] joins layer 1 (16 x 16 x 16) and layer"
            + " 2 (8 x 8 x 16): width and height must be equal",
        "group_id=1 | group_id=2 | small.cfg:41: group_id=2 must be below groups, which is 2",
        "groups=2 | groups=3 | small.cfg:40: groups=3 must divide the channels of layer 3 (16)",
        "from=-2 | from=2 | small.cfg:49: [shortcut] adds layer 2 (8 x 8 x 16) to 16 x 16 x 8:"
            + " width and height must be equal",
        "probability=.25 | probability=1 | small.cfg:53: probability=1.0 must be at least 0 and"
            + " below 1",
        "filters=14 | filters=255 | small.cfg:56: filters=255 before the [yolo] of line 59 must be"
            + " 2 masks * (2 classes + 5) = 14",
        "mask=1,2 | mask=1,3 | small.cfg:60: mask= names anchor 3, but there are 3 anchors,"
            + " numbered from 0",
        "num=3 | num=4 | small.cfg:61: anchors= has 6 numbers, but num=4 needs 8, a width and a"
            + " height each",
        "37.5,58 | 37.5 | small.cfg:61: anchors= has 5 numbers, but num=3 needs 6, a width and a"
            + " height each",
        "37.5,58 | 37.5,0 | small.cfg:61: anchor 2 must have a positive width and height",
        "37.5,58 | 37,,58 | small.cfg:61: anchors in [yolo] must be a number, not '' in"
            + " 10,14,23,27,37,,58",
        "nms_kind=greedynms | nms_kind=greedy | small.cfg:66: nms_kind=greedy in [yolo] is not one"
            + " of default, greedynms, diounms",
        "random=1 | delta_normalizer=2 | small.cfg:67: delta_normalizer=2 in [yolo] is not"
            + " supported; only delta_normalizer=1 is",
      })
  void faultInTheText(String part, String replacement, String message) {
    assertThatThrownBy(() -> SmallCfg.with(part, replacement))
        .isInstanceOf(FormatException.class)
        .hasMessage(message);
  }

  @Test
  void productOfUnlikeLayers() {
    String dropout = "[dropout]\nprobability=.25\n";
    assertThatThrownBy(() -> SmallCfg.with(dropout, "[scale_channels]\nfrom=1\n"))
        .hasMessage(
            "small.cfg:53: [scale_channels] multiplies layer 1 (16 x 16 x 16) with 16 x 16 x 8,"
                + " but the layer before it must have 1 x 1 x 16");
    assertThatThrownBy(() -> SmallCfg.with(dropout, "[softmax]\n"))
        .hasMessage(
            "small.cfg:52: [softmax] reads 16 x 16 x 8: width and height must be 1, as after"
                + " [avgpool]");
    assertThatThrownBy(() -> SmallCfg.with(dropout, "[reorg3d]\nstride=3\n"))
        .hasMessage("small.cfg:53: stride=3 must divide width and height of 16 x 16 x 8");
  }

  @Test
  void unknownWeightsOfAShortcut() {
    assertThatThrownBy(() -> SmallCfg.with("from=-2", "from=-2\nweights_type=all"))
        .hasMessage(
            "small.cfg:50: weights_type=all in [shortcut] is not one of none, per_feature,"
                + " per_layer, per_channel");
  }

  @Test
  void firstSectionMustBeNet() {
    assertThatThrownBy(() -> CfgFile.parse("\n[conv]\nfilters=8\n", "a.cfg"))
        .hasMessage("a.cfg:2: the first section is [conv], but a cfg starts with [net]");
  }

  @Test
  void keysBeforeTheFirstSection() {
    assertThatThrownBy(() -> CfgFile.parse("width=8\n[net]\n", "a.cfg"))
        .hasMessage("a.cfg:1: 'width=8' stands before the first section: a cfg starts with [net]");
  }

  @Test
  void secondNet() {
    assertThatThrownBy(() -> SmallCfg.with("[maxpool]\nsize=2\nstride=2\n", "[net]\n"))
        .hasMessage("small.cfg:31: [net] can only be the first section");
  }

  @Test
  void emptyText() {
    assertThatThrownBy(() -> CfgFile.parse("# nothing\n", "a.cfg"))
        .hasMessage("a.cfg: has no sections: a cfg starts with [net]");
  }

  @Test
  void netAlone() {
    assertThatThrownBy(() -> CfgFile.parse("[net]\nwidth=8\nheight=8\nchannels=3\n", "a.cfg"))
        .hasMessage("a.cfg:1: there is no layer after [net]");
  }

  @Test
  void layerAfterAHead() {
    assertThatThrownBy(() -> CfgFile.parse(SmallCfg.TEXT + "[upsample]\n", "a.cfg"))
        .hasMessage(
            "a.cfg:68: [upsample] would read the [yolo] before it; put a [route] between them");
    assertThatThrownBy(() -> CfgFile.parse(SmallCfg.TEXT + "[route]\nlayers=-1\n", "a.cfg"))
        .hasMessage("a.cfg:69: layers=-1 in [route] points to a [yolo] layer");
  }

  @Test
  void headWithoutAConvolutionBeforeIt() {
    assertThatThrownBy(() -> SmallCfg.with("[convolutional]\nfilters=14\nactivation=linear\n", ""))
        .hasMessage(
            "small.cfg:56: [yolo] reads 8 channels, but needs 2 masks * (2 classes + 5) = 14");
  }

  @Test
  void inputTooSmall() {
    String text = "[net]\nwidth=4\nheight=2\nchannels=3\n[conv]\nsize=5\n";
    assertThatThrownBy(() -> CfgFile.parse(text, "a.cfg"))
        .hasMessage(
            "a.cfg:5: [convolutional] makes 0 x -2 x 1 of 4 x 2 x 3: the input size is too small"
                + " for this network");
  }

  @Test
  void missingFile(@TempDir Path folder) {
    Path file = folder.resolve("none.cfg");
    assertThatThrownBy(() -> CfgFile.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessage(file + ": there is no such cfg file");
  }

  @Test
  void notATextFile(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("x.cfg"), new byte[] {0, 0, 1, -1, -2, 3});
    assertThatThrownBy(() -> CfgFile.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + ":1: '?????")
        .hasMessageContaining("stands before the first section");
  }
}

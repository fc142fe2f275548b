package dev.peregrine.yolo.darknet;

/** A small cfg with one layer of each kind, written with the liberties that the grammar allows. */
final class SmallCfg {
  private SmallCfg() {}

  /** The text; tests of errors replace a line of it. */
  static final String TEXT =
      """
      # a comment
      [net]
      batch = 64
      width=64   # trailing words
      height=32
      channels=3
      policy=steps
      steps = 400, 450
      scales=.1,.2
      batch=8

      ; another comment
      [conv]
      filters=8
      size=3
      stride=2
      pad=1
      batch_normalize=1
      activation=leaky

      [convolutional]
      filters=16
      size=3
      stride_x=2
      stride_y=1
      padding=1
      dilation=2
      groups=4
      activation=mish

      [maxpool]
      size=2
      stride=2

      [upsample]
      stride=2

      [route]
      layers=-1, 1
      groups=2
      group_id=1

      [convolutional]
      filters=8
      batch_normalize=1
      activation=linear

      [shortcut]
      from=-2
      activation=mish

      [dropout]
      probability=.25

      [convolutional]
      filters=14
      activation=linear

      [yolo]
      mask=1,2
      anchors = 10,14,  23,27,  37.5,58
      classes=2
      num=3
      scale_x_y=1.05
      iou_loss=ciou
      nms_kind=greedynms
      random=1
      """;

  /** The cfg of that text. */
  static CfgFile cfg() {
    return CfgFile.parse(TEXT, "small.cfg");
  }

  /** Reads the text with a part replaced. */
  static CfgFile with(String part, String replacement) {
    if (!TEXT.contains(part)) {
      throw new IllegalArgumentException("the small cfg has no " + part);
    }
    return CfgFile.parse(TEXT.replace(part, replacement), "small.cfg");
  }
}

package dev.peregrine.yolo.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** Small sound files, from which a fuzzer starts. */
final class Seeds {
  /** A darknet cfg with every kind of layer. */
  static final String CFG =
      """
      [net]
      batch=64
      subdivisions=8
      width=64 # the input
      height=32
      channels=3
      policy=steps
      steps=400,450
      scales=.1,.1
      [convolutional]
      batch_normalize=1
      filters=8
      size=3
      stride=2
      pad=1
      activation=mish
      [maxpool]
      size=2
      stride=1
      [route]
      layers=-1,-2
      [conv]
      filters=8
      groups=2
      size=1
      activation=leaky
      [shortcut]
      from=-3
      weights_type=per_feature
      weights_normalization=softmax
      activation=linear
      [upsample]
      stride=2
      [reorg3d]
      stride=2
      [local_avgpool]
      size=3
      stride=1
      [dropout]
      probability=.2
      [route]
      layers=-1
      groups=2
      group_id=1
      [convolutional]
      size=1
      filters=14
      activation=linear
      [yolo]
      mask=0,1
      anchors=10,14, 23,27
      classes=2
      num=2
      scale_x_y=1.05
      new_coords=1
      nms_kind=diounms
      iou_loss=ciou
      """;

  /** One of a classifier. */
  static final String CLASSIFIER =
      """
      [net]
      width=8
      height=8
      channels=3
      [convolutional]
      filters=4
      activation=linear
      [avgpool]
      [scale_channels]
      from=-2
      scale_wh=0
      [sam]
      from=-1
      [avgpool]
      [softmax]
      [cost]
      """;

  /** The smallest one. */
  static final String TINY = "[net]\nwidth=4\nheight=4\nchannels=1\n[conv]\nfilters=2\n";

  /** A description of the P-family. */
  static final String YAML =
      """
      # of no use, but whole
      nc: 3
      depth_multiple: 1.0
      width_multiple: 0.5
      anchors:
        - [13,17, 31,25]
        - [48,35, 20,40]
      backbone:
        # [from, number, module, args]
        [[-1, 1, Conv, [32, 3, 1]],
         [-1, 1, Conv, [64, 3, 2]],
         [-1, 1, BottleneckCSP, [64]],
        ]
      head:
        [[-1, 1, SPPCSP, [64]],
         [-1, 1, nn.Upsample, [None, 2, 'nearest']],
         [-2, 1, BottleneckCSP2, [64, False]],
         [[-1, 2], 1, Concat, [1]],
         [[6,3], 1, Detect, [nc, anchors]],
        ]
      """;

  private Seeds() {}

  static Stream<byte[]> of(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8));
  }
}

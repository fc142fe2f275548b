package dev.peregrine.yolo.yaml;

import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The networks that were published as yaml: CSP, P5, P6 and P7.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", figure 4 and the code
 * published with it.
 */
public enum PublishedYaml {
  /** 52.9 million parameters for 80 classes, 120 GFLOP at 640. */
  YOLOV4_CSP(640, 1),
  /** 70.8 million parameters, 327 GFLOP at 896. */
  YOLOV4_P5(896, 1),
  /** 127.6 million parameters, 717 GFLOP at 1280. */
  YOLOV4_P6(1280, 1),
  /** 287.6 million parameters, 1,637 GFLOP at 1536. */
  YOLOV4_P7(1536, 1.25);

  private final int side;
  private final double width;

  PublishedYaml(int side, double width) {
    this.side = side;
    this.width = width;
  }

  /**
   * The name that users call it by.
   *
   * @return for instance {@code yolov4-p5-yaml}
   */
  public String key() {
    return file() + "-yaml";
  }

  private String file() {
    return "yolov4-" + name().substring(name().indexOf('_') + 1).toLowerCase(Locale.ROOT);
  }

  /** Repetitions of the stages, from stride 2 on. */
  private List<Integer> depths() {
    return switch (this) {
      case YOLOV4_CSP -> List.of(1, 2, 8, 8, 4);
      case YOLOV4_P5 -> List.of(1, 3, 15, 15, 7);
      case YOLOV4_P6 -> List.of(1, 3, 15, 15, 7, 7);
      case YOLOV4_P7 -> List.of(1, 3, 15, 15, 7, 7, 7);
    };
  }

  private List<String> levels() {
    return switch (this) {
      case YOLOV4_CSP ->
          List.of("12,16, 19,36, 40,28", "36,75, 76,55, 72,146", "142,110, 192,243, 459,401");
      case YOLOV4_P5 ->
          List.of(
              "13,17, 31,25, 24,51, 61,45",
              "48,102, 119,96, 97,189, 217,184",
              "171,384, 324,451, 616,618, 800,800");
      case YOLOV4_P6 ->
          List.of(
              "13,17, 31,25, 24,51, 61,45",
              "61,45, 48,102, 119,96, 97,189",
              "97,189, 217,184, 171,384, 324,451",
              "324,451, 545,357, 616,618, 1024,1024");
      case YOLOV4_P7 ->
          List.of(
              "13,17, 22,25, 27,66, 55,41",
              "57,88, 112,69, 69,177, 136,138",
              "136,138, 287,114, 134,275, 268,248",
              "268,248, 232,504, 445,416, 640,640",
              "812,393, 477,808, 1070,908, 1408,1408");
    };
  }

  /**
   * The description for 80 classes.
   *
   * @return as the published file has it
   */
  public YamlFile description() {
    StringBuilder text = new StringBuilder("nc: 80\ndepth_multiple: 1\nwidth_multiple: " + width);
    text.append("\nanchors:\n");
    levels().forEach(level -> text.append("  - [").append(level).append("]\n"));
    text.append("backbone:\n  [").append(String.join(",\n   ", backbone())).append("]\nhead:\n  [");
    return YamlFile.parse(
        text.append(String.join(",\n   ", head())).append("]\n").toString(), file() + ".yaml");
  }

  /**
   * The published anchors.
   *
   * @return as many for each head, those of the finest head first
   */
  public List<Anchor> anchors() {
    return description().anchors().stream().flatMap(List::stream).toList();
  }

  /**
   * The network at its published size.
   *
   * @param classes how many classes it tells apart
   * @return the network
   */
  public YamlModel model(int classes) {
    return model(classes, Scale.ONE, anchors());
  }

  /**
   * The network scaled from its published form.
   *
   * @param classes how many classes it tells apart
   * @param scale factors of width and depth beside those it was published with
   * @param anchors as many for each head, those of the finest head first
   * @return the network
   */
  public YamlModel model(int classes, Scale scale, List<Anchor> anchors) {
    Scale whole = new Scale(width * scale.width(), scale.depth());
    return new YamlModel(
        scale.of(key()), description().with(classes, whole, anchors), InputSize.square(side));
  }

  private List<String> backbone() {
    List<String> rows = new ArrayList<>();
    rows.add("[-1, 1, Conv, [32, 3, 1]]");
    List<Integer> depths = depths();
    for (int i = 0; i < depths.size(); i++) {
      int channels = Math.min(1024, 64 << i);
      rows.add("[-1, 1, Conv, [%d, 3, 2]]".formatted(channels));
      boolean plain = this == YOLOV4_CSP && i == 0;
      rows.add(
          "[-1, %d, %s, [%d]]"
              .formatted(depths.get(i), plain ? "Bottleneck" : "BottleneckCSP", channels));
    }
    return rows;
  }

  /** The neck and its heads; stage i of the backbone ends in row 2 i + 2. */
  private List<String> head() {
    int stages = depths().size();
    int depth = this == YOLOV4_CSP ? 2 : 3;
    List<String> rows = new ArrayList<>();
    int next = 2 * stages + 1; // the row that comes next
    rows.add("[-1, 1, SPPCSP, [512]]");
    int[] met = new int[stages];
    met[stages - 1] = next++;
    for (int stage = stages - 2; stage >= 2; stage--) {
      int channels = Math.min(512, 32 << stage);
      rows.add("[-1, 1, Conv, [%d, 1, 1]]".formatted(channels));
      rows.add("[-1, 1, nn.Upsample, [None, 2, 'nearest']]");
      rows.add("[%d, 1, Conv, [%d, 1, 1]]".formatted(2 * stage + 2, channels));
      rows.add("[[-1, -2], 1, Concat, [1]]");
      rows.add("[-1, %d, BottleneckCSP2, [%d]]".formatted(depth, channels));
      next += 5;
      met[stage] = next - 1;
    }
    List<Integer> heads = new ArrayList<>();
    for (int stage = 2; stage < stages; stage++) {
      int channels = Math.min(512, 32 << stage);
      if (stage > 2) {
        rows.add("[-2, 1, Conv, [%d, 3, 2]]".formatted(channels));
        rows.add("[[-1, %d], 1, Concat, [1]]".formatted(met[stage]));
        rows.add("[-1, %d, BottleneckCSP2, [%d]]".formatted(depth, channels));
        next += 3;
      }
      rows.add("[-1, 1, Conv, [%d, 3, 1]]".formatted(2 * channels));
      heads.add(next++);
    }
    rows.add("[%s, 1, Detect, [nc, anchors]]".formatted(heads));
    return rows;
  }
}

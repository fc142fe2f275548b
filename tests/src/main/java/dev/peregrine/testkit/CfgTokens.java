package dev.peregrine.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes cfg texts from a shorthand, one token a layer, so that tests of whole networks need no
 * files.
 *
 * <p>{@code C 64 3/2g4 leaky} is a convolution of 64 filters, size 3, stride 2, 4 groups, batch
 * norm and leaky; {@code C 255 1 linear!} has a bias instead of batch norm; {@code R -1,23} a
 * route, {@code R -1;2,1} a route of the second of two groups; {@code S -3 linear} a shortcut;
 * {@code M 2/2} a pool; {@code U} an upsample; {@code Y 3,4,5} a head.
 */
public final class CfgTokens {
  private static final Pattern CONVOLUTION =
      Pattern.compile("C (\\d+) (\\d+)(?:/(\\d+))?(?:g(\\d+))? ([a-z]+)(!?)");
  private static final Pattern ROUTE = Pattern.compile("R ([-0-9,]+)(?:;(\\d+),(\\d+))?");
  private static final Pattern SHORTCUT = Pattern.compile("S (-?\\d+) ([a-z]+)");
  private static final Pattern POOL = Pattern.compile("M (\\d+)/(\\d+)");
  private static final Pattern HEAD = Pattern.compile("Y ([0-9,]+)");

  private CfgTokens() {}

  /**
   * Writes a cfg.
   *
   * @param height rows of the input
   * @param width columns of the input
   * @param head the lines of each {@code [yolo]} besides its mask
   * @param tokens the layers
   * @return the text
   */
  public static String cfg(int height, int width, String head, List<String> tokens) {
    StringBuilder text = new StringBuilder();
    text.append("[net]\nwidth=").append(width).append("\nheight=").append(height);
    text.append("\nchannels=3\n");
    for (String token : tokens) {
      text.append('\n').append(section(token, head));
    }
    return text.toString();
  }

  private static String section(String token, String head) {
    Matcher match = CONVOLUTION.matcher(token);
    if (match.matches()) {
      return "[convolutional]\n"
          + (match.group(6).isEmpty() ? "batch_normalize=1\n" : "")
          + "filters=%s\nsize=%s\nstride=%s\ngroups=%s\npad=1\nactivation=%s\n"
              .formatted(
                  match.group(1),
                  match.group(2),
                  orOne(match.group(3)),
                  orOne(match.group(4)),
                  match.group(5));
    }
    match = ROUTE.matcher(token);
    if (match.matches()) {
      String groups =
          match.group(2) == null
              ? ""
              : "groups=" + match.group(2) + "\ngroup_id=" + match.group(3) + "\n";
      return "[route]\nlayers=" + match.group(1) + "\n" + groups;
    }
    match = SHORTCUT.matcher(token);
    if (match.matches()) {
      return "[shortcut]\nfrom=" + match.group(1) + "\nactivation=" + match.group(2) + "\n";
    }
    match = POOL.matcher(token);
    if (match.matches()) {
      return "[maxpool]\nsize=" + match.group(1) + "\nstride=" + match.group(2) + "\n";
    }
    match = HEAD.matcher(token);
    if (match.matches()) {
      return "[yolo]\nmask=" + match.group(1) + "\n" + head;
    }
    if (token.equals("U")) {
      return "[upsample]\nstride=2\n";
    }
    throw new IllegalArgumentException("no such token: " + token);
  }

  private static String orOne(String number) {
    return number == null ? "1" : number;
  }

  /**
   * Writes YOLOv4-tiny's cfg at 416 x 416.
   *
   * @param classes how many classes
   * @return the text
   */
  public static String yolov4Tiny(int classes) {
    int outputs = 3 * (classes + 5);
    List<String> tokens = new ArrayList<>(List.of("C 32 3/2 leaky", "C 64 3/2 leaky"));
    for (int channels = 64; channels <= 256; channels *= 2) {
      int half = channels / 2;
      tokens.addAll(
          List.of(
              "C " + channels + " 3 leaky",
              "R -1;2,1",
              "C " + half + " 3 leaky",
              "C " + half + " 3 leaky",
              "R -1,-2",
              "C " + channels + " 1 leaky",
              "R -6,-1",
              "M 2/2"));
    }
    tokens.addAll(
        List.of(
            "C 512 3 leaky",
            "C 256 1 leaky",
            "C 512 3 leaky",
            "C " + outputs + " 1 linear!",
            "Y 3,4,5",
            "R -4",
            "C 128 1 leaky",
            "U",
            "R -1,23",
            "C 256 3 leaky",
            "C " + outputs + " 1 linear!",
            "Y 1,2,3"));
    String head =
        """
        anchors=10,14,23,27,37,58,81,82,135,169,344,319
        num=6
        classes=%d
        scale_x_y=1.05
        ignore_thresh=.7
        truth_thresh=1
        iou_loss=ciou
        iou_normalizer=0.07
        cls_normalizer=1.0
        nms_kind=greedynms
        beta_nms=0.6
        """
            .formatted(classes);
    return cfg(416, 416, head, tokens);
  }
}

package dev.peregrine.yolo.darknet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Every section and key that the reader knows, in one place.
 *
 * <p>A key is of one of three kinds: read; accepted at its default value only, since another value
 * would change the network or its training in a way that is not available here; or without effect.
 */
final class CfgKeys {
  private CfgKeys() {}

  /**
   * The keys of one section.
   *
   * @param read keys that the reader uses
   * @param defaultOnly keys that must have the value given here
   * @param withoutEffect keys that darknet accepts and that change nothing here
   */
  record Known(Set<String> read, Map<String, String> defaultOnly, Set<String> withoutEffect) {
    boolean contains(String key) {
      return read.contains(key) || defaultOnly.containsKey(key) || withoutEffect.contains(key);
    }

    Set<String> all() {
      Set<String> all = new TreeSet<>(read);
      all.addAll(defaultOnly.keySet());
      all.addAll(withoutEffect);
      return all;
    }
  }

  private static final Map<String, String> ALIASES =
      Map.of(
          "network", "net",
          "conv", "convolutional",
          "max", "maxpool",
          "avg", "avgpool",
          "local_avg", "local_avgpool",
          "soft", "softmax");

  /** Sections of darknet that are not available here, so that the error can say so. */
  private static final Set<String> UNAVAILABLE =
      Set.of(
          "activation",
          "batchnorm",
          "conn",
          "connected",
          "crop",
          "crnn",
          "detection",
          "empty",
          "gru",
          "history",
          "implicit",
          "local",
          "lrn",
          "lstm",
          "conv_lstm",
          "normalization",
          "region",
          "reorg",
          "rnn",
          "silence");

  /** Keys of every layer; values other than these would change its training or its loading. */
  private static final Map<String, String> COMMON_DEFAULT_ONLY =
      defaults(
          "clip=0 dont_update=0 burnin_update=0 stopbackward=0 train_only_bn=0"
              + " dontload=0 dontloadscales=0 learning_rate=1");

  /** Keys of every layer: two that choose a GPU stream, and one that is not trained. */
  private static final Set<String> COMMON_WITHOUT_EFFECT =
      Set.of("stream", "wait_stream", "onlyforward");

  private static final Map<String, Known> SECTIONS =
      Map.ofEntries(
          Map.entry(
              "net",
              new Known(
                  names(
                      """
                      width height channels letter_box batch subdivisions learning_rate momentum decay
                      burn_in power max_batches policy step scale steps scales gamma learning_rate_min
                      sgdr_cycle sgdr_mult ema_alpha angle aspect
                      saturation exposure hue min_crop max_crop flip blur gaussian_noise mixup cutmix
                      mosaic mosaic_bound label_smooth_eps resize_step dynamic_minibatch
                      adversarial_lr attention adam B1 B2 eps
                      """),
                  defaults(
                      """
                      time_steps=1 weights_reject_freq=0 equidistant_point=0
                      badlabels_rejection_percentage=0 num_sigmas_reject_badlabels=0 track=0
                      unsupervised=0
                      """),
                  names(
                      """
                      max_epochs inputs
                      optimized_memory workspace_size_limit_MB loss_scale try_fix_nan max_chart_loss
                      show_receptive_field use_cuda_graph augment_speed sequential_subdivisions
                      contrastive contrastive_jit_flip contrastive_color
                      """))),
          Map.entry(
              "convolutional",
              layer(
                  """
                  filters size stride stride_x stride_y pad padding dilation groups activation
                  batch_normalize cbn stopbackward
                  """,
                  """
                  antialiasing=0 assisted_excitation=0 binary=0 xnor=0 bin_output=0 sway=0
                  rotate=0 stretch=0 stretch_sway=0 flipped=0 dot=0 grad_centr=0 reverse=0 coordconv=0
                  share_index=none
                  """,
                  "angle")),
          Map.entry(
              "maxpool",
              layer(
                  "size stride stride_x stride_y padding",
                  "maxpool_depth=0 antialiasing=0 maxpool_zero_nonmax=0",
                  "out_channels")),
          Map.entry("route", layer("layers groups group_id", "", "")),
          Map.entry(
              "shortcut", layer("from activation weights_type weights_normalization", "", "")),
          Map.entry("upsample", layer("stride scale", "", "")),
          Map.entry(
              "dropout",
              layer("probability dropblock dropblock_size_rel dropblock_size_abs", "", "")),
          Map.entry(
              "yolo",
              layer(
                  """
                  mask anchors classes num max jitter resize random ignore_thresh truth_thresh
                  iou_thresh iou_loss iou_normalizer obj_normalizer cls_normalizer scale_x_y new_coords
                  objectness_smooth label_smooth_eps max_delta nms_kind beta_nms iou_thresh_kind
                  focal_loss
                  """,
                  "map=none delta_normalizer=1",
                  // beta1 and uc_normalizer stand in published files, where darknet calls them
                  // unused
                  """
                  beta1 uc_normalizer show_details track_history_size sim_thresh dets_for_track
                  dets_for_show track_ciou_norm embedding_layer counters_per_class
                  """)),
          Map.entry(
              "Gaussian_yolo",
              layer(
                  """
                  mask anchors classes num max jitter resize random ignore_thresh truth_thresh
                  iou_thresh iou_loss iou_normalizer uc_normalizer obj_normalizer cls_normalizer
                  scale_x_y label_smooth_eps max_delta nms_kind beta_nms iou_thresh_kind
                  """,
                  "map=none delta_normalizer=1 objectness_smooth=0 yolo_point=center",
                  "show_details counters_per_class")),
          Map.entry("avgpool", layer("", "", "")),
          Map.entry(
              "local_avgpool",
              layer(
                  "size stride stride_x stride_y padding",
                  "maxpool_depth=0 antialiasing=0 maxpool_zero_nonmax=0",
                  "out_channels")),
          Map.entry("sam", layer("from activation", "", "")),
          Map.entry("scale_channels", layer("from scale_wh activation", "", "")),
          Map.entry("reorg3d", layer("stride", "reverse=0", "")),
          Map.entry("softmax", layer("", "groups=1 temperature=1 spatial=0 tree=none", "noloss")),
          Map.entry("cost", layer("", "", "type scale ratio noobj_scale thresh smooth")),
          Map.entry(
              "contrastive",
              layer("", "", "classes temperature yolo_layer cls_normalizer max_delta steps")));

  /** Keys without effect here that would change the training in darknet. */
  private static final Set<String> NOT_TRAINED =
      Set.of("contrastive", "counters_per_class", "embedding_layer", "onlyforward");

  /** The canonical name of a section, or empty where it is not available here. */
  static Optional<String> canonical(String name) {
    String canonical = ALIASES.getOrDefault(name, name);
    return SECTIONS.containsKey(canonical) ? Optional.of(canonical) : Optional.empty();
  }

  /** Whether darknet has such a section, although it is not available here. */
  static boolean unavailable(String name) {
    return UNAVAILABLE.contains(name);
  }

  /** Whether darknet would train differently with this key, which is not followed here. */
  static boolean notTrained(String key) {
    return NOT_TRAINED.contains(key);
  }

  /** Whether darknet has such a key in a section, and it changes nothing here. */
  static boolean withoutEffect(String section, String key) {
    return canonical(section).map(name -> of(name).withoutEffect().contains(key)).orElse(false);
  }

  /** The names of all sections that can be read. */
  static Set<String> sections() {
    return new TreeSet<>(SECTIONS.keySet());
  }

  /** The keys of a section by its canonical name. */
  static Known of(String canonical) {
    Known known = SECTIONS.get(canonical);
    if (known == null) {
      throw new IllegalArgumentException("no section " + canonical);
    }
    return known;
  }

  private static Known layer(String read, String defaultOnly, String withoutEffect) {
    Set<String> used = names(read);
    Map<String, String> fixed = new LinkedHashMap<>(COMMON_DEFAULT_ONLY);
    fixed.putAll(defaults(defaultOnly));
    fixed.keySet().removeAll(used);
    Set<String> idle = new TreeSet<>(COMMON_WITHOUT_EFFECT);
    idle.addAll(names(withoutEffect));
    return new Known(used, fixed, idle);
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>(List.of(text.strip().split("\\s+")));
    words.removeIf(String::isEmpty);
    return words;
  }

  private static Set<String> names(String text) {
    return Set.copyOf(words(text));
  }

  private static Map<String, String> defaults(String text) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String word : words(text)) {
      int equals = word.indexOf('=');
      map.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return map;
  }
}

package dev.peregrine.yolo.anchor;

import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.model.DetectionModel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What a training asks before its first step: do the anchors reach the boxes, and if not, which
 * would?
 *
 * <p>Boxes are measured at sizes changed at random by up to a tenth, since training sees them so.
 * Where fewer than 98 percent of them are within reach of an anchor, better anchors are searched,
 * and proposed if they reach more.
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code check_anchors}.
 *
 * @param given the anchors asked about
 * @param score how well they suit the boxes
 * @param proposal better ones by rising area, as many as were given; empty where the given ones
 *     will do or none better were found
 * @param proposed the score of the proposal, or of the given anchors where there is none
 */
public record AnchorCheck(
    List<Anchor> given, AnchorScore score, Optional<List<Anchor>> proposal, AnchorScore proposed) {

  /** The share of the boxes that anchors must reach. */
  public static final double ENOUGH = 0.98;

  private static final double JITTER = 0.1;
  private static final int GENERATIONS = 1000;
  private static final double RATIO = 4;

  /** Copies the list. */
  public AnchorCheck {
    given = List.copyOf(given);
  }

  /**
   * Checks anchors.
   *
   * <p><b>Cost</b> a pass over the boxes; with a search, as many more as it has generations.
   *
   * @param anchors of all heads together
   * @param boxes of the training data, in the network's input
   * @param search used where they do not suffice, 1,000 generations at a ratio of 4 being usual
   * @return the numbers and perhaps a proposal
   */
  public static AnchorCheck of(List<Anchor> anchors, BoxSizes boxes, AnchorEvolution search) {
    SplittableRandom random = new SplittableRandom(search.seed());
    BoxSizes seen = boxes.scaled(_ -> 1 + JITTER * (2 * random.nextDouble() - 1));
    AnchorScore score = AnchorScore.of(anchors, seen, search.ratio());
    if (score.bestPossibleRecall() < ENOUGH && boxes.count() >= anchors.size()) {
      List<Anchor> better = search.search(boxes, anchors.size());
      AnchorScore found = AnchorScore.of(better, seen, search.ratio());
      if (found.bestPossibleRecall() > score.bestPossibleRecall()) {
        return new AnchorCheck(anchors, score, Optional.of(better), found);
      }
    }
    return new AnchorCheck(anchors, score, Optional.empty(), score);
  }

  /**
   * Checks the anchors that the heads of a network use; its list may have others.
   *
   * @param model the network, at the size of its input
   * @param data what it is to learn from
   * @param seed of the search
   * @return the numbers and perhaps a proposal
   */
  public static AnchorCheck of(DetectionModel model, DataSet data, long seed) {
    List<Anchor> all = model.heads().getFirst().anchors();
    return of(
        used(model).map(all::get).toList(),
        BoxSizes.fitted(data, model.inputSize(), model.resize()),
        new AnchorEvolution(GENERATIONS, RATIO, seed));
  }

  private static Stream<Integer> used(DetectionModel model) {
    return model.heads().stream().flatMap(head -> head.mask().stream()).distinct().sorted();
  }

  /**
   * Returns all anchors of a network with the proposal in the places of those that heads use.
   *
   * @param model the network that was checked
   * @return its list of anchors, as it was where there is no proposal
   */
  public List<Anchor> proposalFor(DetectionModel model) {
    List<Anchor> all = new ArrayList<>(model.heads().getFirst().anchors());
    proposal.ifPresent(better -> {
      Iterator<Anchor> next = better.iterator();
      used(model).forEach(index -> all.set(index, next.next()));
    });
    return List.copyOf(all);
  }

  /**
   * Tells whether anchors grow with the stride of their heads, as they should: large boxes belong
   * to coarse maps.
   *
   * @param anchors of all heads, head by head
   * @param strides of the heads, in the same order
   * @return false if the first and the last head should be exchanged
   */
  public static boolean ascends(List<Anchor> anchors, List<Integer> strides) {
    double larger = area(anchors.getLast()) - area(anchors.getFirst());
    double coarser = strides.getLast() - strides.getFirst();
    return larger * coarser >= 0;
  }

  private static double area(Anchor anchor) {
    return anchor.width() * anchor.height();
  }

  /**
   * Says what was found.
   *
   * @return one line for people
   */
  public String text() {
    String now =
        String.format(
            Locale.ROOT,
            "anchors reach %.2f%% of the boxes, %.2f anchors a box",
            100 * score.bestPossibleRecall(),
            score.anchorsPerBox());
    return proposal
        .map(better ->
            now
                + String.format(
                    Locale.ROOT,
                    "; these would reach %.2f%%: %s",
                    100 * proposed.bestPossibleRecall(),
                    AnchorText.of(better)))
        .orElse(now);
  }
}

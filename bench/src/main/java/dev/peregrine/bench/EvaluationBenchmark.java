package dev.peregrine.bench;

import dev.peregrine.yolo.eval.Annotations;
import dev.peregrine.yolo.eval.CocoEvaluator;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.eval.GroundTruth;
import dev.peregrine.yolo.eval.Prediction;
import dev.peregrine.yolo.eval.RankedEvaluator;
import dev.peregrine.yolo.eval.RankedProtocol;
import dev.peregrine.yolo.eval.RankedResult;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The evaluation of a detector on a data set as large as COCO's validation pictures: 5,000 pictures
 * with 100 predictions and about 7 objects each, of 80 categories.
 *
 * <p>One shot in a fresh process each, as a user sees it: nothing is compiled yet.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(3)
public class EvaluationBenchmark {
  private static final int PICTURES = 5000;
  private static final int PREDICTIONS = 100;
  private static final int CATEGORIES = 80;

  /** Threads that share the work. */
  @Param({"1", "2"})
  public int threads = 1;

  private Annotations annotations = new Annotations(List.of(), new TreeMap<>(), List.of());
  private final List<Prediction> predictions = new ArrayList<>();

  /** Draws the boxes. */
  @Setup
  public void draw() {
    SplittableRandom random = new SplittableRandom(1);
    List<Annotations.Picture> pictures = new ArrayList<>();
    List<GroundTruth> truths = new ArrayList<>();
    TreeMap<Integer, String> names = new TreeMap<>();
    for (int c = 1; c <= CATEGORIES; c++) {
      names.put(c, "class " + c);
    }
    for (int id = 1; id <= PICTURES; id++) {
      pictures.add(new Annotations.Picture(id, id + ".jpg", 640, 480));
      int first = truths.size();
      for (int i = random.nextInt(15); i > 0; i--) {
        double x = 500 * random.nextDouble();
        double y = 350 * random.nextDouble();
        double side = 10 + 130 * random.nextDouble();
        int category = 1 + random.nextInt(CATEGORIES);
        truths.add(GroundTruth.of(id, category, x, y, x + side, y + side));
      }
      for (int i = 0; i < PREDICTIONS; i++) {
        boolean near = truths.size() > first && random.nextInt(3) == 0;
        GroundTruth like =
            near
                ? truths.get(first + random.nextInt(truths.size() - first))
                : GroundTruth.of(id, 1 + random.nextInt(CATEGORIES), 100, 100, 200, 200);
        double moved = 20 * random.nextDouble();
        predictions.add(
            new Prediction(
                id,
                like.category(),
                random.nextDouble(),
                like.x1() + moved,
                like.y1(),
                like.x2() + moved,
                like.y2()));
      }
    }
    annotations = new Annotations(pictures, names, truths);
  }

  /** The twelve COCO numbers. */
  @Benchmark
  public CocoResult coco() {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(() -> CocoEvaluator.evaluate(annotations, predictions)).join();
    }
  }

  /** Darknet's mean average precision. */
  @Benchmark
  public RankedResult darknet() {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(() ->
              RankedEvaluator.evaluate(
                  annotations, predictions, RankedProtocol.darknet(101, 0.5), 0.25))
          .join();
    }
  }
}

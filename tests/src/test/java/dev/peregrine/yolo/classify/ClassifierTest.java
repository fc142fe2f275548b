package dev.peregrine.yolo.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.augment.ClassifierChanges;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.run.MemoryBudget;
import dev.peregrine.yolo.run.Safety;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A backbone learns to tell painted shapes, and gives what it learned to a detector. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClassifierTest {
  private static final List<String> NAMES = List.of("circle", "square", "triangle");
  private static final String MODEL = "yolov4-tiny@0.125";
  private static final int SIDE = 64;
  private static final int EPOCHS = 14;

  @TempDir static Path folder;
  private final Device device = Devices.open("cpu:2");
  private Path data = Path.of("");
  private Path run = Path.of("");
  private ClassifierScores scores = new ClassifierScores(0, 0, 0, 0);
  private final List<String> lines = new ArrayList<>();

  private static ClassifierRecipe recipe(int epochs, double cutMix) {
    ClassifierChanges mild =
        new ClassifierChanges(64, 70, 0, 1, true, 0.02, 1.2, 1.2, 0, 0, cutMix, 0);
    return new ClassifierRecipe(epochs, 16, 0.1, 0.02, 0.9, 0.0005, 5, 0.05, mild, 3);
  }

  @BeforeAll
  void learn() throws IOException {
    data = folder.resolve("shapes");
    SplittableRandom random = new SplittableRandom(8);
    for (int kind = 0; kind < NAMES.size(); kind++) {
      for (int i = 0; i < 48; i++) {
        String part = i < 32 ? "train" : "val";
        PaintedShapes.paint(
            data.resolve(part).resolve(NAMES.get(kind)).resolve(i + ".png"), kind, random);
      }
    }
    run = folder.resolve("run");
    scores = classifierRun(run, EPOCHS, told(lines::add)).run(null);
  }

  private ClassifierRun classifierRun(Path to, int epochs, Listener told) {
    return classifierRun(to, epochs, Safety.USUAL, told);
  }

  private static Listener told(Consumer<String> lines) {
    return new Listener() {
      @Override
      public void onEpoch(Trainer<?> trainer, Progress progress) {
        lines.accept(progress.toString());
      }
    };
  }

  private ClassifierRun classifierRun(Path to, int epochs, Safety safety, Listener told) {
    Classifier classifier = Classifier.named(MODEL, NAMES, InputSize.square(SIDE));
    return new ClassifierRun(
        classifier,
        classifier.initialize(3, LayerStyle.PLAIN),
        ImageFolder.read(data, "train"),
        ImageFolder.read(data, "val"),
        recipe(epochs, epochs == EPOCHS ? 0 : 0.3),
        safety,
        60,
        to,
        device,
        List.of(told));
  }

  @Test
  void learns() throws IOException {
    assertThat(scores.pictures()).isEqualTo(48);
    assertThat(scores.top1()).as("%s", lines).isGreaterThan(0.85);
    assertThat(scores.top5()).isEqualTo(1);
    assertThat(lines).hasSize(EPOCHS);
    assertThat(Files.readAllLines(run.resolve("results.csv")))
        .hasSize(EPOCHS + 1)
        .first()
        .isEqualTo("epoch,train/loss,val/loss,metrics/top1,metrics/top5,lr");
  }

  @Test
  void aSavedClassifierMeasuresTheSame() {
    Classifier.Trained trained =
        Classifier.load(run.resolve("weights").resolve("last.safetensors"));
    assertThat(trained.classifier().classes()).isEqualTo(NAMES);
    assertThat(trained.classifier().name()).isEqualTo(MODEL);
    ClassifierScores again =
        ClassifierScores.of(
            trained.classifier(), trained.params(), ImageFolder.read(data, "val"), 16);
    assertThat(again.top1()).isEqualTo(scores.top1());
    assertThat(again.loss()).isCloseTo(scores.loss(), within(1e-5));
  }

  @Test
  void theBackboneServesADetector() {
    DetectionModel detector = Models.named(MODEL, 7);
    Params params = Models.initialize(detector, 1);
    Params fresh = Models.initialize(detector, 1);
    Path weights = run.resolve("weights").resolve("best.safetensors");
    assertThatThrownBy(() -> WeightFiles.load(detector, params, weights, false))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("holds a classifier; add partial=true");
    WeightFiles.load(detector, params, weights, true);
    Params taught = Classifier.load(weights).params();
    int same = 0;
    for (Params.Entry entry : params.entries()) {
      boolean backbone = entry.path().matches("(stem|csp|top)\\..*");
      Params from = backbone ? taught : fresh;
      assertThat(entry.value().floats())
          .as(entry.path())
          .isEqualTo(from.entry(entry.path()).value().floats());
      same += backbone ? 1 : 0;
    }
    assertThat(same).isEqualTo(taught.entries().size() - 2);
  }

  /** One epoch and, after a stop, one more are two epochs to the bit. */
  @Test
  void aRunGoesOnWithTheSameBits() {
    Path whole = folder.resolve("whole");
    classifierRun(whole, 2, new Listener() {}).run(null);
    Path parts = folder.resolve("parts");
    AtomicReference<ClassifierRun> first = new AtomicReference<>();
    first.set(classifierRun(parts, 2, told(_ -> first.get().stop())));
    first.get().run(null);
    Path last = parts.resolve("weights").resolve("last.safetensors");
    List<String> told = new ArrayList<>();
    classifierRun(parts, 2, told(told::add)).run(last);
    assertThat(told).hasSize(1).first().asString().contains("epoch=1, ");
    Params expected =
        Classifier.load(whole.resolve("weights").resolve("last.safetensors")).params();
    for (Params.Entry entry : Classifier.load(last).params().entries()) {
      assertThat(entry.value().floats())
          .as(entry.path())
          .isEqualTo(expected.entry(entry.path()).value().floats());
    }
    assertThat(parts.resolve("results.csv")).hasSameTextualContentAs(whole.resolve("results.csv"));
  }

  /** Spoils the weights once, after the third mini-batch, and hears what becomes of it. */
  private static final class Spoiler implements Listener {
    final List<String> notices = new ArrayList<>();
    private boolean done;

    @Override
    public void onBatch(Trainer<?> trainer, Progress progress) {
      if (!done && progress.iteration() == 3) {
        done = true;
        Params.Entry first = trainer.params().entries().getFirst();
        trainer.params().set(first.path(), Tensor.full(first.value().spec(), Double.NaN));
      }
    }

    @Override
    public void onNotice(Trainer<?> trainer, String sentence) {
      notices.add(sentence);
    }
  }

  @Test
  void numbersThatAreNotFiniteEndARun() {
    Path to = folder.resolve("spoiled");
    ClassifierRun spoiled = classifierRun(to, 2, new Spoiler());
    assertThatThrownBy(() -> spoiled.run(null))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("NaN in batch 4 of epoch 1")
        .hasMessageContaining("its pictures are ")
        .hasMessageContaining("nonfinite=rollback");
    Path kept = to.resolve("nonfinite/step3");
    for (String name :
        List.of("state.safetensors", "batch.safetensors", "report.txt", "train_batch0.jpg")) {
      assertThat(kept.resolve(name)).isNotEmptyFile();
    }
    Safetensors batch = Safetensors.read(kept.resolve("batch.safetensors"));
    assertThat(batch.arrays()).containsOnlyKeys("pictures", "shares");
  }

  @Test
  void aRunGoesBackAndOnWithHalfTheRate() throws IOException {
    Path to = folder.resolve("rolled");
    Spoiler spoiler = new Spoiler();
    Safety safety = new Safety(0, Safety.OnNonFinite.ROLLBACK, 2);
    classifierRun(to, 2, safety, spoiler).run(null);
    assertThat(spoiler.notices)
        .singleElement()
        .asString()
        .startsWith("rolled back: ")
        .contains("back to where 0 batches of epoch 1 were done, on with 0.5 of the rate");
    assertThat(Files.readAllLines(to.resolve("results.csv"))).hasSize(3);
    assertThat(ParamsFile.metadata(to.resolve("weights/last.safetensors")).get("rollbacks"))
        .contains("NaN in batch 4 of epoch 1");
  }

  @Test
  void patienceEndsARunAndSaysWhy() throws IOException {
    Path to = folder.resolve("patient");
    Spoiler hearer = new Spoiler();
    hearer.done = true;
    Classifier classifier = Classifier.named(MODEL, NAMES, InputSize.square(SIDE));
    ClassifierRecipe still =
        new ClassifierRecipe(30, 48, 1e-12, 0.02, 0.9, 0, 5, 0, recipe(1, 0).augmentation(), 3);
    ClassifierRun patient =
        new ClassifierRun(
            classifier,
            classifier.initialize(3, LayerStyle.PLAIN),
            ImageFolder.read(data, "train"),
            ImageFolder.read(data, "val"),
            still,
            new Safety(1, Safety.OnNonFinite.STOP, 1),
            60,
            to,
            device,
            List.of(hearer));
    patient.run(null);
    assertThat(hearer.notices)
        .singleElement()
        .asString()
        .contains("top-1 has not risen for 1 epochs (patience=1); it was best after epoch ");
    assertThat(Files.readAllLines(to.resolve("results.csv"))).hasSizeLessThan(31);
    assertThat(to.resolve("weights/best.safetensors")).isNotEmptyFile();
  }

  /** As many parts as must be, by the same plan as for detectors. */
  @Test
  void memoryIsPlanned() {
    Classifier classifier = Classifier.named(MODEL, NAMES, InputSize.square(128));
    MemoryBudget.Demand demand =
        ClassifierRun.demand(
            classifier, LayerStyle.PLAIN, ImageFolder.read(data, "train"), recipe(1, 0), 1);
    MemoryBudget roomy = MemoryBudget.of(demand, device, 1L << 32);
    assertThat(roomy.fits()).isTrue();
    assertThat(roomy.subdivisions()).isEqualTo(1);
    assertThat(roomy.part()).isEqualTo(16);
    MemoryBudget narrow = MemoryBudget.of(demand, device, roomy.total());
    assertThat(narrow.subdivisions()).isBetween(2, 8);
    assertThat(narrow.fits()).isTrue();
    assertThat(MemoryBudget.of(demand, device, 1 << 20).fits()).isFalse();
  }

  /** The first device keeps gradients twice more and a copy on the way; a further one has both. */
  @Test
  void memoryOfSeveralDevicesIsPlanned() {
    Classifier classifier = Classifier.named(MODEL, NAMES, InputSize.square(128));
    MemoryBudget.Demand demand =
        ClassifierRun.demand(
            classifier, LayerStyle.PLAIN, ImageFolder.read(data, "train"), recipe(1, 0), 1);
    MemoryBudget one = MemoryBudget.of(demand, device, 1L << 32);
    MemoryBudget two = MemoryBudget.of(demand, List.of(device, Devices.open("cpu:1")), 1L << 32);
    long numbers =
        classifier.initialize(3, LayerStyle.PLAIN).entries().stream()
            .mapToLong(entry -> entry.value().spec().bytes())
            .sum();
    assertThat(two.step().gradients() - one.step().gradients()).isEqualTo(5 * numbers);
    assertThat(two.step().step()).isBetween(one.step().step() / 2, 2 * one.step().step());
  }

  private List<Double> losses(String name, LayerStyle.Kind kind, List<Device> further) {
    Classifier classifier = Classifier.named(MODEL, NAMES, InputSize.square(SIDE));
    List<Double> losses = new ArrayList<>();
    Listener watching =
        new Listener() {
          @Override
          public void onBatch(Trainer<?> trainer, Progress progress) {
            losses.add(progress.losses().get("loss"));
          }
        };
    new ClassifierRun(
            classifier,
            classifier.initialize(3, LayerStyle.PLAIN.normalizing(kind)),
            ImageFolder.read(data, "train"),
            null,
            recipe(1, 0),
            Safety.USUAL,
            60,
            folder.resolve(name),
            device,
            List.of(watching))
        .across(further)
        .run(null);
    return losses;
  }

  @Test
  void twoDevicesShareARun() {
    List<Double> one = losses("one", LayerStyle.Kind.BATCH, List.of());
    List<Device> further = List.of(Devices.open("cpu:1"));
    List<Double> two = losses("two", LayerStyle.Kind.SYNCHRONIZED, further);
    assertThat(two).hasSameSizeAs(one);
    for (int i = 0; i < one.size(); i++) {
      assertThat(two.get(i)).as("loss %d", i).isCloseTo(one.get(i), withinPercentage(0.5));
    }
    assertThat(losses("again", LayerStyle.Kind.SYNCHRONIZED, further)).isEqualTo(two);
  }

  @Test
  void examplesDependOnSeedEpochAndIndexAlone() {
    ImageFolder train = ImageFolder.read(data, "train");
    ClassifierSource source = new ClassifierSource(train, InputSize.square(SIDE), recipe(1, 0.3));
    ClassifierSource again = new ClassifierSource(train, InputSize.square(SIDE), recipe(1, 0.3));
    boolean mixed = false;
    for (int i = 0; i < train.items().size(); i++) {
      ClassifierExample example = source.get(i, 4);
      assertThat(example.image().rgb()).isEqualTo(again.get(i, 4).image().rgb());
      assertThat(example.image().rgb()).isNotEqualTo(again.get(i, 5).image().rgb());
      double sum = 0;
      int large = 0;
      for (float share : example.target()) {
        sum += share;
        large += share > 0.02 ? 1 : 0;
      }
      assertThat(sum).isCloseTo(1, within(1e-6));
      mixed |= large == 2;
    }
    assertThat(mixed).as("pieces of other pictures").isTrue();
  }

  @Test
  void faultsOfTheFoldersAreTold() throws IOException {
    assertThatThrownBy(() -> ImageFolder.read(folder.resolve("nowhere"), "train"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("cannot be listed");
    Path broken = folder.resolve("broken");
    PaintedShapes.paint(broken.resolve("train/a/1.png"), 0, new SplittableRandom(1));
    Files.createDirectories(broken.resolve("train/b"));
    Files.createDirectories(broken.resolve("train/c"));
    Files.write(broken.resolve("train/c/cut.jpg"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> ImageFolder.read(broken, "train"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("b: has no pictures")
        .hasMessageContaining("cut.jpg: is no whole picture");
  }

  @Test
  void everyNamedBackboneIsAClassifier() {
    for (String name : Classifier.names()) {
      assertThat(Classifier.named(name, NAMES, InputSize.square(64)).name()).isEqualTo(name);
    }
    for (String name :
        List.of(
            "yolov4@0.1x0.1",
            "yolov3@0.1x0.1",
            "yolov4-p5@0.1x0.1",
            "yolov4-tiny-3l@0.1",
            "yolov4-p5-yaml@0.1x0.1")) {
      Classifier classifier = Classifier.named(name, NAMES, InputSize.square(64));
      Params params = classifier.initialize(1, LayerStyle.PLAIN);
      DetectionModel detector = Models.named(name, 2);
      Params whole = Models.initialize(detector, 1);
      for (Params.Entry entry : params.entries()) {
        if (!entry.path().startsWith("classes.")) {
          assertThat(whole.entry(entry.path()).value().shape())
              .as(name + " " + entry.path())
              .isEqualTo(entry.value().shape());
        }
      }
    }
    assertThatThrownBy(() -> Classifier.named("yolov3-tiny", NAMES, InputSize.square(64)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("not written apart");
  }
}

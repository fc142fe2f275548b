package dev.peregrine.yolo.classify;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.nn.train.NonFinite;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.plot.ContactSheet;
import dev.peregrine.yolo.run.ResultsTable;
import dev.peregrine.yolo.run.RunGuard;
import dev.peregrine.yolo.run.RunKeeper;
import dev.peregrine.yolo.run.Subject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A classifier: how its runs are measured, recorded and kept. */
final class ClassifierSubject implements Subject {
  private static final String HEADER = "epoch,train/loss,val/loss,metrics/top1,metrics/top5,lr";

  private final Classifier classifier;
  private final Params params;
  private final @Nullable ImageFolder val;
  private final ClassifierRecipe recipe;
  private final Path folder;
  private ResultsTable table;
  private @Nullable ClassifierScores last;

  ClassifierSubject(
      Classifier classifier,
      Params params,
      @Nullable ImageFolder val,
      ClassifierRecipe recipe,
      Path folder) {
    this.classifier = classifier;
    this.params = params;
    this.val = val;
    this.recipe = recipe;
    this.folder = folder;
    this.table = table(0);
  }

  private ResultsTable table(int epochsDone) {
    return new ResultsTable(folder.resolve("results.csv"), HEADER, epochsDone);
  }

  @Nullable ClassifierScores last() {
    return last;
  }

  @Override
  public Map<String, String> metadata() {
    return classifier.describe(params.style());
  }

  @Override
  public String score() {
    return "top-1";
  }

  @Override
  public String hopeless() {
    return "so not one validation picture is told right: look whether train/ and val/ have the same"
        + " classes";
  }

  @Override
  public boolean measures(int epoch) {
    return val != null;
  }

  @Override
  public double measure(Params averaged, int epoch) {
    if (val == null) {
      throw new IllegalStateException("a run without validation pictures is not measured");
    }
    ClassifierScores scores = ClassifierScores.of(classifier, averaged, val, recipe.batch());
    last = scores;
    return scores.top1();
  }

  @Override
  public void record(Trainer<?> run, Progress progress, boolean measured) {
    ClassifierScores scores = measured ? last : null;
    if (!measured) {
      ParamsFile.write(run.averaged(), metadata(), RunKeeper.best(folder)); // none is known better
    }
    table.add(
        String.format(
            Locale.ROOT,
            "%d,%.5f,%s,%.6f",
            progress.epoch() + 1,
            progress.means().getOrDefault("loss", Double.NaN),
            scores == null
                ? ",,"
                : String.format(
                    Locale.ROOT, "%.5f,%.5f,%.5f", scores.loss(), scores.top1(), scores.top5()),
            progress.rate()));
  }

  @Override
  public void begin(int epochsDone) {
    table = table(epochsDone);
  }

  @Override
  public Map<String, String> state() {
    return Map.of();
  }

  @Override
  public void restore(Map<String, String> texts) {}

  /**
   * The training pictures.
   *
   * @param data the pictures
   */
  record Pictures(ImageFolder data) implements RunGuard.Pictures<ClassifierExample> {
    private static final int SHOWN = 16;
    private static final int TILE = 320;

    @Override
    public int size() {
      return data.items().size();
    }

    @Override
    public String name(int index) {
      return data.items().get(index).file().getFileName().toString();
    }

    /** Keeps pixels {@code [N, H, W, 3]} and shares of classes {@code [N, classes]}. */
    @Override
    public String keep(NonFinite<ClassifierExample> found, Path folder) {
      List<ClassifierExample> whole = found.whole();
      int classes = data.names().size();
      int size = whole.getFirst().image().rgb().length;
      float[] pixels = new float[whole.size() * size];
      float[] shares = new float[whole.size() * classes];
      List<ContactSheet.Tile> tiles = new ArrayList<>();
      for (int i = 0; i < whole.size(); i++) {
        ClassifierExample example = whole.get(i);
        System.arraycopy(example.image().rgb(), 0, pixels, i * size, size);
        System.arraycopy(example.target(), 0, shares, i * classes, classes);
        tiles.add(new ContactSheet.Tile(name(example), example.image(), List.of()));
      }
      int height = whole.getFirst().image().height();
      int[] shape = {whole.size(), height, size / 3 / height, 3};
      Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
      arrays.put("pictures", new Safetensors.Array(shape, pixels));
      arrays.put("shares", new Safetensors.Array(new int[] {whole.size(), classes}, shares));
      new Safetensors(arrays, Map.of("what", found.what()))
          .write(folder.resolve("batch.safetensors"));
      Images.write(folder.resolve("train_batch0.jpg"), ContactSheet.of(tiles, SHOWN, TILE));
      return "the batch lies in " + folder;
    }

    /** The class that has most of a picture. */
    private String name(ClassifierExample example) {
      int most = 0;
      for (int c = 1; c < example.target().length; c++) {
        most = example.target()[c] > example.target()[most] ? c : most;
      }
      return data.names().get(most);
    }
  }
}

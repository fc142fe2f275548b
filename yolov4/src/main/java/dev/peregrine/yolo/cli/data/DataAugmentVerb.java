package dev.peregrine.yolo.cli.data;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.augment.Adversary;
import dev.peregrine.yolo.augment.Augmentation;
import dev.peregrine.yolo.augment.DarknetAugmentation;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.augment.PictureCache;
import dev.peregrine.yolo.augment.PictureSource;
import dev.peregrine.yolo.augment.TorchAugmentation;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.augment.TrainingSampler;
import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.data.check.DataHash;
import dev.peregrine.yolo.demo.Scene;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.plot.AugmentationGallery;
import dev.peregrine.yolo.plot.ContactSheet;
import dev.peregrine.yolo.plot.Mark;
import dev.peregrine.yolo.train.HiddenObjects;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Shows what the network is shown: each augmentation alone, and pictures of a whole recipe. */
public final class DataAugmentVerb implements Verb {
  /** Whose augmentation. */
  enum Recipe {
    SCALED,
    DARKNET
  }

  private static final Key<Path> DATA =
      Key.path(
          DataInput.DATA.name(),
          "the data set, in any form that train takes; painted pictures unless given");
  private static final Key<InputSize> IMGSZ =
      new Key<>(
          "imgsz",
          "416",
          Key.Need.OPTIONAL,
          "size of the network's input: one number, or HEIGHTxWIDTH",
          InputSize::parse);
  private static final Key<Recipe> RECIPE =
      Key.choice(
          "recipe", "scaled", Recipe.class, "whose pictures recipe.jpg shows: scaled, darknet");
  private static final Key<Integer> INDEX =
      Key.whole("index", "0", 0, Integer.MAX_VALUE, "the picture in augmentations.jpg, from 0");

  private static final Key<String> MODEL =
      new Key<>(
          ModelLoader.MODEL.name(),
          "",
          Key.Need.OPTIONAL,
          "a trained network, whose gradient makes the piece of self-adversarial training",
          text -> text);

  private static final int SHOWN = 16;
  private static final int PLACE = 320;
  private static final int PAINTED = 32;
  private static final long CACHE_BYTES = 256L << 20;
  private static final double MEASURED_SECONDS = 1;

  /** The most that a pixel moves where a network's gradient is shown. */
  private static final double FARTHEST = 0.2;

  @Override
  public String name() {
    return "data augment";
  }

  @Override
  public String summary() {
    return "draws what each augmentation makes of a picture, and pictures of a recipe";
  }

  @Override
  public String example() {
    return "./yolo data augment data=data.yaml recipe=scaled mosaic=1 degrees=10";
  }

  @Override
  public List<Key<?>> keys() {
    List<Key<?>> keys =
        new ArrayList<>(
            List.of(DATA, DataInput.FAULTY, INDEX, IMGSZ, RECIPE, MODEL, ModelLoader.WEIGHTS));
    keys.addAll(AugmentationKeys.ALL);
    keys.addAll(RunFolder.KEYS);
    return keys;
  }

  @Override
  public int run(Call call) {
    Augmentation recipe =
        switch (call.get(RECIPE)) {
          case SCALED ->
              new TorchAugmentation(AugmentationKeys.scaled(call, TorchSettings.SCRATCH));
          case DARKNET ->
              new DarknetAugmentation(
                  AugmentationKeys.darknet(call, DarknetSettings.TINY.with("mosaic", 0.5)));
        };
    PictureSource source;
    List<String> names;
    Map<String, String> facts;
    if (call.has(DATA)) {
      DataSet data = DataInput.load(call, Split.TRAIN);
      source = new PictureCache(data, CACHE_BYTES);
      names = data.names();
      facts = Map.of("data_hash", DataHash.of(data));
    } else {
      source = painted(call.get(Call.SEED));
      names = ShapesDataSet.names();
      facts = Map.of("data", "painted shapes");
    }
    int index = call.get(INDEX);
    if (index >= source.size()) {
      throw new UsageException(
          "index=" + index + " is too large: the data have " + source.size() + " pictures, from 0");
    }
    InputSize size = call.get(IMGSZ);
    long seed = call.get(Call.SEED);
    Path folder = RunFolder.of(call, facts).path();

    List<ContactSheet.Tile> tiles = new ArrayList<>();
    for (AugmentationGallery.Piece piece :
        AugmentationGallery.of(source, index, size.width(), size.height(), seed)) {
      tiles.add(tile(piece.name(), piece.shown(), names));
    }
    if (call.has(MODEL)) {
      LabelledImage plain =
          new TrainingSampler(source, new DarknetAugmentation(DarknetSettings.NONE), seed)
              .sample(0, index, size.width(), size.height());
      tiles.add(tile("self-adversarial", altered(call, plain, size), names));
    }
    save(call, folder.resolve("augmentations.jpg"), tiles, tiles.size());

    TrainingSampler sampler = new TrainingSampler(source, recipe, seed);
    List<LabelledImage> shown =
        IntStream.range(0, SHOWN).mapToObj(i -> sample(sampler, i, size)).toList();
    save(
        call,
        folder.resolve("recipe.jpg"),
        shown.stream().map(picture -> tile("", picture, names)).toList(),
        SHOWN);
    call.print(speed(sampler, size));
    return Failure.NONE;
  }

  private static LabelledImage sample(TrainingSampler sampler, int number, InputSize size) {
    int pictures = sampler.source().size();
    return sampler.sample(number / pictures, number % pictures, size.width(), size.height());
  }

  private static ContactSheet.Tile tile(String title, LabelledImage shown, List<String> names) {
    List<Mark> marks =
        shown.labels().stream()
            .map(label ->
                Mark.of(
                    label,
                    names.get(label.classIndex()),
                    shown.image().width(),
                    shown.image().height()))
            .toList();
    return new ContactSheet.Tile(title, shown.image(), marks);
  }

  /** A picture in which a network sees less: its pixels move by up to a fifth. */
  private static LabelledImage altered(Call call, LabelledImage plain, InputSize size) {
    Device device = call.device();
    return Call.on(
        device,
        () -> {
          Models.Trained trained = ModelLoader.trained(call);
          HiddenObjects gradient =
              new HiddenObjects(
                  trained.model().withInputSize(size),
                  trained.params().to(DType.F32, device),
                  size);
          float[] slope = gradient.of(plain.image().rgb());
          double largest = 1e-30;
          for (float value : slope) {
            largest = Math.max(largest, Math.abs(value));
          }
          float[] pixels =
              new Adversary(FARTHEST / largest, 1, 0, 1, 0)
                  .alter(plain.image().rgb(), 1, same -> slope);
          Image image = new Image(size.width(), size.height(), pixels);
          return new LabelledImage(image, plain.labels());
        });
  }

  private static void save(Call call, Path file, List<ContactSheet.Tile> tiles, int most) {
    Images.write(file, ContactSheet.of(tiles, most, PLACE));
    call.print("drawn: " + file);
  }

  /** How fast one thread makes pictures whose files are decoded already. */
  private static String speed(TrainingSampler sampler, InputSize size) {
    long start = System.nanoTime();
    long end = start + (long) (MEASURED_SECONDS * 1e9);
    int done = 0;
    while (System.nanoTime() < end) {
      sample(sampler, SHOWN + done++, size);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return String.format(
        Locale.ROOT,
        "one thread makes %.0f pictures/s at %s (%.1f ms each)",
        done / seconds,
        size,
        1000 * seconds / done);
  }

  /** Pictures of figures, for a look without data. */
  private static PictureSource painted(long seed) {
    ShapesDataSet data = new ShapesDataSet(PAINTED, 1, 416, seed);
    List<Scene> scenes = IntStream.range(0, PAINTED).mapToObj(data::trainScene).toList();
    List<ByteImage> pictures = scenes.stream().map(scene -> ByteImage.of(scene.image())).toList();
    return new PictureSource() {
      @Override
      public int size() {
        return pictures.size();
      }

      @Override
      public ByteImage picture(int index) {
        return pictures.get(index);
      }

      @Override
      public List<Label> labels(int index) {
        return scenes.get(index).labels();
      }
    };
  }
}

package dev.peregrine.yolo.classify;

import dev.peregrine.nn.data.Source;
import dev.peregrine.yolo.augment.ClassifiedImage;
import dev.peregrine.yolo.augment.ClassifierAugmentation;
import dev.peregrine.yolo.augment.ClassifierChanges;
import dev.peregrine.yolo.augment.PictureSource;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.InputSize;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The pictures of a data set as they are learned from: changed at random, perhaps mixed with
 * others, by which their classes are shared. Every draw depends on the seed, the epoch and the
 * index alone.
 */
record ClassifierSource(ImageFolder data, InputSize input, ClassifierSettings settings)
    implements Source<ClassifierExample> {
  private static final double LONGEST = 4.0 / 3;

  /** Degrees and part of the colour circle of darknet's classifiers. */
  private static final double ANGLE = 7;

  private static final double HUE = 0.1;

  /** The files, decoded each time. */
  private record Pictures(ImageFolder data) implements PictureSource {
    @Override
    public int size() {
      return data.items().size();
    }

    @Override
    public ByteImage picture(int index) {
      return Images.readBytes(data.items().get(index).file());
    }

    @Override
    public String name(int index) {
      return data.items().get(index).file().toString();
    }

    @Override
    public List<Label> labels(int index) {
      return List.of(new Label(data.items().get(index).label(), 0.5, 0.5, 1, 1));
    }
  }

  @Override
  public int size() {
    return data.items().size();
  }

  @Override
  public ClassifierExample get(int index, long epoch) {
    SplittableRandom random = new SplittableRandom(mix(mix(settings.seed()) + epoch) + index);
    ClassifiedImage made =
        new ClassifierAugmentation(changes())
            .make(new Pictures(data), index, input.width(), input.height(), random);
    return new ClassifierExample(made.image(), target(made.classes()));
  }

  /** The smallest piece of a picture is the largest that a picture is scaled to. */
  private ClassifierChanges changes() {
    int side = Math.min(input.width(), input.height());
    return new ClassifierChanges(
        side,
        (int) Math.round(side / settings.smallestCrop()),
        ANGLE,
        LONGEST,
        settings.flip(),
        settings.colour() > 1 ? HUE : 0,
        settings.colour(),
        settings.colour(),
        0,
        0,
        settings.cutMix(),
        0);
  }

  private static long mix(long z) {
    long first = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long second = (first ^ (first >>> 27)) * 0x94D049BB133111EBL;
    return second ^ (second >>> 31);
  }

  private float[] target(List<ClassifiedImage.Share> classes) {
    float[] target = new float[data.names().size()];
    double smoothing = settings.labelSmoothing();
    Arrays.fill(target, (float) (smoothing / target.length));
    for (ClassifiedImage.Share share : classes) {
      target[share.classIndex()] += (float) ((1 - smoothing) * share.part());
    }
    return target;
  }
}

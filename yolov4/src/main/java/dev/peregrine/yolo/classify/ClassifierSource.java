package dev.peregrine.yolo.classify;

import dev.peregrine.nn.data.Source;
import dev.peregrine.yolo.augment.ClassifiedImage;
import dev.peregrine.yolo.augment.ClassifierAugmentation;
import dev.peregrine.yolo.augment.PictureSource;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.InputSize;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The pictures of a data set as they are learned from; every draw depends on the seed, the epoch
 * and the index alone.
 */
record ClassifierSource(ImageFolder data, InputSize input, ClassifierRecipe recipe)
    implements Source<ClassifierExample> {
  @Override
  public int size() {
    return data.items().size();
  }

  @Override
  public ClassifierExample get(int index, long epoch) {
    SplittableRandom random = new SplittableRandom(mix(mix(recipe.seed()) + epoch) + index);
    ClassifiedImage made =
        new ClassifierAugmentation(recipe.augmentation())
            .make(new Pictures(data), index, input.width(), input.height(), random);
    float[] target = new float[data.names().size()];
    double smoothing = recipe.labelSmoothing();
    Arrays.fill(target, (float) (smoothing / target.length));
    for (ClassifiedImage.Share share : made.classes()) {
      target[share.classIndex()] += (float) ((1 - smoothing) * share.part());
    }
    return new ClassifierExample(made.image(), target);
  }

  private static long mix(long z) {
    long first = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long second = (first ^ (first >>> 27)) * 0x94D049BB133111EBL;
    return second ^ (second >>> 31);
  }

  /** The pictures with one label each, which covers them. */
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
}

package dev.peregrine.yolo.train;

import dev.peregrine.nn.data.Source;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.augment.PictureSource;
import dev.peregrine.yolo.augment.TrainingSampler;
import dev.peregrine.yolo.image.Axis;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Resampler;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.recipe.Course;
import dev.peregrine.yolo.recipe.Recipe;

/**
 * Augmented pictures of a data set, at the size of their batch.
 *
 * @param pictures the data set
 * @param recipe what is done to them
 * @param course the frame of the run
 */
record DetectionSource(PictureSource pictures, Recipe recipe, Course course)
    implements Source<LabelledImage> {
  /** Sets the draws of a picture that is shown twice in an epoch apart. */
  private static final long AGAIN = 0x5851F42D4C957F2DL;

  @Override
  public int size() {
    return pictures.size();
  }

  @Override
  public LabelledImage get(int index, long epoch) {
    return get(index, epoch, 0);
  }

  @Override
  public LabelledImage get(int index, long epoch, int batch) {
    return make(index, epoch, batch, course.seed());
  }

  @Override
  public LabelledImage again(int index, long epoch, int batch) {
    return make(index, epoch, batch, course.seed() ^ AGAIN);
  }

  private LabelledImage make(int index, long epoch, int batch, long seed) {
    TrainingSampler sampler =
        new TrainingSampler(pictures, recipe.augmentation(epoch), seed, course.epochs());
    InputSize size = recipe.size(course, epoch * course.batches() + batch);
    InputSize made = recipe.resamples() ? course.size() : size;
    LabelledImage example = sampler.sample(epoch, index, made.width(), made.height());
    return made.equals(size) ? example : resampled(example, size);
  }

  private static LabelledImage resampled(LabelledImage example, InputSize size) {
    Image image = example.image();
    Image other =
        Resampler.resample(
            image,
            Axis.halfPixel(image.width(), size.width()),
            Axis.halfPixel(image.height(), size.height()),
            0,
            0,
            0);
    return new LabelledImage(other, example.labels());
  }

  @Override
  public String name(int index) {
    return pictures.name(index);
  }
}

package dev.peregrine.yolo.train;

import dev.peregrine.nn.data.Source;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.augment.TrainingSampler;
import dev.peregrine.yolo.model.InputSize;

/**
 * Augmented pictures of a data set.
 *
 * @param sampler what makes them
 * @param input size of the network's input
 */
record DetectionSource(TrainingSampler sampler, InputSize input) implements Source<LabelledImage> {
  @Override
  public int size() {
    return sampler.source().size();
  }

  @Override
  public LabelledImage get(int index, long epoch) {
    return sampler.sample(epoch, index, input.width(), input.height());
  }

  @Override
  public String name(int index) {
    return sampler.source().name(index);
  }
}

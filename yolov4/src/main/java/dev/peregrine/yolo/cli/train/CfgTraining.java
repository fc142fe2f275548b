package dev.peregrine.yolo.cli.train;

import dev.peregrine.nn.optim.DarknetSchedule;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.cli.data.AugmentationKeys;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.Net;
import dev.peregrine.yolo.darknet.YoloOptions;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.recipe.DarknetRecipe;
import dev.peregrine.yolo.recipe.Hyper;
import dev.peregrine.yolo.recipe.Hyperparameters;
import dev.peregrine.yolo.recipe.Recipe;
import java.util.Optional;

/**
 * What a cfg says of the training of its network.
 *
 * <p>Its iterations are stretched to the length of the run: a step at four fifths of {@code
 * max_batches} comes at four fifths of the run, however long that is.
 *
 * @param net its {@code [net]} section
 * @param options those of its last head, which darknet takes for the pictures
 * @param augmentation what both say of training pictures
 */
record CfgTraining(Net net, YoloOptions options, DarknetSettings augmentation) {
  /** What the cfg of a model says, if it has one. */
  static Optional<CfgTraining> of(DetectionModel model) {
    return model instanceof CfgModel cfg
        ? Optional.of(
            new CfgTraining(
                cfg.cfg().net(),
                cfg.cfg().heads().getLast().options(),
                AugmentationKeys.of(cfg.cfg())))
        : Optional.empty();
  }

  /** Its numbers, as far as it says any. */
  Hyperparameters hyper() {
    Net.Optimisation o = net.optimisation();
    Net.Augmentation pictures = net.augmentation();
    Net.Adam adam = o.adam();
    return Hyperparameters.of(Recipe.Kind.DARKNET)
        .with(Hyper.LR0, o.learningRate())
        .with(Hyper.MOMENTUM, adam == null ? o.momentum() : adam.first())
        .with(Hyper.WEIGHT_DECAY, o.decay())
        .with(Hyper.POWER, o.burnInPower())
        .with(Hyper.EMA_ALPHA, o.emaAlpha())
        .with(Hyper.RANDOM, options.random())
        .with(Hyper.DYNAMIC_MINIBATCH, pictures.dynamicMiniBatch() ? 1 : 0)
        .with(Hyper.ADVERSARIAL_LR, pictures.adversarialRate())
        .with(Hyper.ATTENTION, pictures.attention() ? 1 : 0);
  }

  /** Its Adam, if it does not say momentum. */
  Optional<DarknetRecipe.Adaptive> adaptive() {
    return Optional.ofNullable(net.optimisation().adam())
        .map(adam -> new DarknetRecipe.Adaptive(adam.second(), adam.epsilon()));
  }

  /** Its course of the learning rate. */
  DarknetRecipe.Curve curve() {
    return (iterations, rate, last, seed) -> {
      double stretch = stretch(iterations);
      return switch (net.optimisation().policy()) {
        case Net.Policy.Constant _ -> new DarknetSchedule.Constant();
        case Net.Policy.Step step ->
            new DarknetSchedule.Step(Math.max(1, Math.round(step.step() * stretch)), step.scale());
        case Net.Policy.Steps steps ->
            new DarknetSchedule.Steps(
                steps.steps().stream().map(step -> Math.round(step * stretch)).toList(),
                steps.scales());
        case Net.Policy.Poly poly -> new DarknetSchedule.Polynomial(iterations, poly.power());
        case Net.Policy.Exp exp ->
            new DarknetSchedule.Exponential(Math.pow(exp.gamma(), 1 / stretch));
        case Net.Policy.Sig sig ->
            new DarknetSchedule.Sigmoid(sig.gamma() / stretch, Math.round(sig.step() * stretch));
        case Net.Policy.Sgdr sgdr ->
            new DarknetSchedule.Cosine(
                Math.min(rate, sgdr.least()),
                sgdr.cycle() == 0 ? iterations : Math.max(1, Math.round(sgdr.cycle() * stretch)),
                Math.max(1, sgdr.multiplier()));
        case Net.Policy.Random random -> new DarknetSchedule.Random(random.power(), seed);
      };
    };
  }

  private double stretch(long iterations) {
    int whole = net.optimisation().maxBatches();
    return whole == 0 ? 1 : (double) iterations / whole;
  }
}

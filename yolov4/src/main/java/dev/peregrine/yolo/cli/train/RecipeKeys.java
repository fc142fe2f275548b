package dev.peregrine.yolo.cli.train;

import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.anchor.AnchorCheck;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.augment.TorchSettings;
import dev.peregrine.yolo.augment.effect.Effects;
import dev.peregrine.yolo.augment.effect.Setting;
import dev.peregrine.yolo.cli.data.AugmentationKeys;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.DarknetLoss;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.recipe.DarknetPolicy;
import dev.peregrine.yolo.recipe.DarknetRecipe;
import dev.peregrine.yolo.recipe.Hyper;
import dev.peregrine.yolo.recipe.HyperFile;
import dev.peregrine.yolo.recipe.Hyperparameters;
import dev.peregrine.yolo.recipe.Method;
import dev.peregrine.yolo.recipe.Recipe;
import dev.peregrine.yolo.recipe.ScaledRecipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keys that describe a recipe of training, and the recipe that they describe. */
final class RecipeKeys {
  static final Key<Recipe.Kind> RECIPE =
      Key.choice(
          "recipe",
          "scaled",
          Recipe.Kind.class,
          "what is taught and how: scaled, as the PyTorch code of Scaled-YOLOv4 does, or darknet");
  static final Key<Method> OPTIMIZER =
      Key.choice(
          "optimizer",
          "auto",
          Method.class,
          "sgd, adam, adamw; auto takes sgd for 2000 steps of 64 pictures and more, else adamw, and"
              + " with recipe=darknet what the cfg says");
  static final Key<Boolean> MULTI_SCALE =
      Key.flag("multi_scale", false, "with recipe=scaled: a size of its own for each batch");
  static final Key<Integer> FIRST_STAGE =
      Key.whole(
          "first_stage",
          "0",
          0,
          1_000_000,
          "with recipe=scaled: epochs of a first stage, after which zoom and mixtures grow; 300 of"
              + " epochs=450 for P5 to P7");
  static final Key<IouLoss> IOU_LOSS =
      Key.choice(
          "iou_loss",
          "",
          IouLoss.class,
          "what the box error is measured by: mse, iou, giou, diou or ciou; ciou, or what the cfg"
              + " says");
  static final Key<DarknetPolicy> POLICY =
      Key.choice(
          "policy",
          "",
          DarknetPolicy.class,
          "with recipe=darknet: the course of the rate (sgdr, steps, step, constant, poly, exp,"
              + " sig, random); sgdr, or what the cfg says");
  static final Key<DarknetLoss.Form> GRADIENT =
      Key.choice(
          "gradient",
          "darknet",
          DarknetLoss.Form.class,
          "with recipe=darknet: the gradient as darknet codes it, or the exact one");
  private static final Key<Boolean> AUTOANCHOR =
      Key.flag(
          "autoanchor",
          false,
          "where the anchors reach fewer than 98% of the boxes, take better ones if a search finds"
              + " them");
  private static final Key<Path> HYP =
      Key.path(
          "hyp",
          "a yaml with numbers of the recipe, such as hyp_evolved.yaml of evolve=; those of the"
              + " call itself come before them");
  private static final List<Key<Double>> NUMBERS =
      java.util.Arrays.stream(Hyper.values())
          .map(hyper -> Key.number(hyper.key(), "", hyper.least(), hyper.most(), hyper.meaning()))
          .toList();

  private RecipeKeys() {}

  /** All of them. */
  static List<Key<?>> all() {
    List<Key<?>> keys =
        new ArrayList<>(
            List.of(
                RECIPE,
                OPTIMIZER,
                MULTI_SCALE,
                FIRST_STAGE,
                IOU_LOSS,
                POLICY,
                GRADIENT,
                AUTOANCHOR,
                HYP));
    keys.addAll(NUMBERS);
    return keys;
  }

  /** The call with the numbers of its file, where it names one. */
  static Call withFile(Call call) {
    if (!call.has(HYP)) {
      return call;
    }
    HyperFile file = HyperFile.read(call.get(HYP));
    if (!file.ignored().isEmpty()) {
      call.print(call.get(HYP) + ": without meaning here: " + String.join(", ", file.ignored()));
    }
    return call.withDefaults(file.values());
  }

  /** The network, with better anchors where the call asks for them and there are any. */
  static DetectionModel anchored(Call call, DetectionModel model, DataSet train) {
    if (!call.get(AUTOANCHOR)) {
      return model;
    }
    AnchorCheck check = AnchorCheck.of(model, train, call.get(Call.SEED));
    call.print(check.text() + check.proposal().map(_ -> "; taken").orElse(""));
    return check.proposal().isPresent()
        ? Models.withAnchors(model, check.proposalFor(model))
        : model;
  }

  /**
   * The recipe that a call describes.
   *
   * @param call its settings
   * @param letterBox whether the model keeps the proportions of pictures
   * @param cfg what the model's cfg says of training, which holds unless the call says otherwise
   */
  static Recipe recipe(Call call, boolean letterBox, Optional<CfgTraining> cfg) {
    Recipe.Kind kind = call.get(RECIPE);
    Hyperparameters hyper = Hyperparameters.of(kind);
    if (kind == Recipe.Kind.DARKNET && cfg.isPresent()) {
      hyper = cfg.get().hyper();
    }
    for (Key<Double> key : NUMBERS) {
      Optional<Double> value = call.find(key);
      if (value.isPresent()) {
        Hyper number = Hyper.of(key.name()).orElseThrow();
        requireOf(kind, key, number.isOf(kind));
        hyper = hyper.with(number, value.get());
      }
    }
    Optional<IouLoss> iou = call.find(IOU_LOSS);
    if (kind == Recipe.Kind.SCALED) {
      requireOf(kind, POLICY, !call.has(POLICY));
      return new ScaledRecipe(
          hyper,
          AugmentationKeys.scaled(call, TorchSettings.SCRATCH),
          iou.orElse(IouLoss.CIOU),
          call.get(MULTI_SCALE),
          call.get(FIRST_STAGE),
          call.get(OPTIMIZER));
    }
    requireOf(kind, MULTI_SCALE, !call.get(MULTI_SCALE));
    requireOf(kind, FIRST_STAGE, call.get(FIRST_STAGE) == 0);
    DarknetSettings pictures =
        cfg.map(CfgTraining::augmentation)
            .orElse(DarknetSettings.TINY.with("mosaic", 0.5).with("letter_box", letterBox ? 1 : 0));
    DarknetRecipe.Curve usual =
        cfg.<DarknetRecipe.Curve>map(CfgTraining::curve).orElse(DarknetPolicy.SGDR);
    return new DarknetRecipe(
        hyper,
        AugmentationKeys.darknet(call, pictures),
        call.find(POLICY).<DarknetRecipe.Curve>map(policy -> policy).orElse(usual),
        call.get(GRADIENT),
        iou.orElse(null),
        cfg.map(c -> c.net().augmentation().resizeStep()).orElse(32),
        adaptive(call.get(OPTIMIZER), cfg));
  }

  private static DarknetRecipe.@Nullable Adaptive adaptive(
      Method method, Optional<CfgTraining> cfg) {
    Optional<DarknetRecipe.Adaptive> said = cfg.flatMap(CfgTraining::adaptive);
    return switch (method) {
      case AUTO -> said.orElse(null);
      case ADAM -> said.orElse(DarknetRecipe.Adaptive.USUAL);
      case SGD -> null;
      case ADAMW ->
          throw new UsageException(
              "optimizer=adamw has no meaning with recipe=darknet, whose Adam decays by the"
                  + " gradient; take optimizer=adam, or recipe=scaled");
    };
  }

  private static void requireOf(Recipe.Kind kind, Key<?> key, boolean holds) {
    if (!holds) {
      throw new UsageException(
          key.name()
              + "= has no meaning with recipe="
              + kind.key()
              + "; leave it out, or choose the other recipe");
    }
  }

  /** The numbers that a recipe is made of, also those not given, for {@code args.yaml}. */
  static Map<String, String> facts(Recipe recipe) {
    Map<String, String> facts = new LinkedHashMap<>();
    Hyperparameters hyper = recipe.hyper();
    for (Hyper number : Hyper.values()) {
      double value = hyper.get(number, Double.NaN);
      if (!Double.isNaN(value)) {
        facts.put(number.key(), Double.toString(value));
      }
    }
    List<Setting> pictures =
        recipe.hyper().kind() == Recipe.Kind.SCALED
            ? TorchSettings.SETTINGS
            : DarknetSettings.SETTINGS;
    for (List<Setting> table : List.of(pictures, Effects.SETTINGS)) {
      for (Setting setting : table) {
        double value =
            switch (recipe) {
              case ScaledRecipe scaled -> scaled.augmentation().get(setting.key());
              case DarknetRecipe darknet -> darknet.augmentation().get(setting.key());
            };
        facts.put(setting.key(), Double.toString(value));
      }
    }
    return facts;
  }
}

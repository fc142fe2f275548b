package dev.peregrine.yolo.cli.model;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.darknet.DarknetWeights;
import dev.peregrine.yolo.darknet.FeatureMap;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Resize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Shows what every layer of a network gives for one input, in darknet's numbering and order. */
public final class LayersVerb implements Verb {
  /** How exactly is computed. */
  enum Precision {
    FP32,
    FP64
  }

  private static final Key<Path> SOURCE = Key.path("source", "a picture");
  private static final Key<Path> TENSOR =
      Key.path("tensor", "the input itself instead: little-endian float32, CHW, 0 to 1");
  private static final Key<Path> TSV =
      Key.path("tsv", "write the table to this file instead of printing it");
  private static final Key<Path> PICTURE =
      Key.path("picture", "draw a layer's mean over its channels to this .png or .jpg");
  private static final Key<Integer> LAYER =
      Key.whole("layer", "0", 0, Integer.MAX_VALUE, "the layer that picture= draws");
  private static final Key<Precision> PRECISION =
      Key.choice(
          "precision",
          "fp32",
          Precision.class,
          "fp32, or fp64 with device=reference for comparing");

  @Override
  public String name() {
    return "layers";
  }

  @Override
  public String summary() {
    return "prints statistics and first values of every layer's output, as darknet counts them";
  }

  @Override
  public String example() {
    return "./yolo layers model=yolov4-tiny.cfg weights=yolov4-tiny.weights source=dog.jpg";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        ShippedModel.MODEL,
        ModelLoader.WEIGHTS,
        ModelLoader.NAMES,
        ModelLoader.IMGSZ,
        ModelLoader.RESIZE,
        SOURCE,
        TENSOR,
        TSV,
        PICTURE,
        LAYER,
        PRECISION);
  }

  @Override
  public int run(Call call) {
    ShippedModel.tell(call);
    if (call.has(SOURCE) == call.has(TENSOR)) {
      throw new UsageException("layers: give either source=PICTURE or tensor=FILE");
    }
    boolean exact = call.get(PRECISION) == Precision.FP64;
    Device device = call.device();
    if (exact && device != Devices.reference()) {
      throw new UsageException("precision=fp64 is computed by device=reference only; add that");
    }
    call.find(TSV).ifPresent(TextFiles::requireWritable);
    call.find(PICTURE).ifPresent(TextFiles::requireWritable);
    Call.on(
        device,
        () -> {
          show(call, exact ? DType.F64 : DType.F32, device);
          return Failure.NONE;
        });
    return Failure.NONE;
  }

  private static void show(Call call, DType dtype, Device device) {
    Models.Trained trained = ModelLoader.trained(call);
    CfgFile cfg = CfgOfModel.of(trained.model());
    if (call.has(PICTURE) && call.get(LAYER) >= cfg.layers().size()) {
      throw new UsageException(
          "layer="
              + call.get(LAYER)
              + " is wrong: the layers are 0 to "
              + (cfg.layers().size() - 1));
    }
    float[] input = input(call, cfg, trained.model().resize());
    FeatureMap map = cfg.net().input();
    Shape shape = Shape.of(1, map.height(), map.width(), map.channels());
    Tensor image = Tensor.of(shape, input).to(dtype);
    Params params = inCfgOrder(cfg, trained.params()).to(dtype, device);
    List<Tensor> outputs = new CfgModel(cfg).layers(params, image);
    List<String> lines = new ArrayList<>(List.of(LayerStatistics.HEADER));
    for (int i = 0; i < outputs.size(); i++) {
      lines.add(LayerStatistics.of(i, outputs.get(i)).toString());
    }
    if (call.has(TSV)) {
      TextFiles.write(call.get(TSV), String.join("\n", lines) + "\n");
      call.print(outputs.size() + " layers on " + device.description() + " -> " + call.get(TSV));
    } else {
      lines.forEach(call::print);
    }
    call.find(PICTURE)
        .ifPresent(file ->
            Images.write(file, ActivationMap.of(outputs.get(call.get(LAYER)), map.height())));
  }

  /** The numbers of any network with the cfg's graph, named as the cfg's own network names them. */
  private static Params inCfgOrder(CfgFile cfg, Params params) {
    Params renamed = DarknetWeights.create(cfg, 0);
    List<Params.Entry> from = params.entries();
    List<Params.Entry> to = renamed.entries();
    for (int i = 0; i < to.size(); i++) {
      renamed.set(to.get(i).path(), from.get(i).value());
    }
    return renamed;
  }

  private static float[] input(Call call, CfgFile cfg, Resize own) {
    FeatureMap map = cfg.net().input();
    if (call.has(TENSOR)) {
      return channelsLast(floats(call.get(TENSOR), map), map);
    }
    Resize resize = ModelLoader.resize(call, own);
    return resize.apply(Images.read(call.get(SOURCE)), map.width(), map.height()).rgb();
  }

  private static float[] floats(Path file, FeatureMap map) {
    try {
      if (Files.size(file) != map.size() * Float.BYTES) {
        throw new FormatException(
            "%s: has %d bytes, but the input %s (width x height x channels) of float32 takes %d"
                .formatted(file, Files.size(file), map, map.size() * Float.BYTES));
      }
      FloatBuffer buffer =
          ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] values = new float[buffer.remaining()];
      buffer.get(values);
      return values;
    } catch (NoSuchFileException missing) {
      throw new FormatException(file + ": there is no such file", missing);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  private static float[] channelsLast(float[] planes, FeatureMap map) {
    int cells = map.height() * map.width();
    float[] pixels = new float[planes.length];
    for (int c = 0; c < map.channels(); c++) {
      for (int cell = 0; cell < cells; cell++) {
        pixels[cell * map.channels() + c] = planes[c * cells + cell];
      }
    }
    return pixels;
  }
}

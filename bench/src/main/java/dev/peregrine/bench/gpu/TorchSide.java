package dev.peregrine.bench.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** PyTorch in one precision; all precisions live in one process. */
final class TorchSide implements Side {
  private final TorchProcess torch;
  private final String precision;

  TorchSide(TorchProcess torch, String precision) {
    this.torch = torch;
    this.precision = precision;
  }

  @Override
  public String name() {
    return "torch " + precision;
  }

  @Override
  public void load(Contest contest) {
    String size = String.valueOf(contest.size());
    torch.ask("load", contest.cfg().toString(), contest.weights().toString(), size, size);
  }

  @Override
  public float[] heads(Contest contest, Path folder) {
    try {
      float[] picture = contest.picture();
      byte[] bytes = new byte[picture.length * Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer().put(picture);
      Path in = Files.write(folder.resolve("picture.f32"), bytes);
      Path out = folder.resolve("heads.f32");
      torch.ask("heads", precision, "1", in.toString(), out.toString());
      FloatBuffer numbers =
          ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.nativeOrder()).asFloatBuffer();
      float[] all = new float[numbers.remaining()];
      numbers.get(all);
      return all;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void prepare(Contest contest, Kind kind, int batch) {
    torch.ask("prepare", kind.toString(), precision, String.valueOf(batch));
  }

  @Override
  public double turn(double seconds) {
    return Double.parseDouble(
        torch.ask("turn", precision, String.valueOf(seconds)).getOrDefault("ms", "NaN"));
  }

  @Override
  public void close() {
    torch.ask("release");
  }
}

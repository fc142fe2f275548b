package dev.peregrine.bench.peers;

import dev.peregrine.tensor.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of a race.
 *
 * @param disturbance the share of the processors that other programs took
 * @param times milliseconds of each side in each round; the yardstick first, then ourselves
 */
record Table(
    Subject subject,
    Arguments arguments,
    int threads,
    String clock,
    double flops,
    Map<Side, double[]> times,
    double disturbance) {
  private record Row(
      String name,
      double ms,
      double best,
      double gflops,
      double share,
      double bestShare,
      double ratio) {}

  private List<Row> rows() {
    List<double[]> all = List.copyOf(times.values());
    double[] yardstick = all.get(0);
    double[] own = all.get(1);
    List<Row> rows = new ArrayList<>();
    times.forEach((side, ms) -> {
      double work = ms == yardstick ? Sgemm.flops() : flops;
      double[] shares = new double[ms.length];
      double[] ratios = new double[ms.length];
      for (int i = 0; i < ms.length; i++) {
        shares[i] = work / ms[i] / (Sgemm.flops() / yardstick[i]);
        ratios[i] = ms[i] / own[i];
      }
      double median = Clock.median(ms);
      double best = least(ms);
      rows.add(
          new Row(
              side.name(),
              median,
              best,
              work / median / 1e6,
              Clock.median(shares),
              work / best / (Sgemm.flops() / least(yardstick)),
              ms == yardstick ? Double.NaN : Clock.median(ratios)));
    });
    return rows;
  }

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElse(Double.NaN);
  }

  private String title() {
    return String.format(
        Locale.ROOT,
        "%s @%d, %s, batch %d, %d thread%s (%s, median of %d rounds, other programs %.0f %%)",
        subject.model().name(),
        subject.size(),
        arguments.text("race"),
        subject.batch(),
        threads,
        threads == 1 ? "" : "s",
        clock,
        times.values().iterator().next().length,
        100 * disturbance);
  }

  String markdown() {
    StringBuilder text = new StringBuilder("\n" + title() + "\n\n");
    text.append(
        "| engine | ms | best ms | GFLOP/s | share of sgemm | of the bests | time / peregrine |\n");
    text.append("|---|---:|---:|---:|---:|---:|---:|\n");
    for (Row row : rows()) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %.1f | %.1f | %.1f | %.0f %% | %.0f %% | %s |%n",
              row.name(),
              row.ms(),
              row.best(),
              row.gflops(),
              100 * row.share(),
              100 * row.bestShare(),
              Double.isNaN(row.ratio()) ? "" : String.format(Locale.ROOT, "%.2f", row.ratio())));
    }
    return text.toString();
  }

  private String csv() {
    StringBuilder text =
        new StringBuilder(
            "net,size,race,batch,threads,engine,ms,best,gflops,share,best_share,ratio\n");
    for (Row row : rows()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%s,%d,%d,%s,%.3f,%.3f,%.3f,%.4f,%.4f,%.4f%n",
              subject.model().name(),
              subject.size(),
              arguments.text("race"),
              subject.batch(),
              threads,
              row.name(),
              row.ms(),
              row.best(),
              row.gflops(),
              row.share(),
              row.bestShare(),
              row.ratio()));
    }
    return text.toString();
  }

  void write(@Nullable Path folder) throws IOException {
    if (folder == null) {
      return;
    }
    Files.createDirectories(folder);
    String name =
        "%s-%d-%s-b%d-t%d"
            .formatted(
                subject.model().name(),
                subject.size(),
                arguments.text("race"),
                subject.batch(),
                threads);
    WholeFile.write(folder.resolve(name + ".md"), markdown());
    WholeFile.write(folder.resolve(name + ".csv"), csv());
  }
}

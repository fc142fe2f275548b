package dev.peregrine.yolo.plot;

import dev.peregrine.tensor.plan.Profile;
import dev.peregrine.tensor.plan.Step;
import dev.peregrine.yolo.image.Images;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Where a network's time goes: one bar a step, from the first at the top to the last, in the colour
 * of its kind of kernel, beside its name, output, time and share of the machine's peak. XChart's
 * bars lie too far apart to name each of a hundred.
 */
public final class ProfilePlot {
  private static final int WIDTH = 1100;
  private static final int ROW = 19;
  private static final int PAD = 14;
  private static final int NUMBERS = 130;

  private ProfilePlot() {}

  /**
   * Draws a profile.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} when the file cannot be written
   * or its name ends in something else.
   *
   * @param profile the steps and their times
   * @param title what was measured
   * @param file where to, {@code .png} or {@code .jpg}
   */
  public static void draw(Profile profile, String title, Path file) {
    List<Profile.Family> families = profile.families();
    int rows = profile.rows().size() + families.size();
    BufferedImage sheet =
        new BufferedImage(WIDTH, (rows + 3) * ROW + 2 * PAD, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    try {
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
      BoxPainter.smooth(g);
      g.setColor(ChartStyle.INK);
      g.setFont(ChartStyle.font(Font.BOLD, 15));
      g.drawString(title, PAD, PAD + 13);
      g.setFont(ChartStyle.font(Font.PLAIN, 12));
      int y = bars(g, profile, families, PAD + 2 * ROW);
      legend(g, profile, families, y + ROW / 2);
    } finally {
      g.dispose();
    }
    Images.write(file, sheet);
  }

  private static int bars(Graphics2D g, Profile profile, List<Profile.Family> families, int first) {
    FontMetrics metrics = g.getFontMetrics();
    List<String> names = families.stream().map(Profile.Family::name).toList();
    int left =
        2 * PAD
            + profile.rows().stream()
                .mapToInt(row -> metrics.stringWidth(name(row.step())))
                .max()
                .orElse(0);
    double longest =
        Math.max(
            Double.MIN_NORMAL,
            profile.rows().stream().mapToDouble(Profile.Row::milliseconds).max().orElse(0));
    int y = first;
    for (Profile.Row row : profile.rows()) {
      int length = (int) Math.round((WIDTH - left - NUMBERS - PAD) * row.milliseconds() / longest);
      g.setColor(Palette.of(names.indexOf(row.step().family())));
      g.fillRect(left, y + 2, Math.max(1, length), ROW - 4);
      g.setColor(ChartStyle.INK);
      g.drawString(name(row.step()), PAD, y + ROW - 5);
      g.drawString(numbers(row, profile), left + length + PAD / 2, y + ROW - 5);
      y += ROW;
    }
    return y;
  }

  private static void legend(
      Graphics2D g, Profile profile, List<Profile.Family> families, int first) {
    int y = first;
    for (int i = 0; i < families.size(); i++) {
      Profile.Family family = families.get(i);
      g.setColor(Palette.of(i));
      g.fillRect(PAD, y + 3, ROW, ROW - 6);
      g.setColor(ChartStyle.INK);
      g.drawString(
          String.format(
              Locale.ROOT,
              "%s: %d steps, %.2f ms, %.0f %%",
              family.name(),
              family.steps(),
              family.milliseconds(),
              100 * family.milliseconds() / profile.milliseconds()),
          2 * PAD + ROW,
          y + ROW - 5);
      y += ROW;
    }
  }

  /** Which value, by which kernel, of which shape. */
  private static String name(Step step) {
    return "%s %s %s".formatted(step.value(), step.op().split(" [+]", 2)[0], step.output().shape());
  }

  private static String numbers(Profile.Row row, Profile profile) {
    double percent = profile.percentOfPeak(row.gigaflopsPerSecond());
    String text = String.format(Locale.ROOT, "%.2f ms", row.milliseconds());
    return percent >= 1 ? text + String.format(Locale.ROOT, ", %.0f %%", percent) : text;
  }
}

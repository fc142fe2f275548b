package dev.peregrine.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The folder of real reference data: trained weights, pictures, and the numbers of other programs.
 *
 * <p>It is named by the environment variable {@code PEREGRINE_REFERENCE}. Where the variable is
 * unset, tests that need the folder are reported as skipped with the reason, unless {@code
 * PEREGRINE_REQUIRE_REFERENCE=1} turns its absence into a failure.
 */
public final class Reference {
  private Reference() {}

  /**
   * Finds a file or folder of the reference data.
   *
   * @param relative its path inside the folder
   * @return the path, which exists
   */
  public static Path require(String relative) {
    String root = System.getenv("PEREGRINE_REFERENCE");
    boolean required = "1".equals(System.getenv("PEREGRINE_REQUIRE_REFERENCE"));
    if (root == null || root.isBlank()) {
      String reason = "reference data is not configured: set PEREGRINE_REFERENCE to its folder";
      if (required) {
        throw new AssertionError(reason);
      }
      Assumptions.abort(reason);
      throw new AssertionError("unreachable");
    }
    Path path = Path.of(root).resolve(relative);
    if (!Files.exists(path)) {
      throw new AssertionError("reference data has no " + path);
    }
    return path;
  }
}

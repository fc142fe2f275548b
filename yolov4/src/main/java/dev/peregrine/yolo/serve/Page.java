package dev.peregrine.yolo.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The page: one file that asks nobody but this server.
 *
 * <p>Its style and its script lie beside it as files of their own and are put into it here; the
 * browser is told to run these two and nothing else.
 */
final class Page {
  private Page() {}

  /** The page as it is sent. */
  static Answer answer() {
    String style = resource("page.css");
    String script = resource("page.js");
    String html = resource("page.html").replace("/*style*/", style).replace("/*script*/", script);
    String policy =
        "default-src 'none'; style-src '%s'; script-src '%s'; img-src blob: data:; media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            .formatted(hash(style), hash(script));
    return Answer.text(200, "text/html; charset=utf-8", html)
        .with("Content-Security-Policy", policy)
        .with("Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
  }

  /** A file that comes with the program. */
  static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(
            name + ": is missing among the program's resources; build it again with mvn package");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(name + ": cannot be read from the program's jar", failure);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}

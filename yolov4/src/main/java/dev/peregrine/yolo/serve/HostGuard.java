package dev.peregrine.yolo.serve;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers only those who call the server by a name of its own.
 *
 * <p>A page on the internet may point its own name at 127.0.0.1 and then talk to whatever listens
 * there ("DNS rebinding"); but the browser still sends that name as {@code Host}. Such an attack
 * needs a name, so addresses in numbers are let through where the server listens to other machines.
 */
final class HostGuard {
  private static final Pattern AUTHORITY =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");
  private static final Pattern NUMBERS =
      Pattern.compile("\\[[0-9a-fA-F:.]+]|[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> names = new HashSet<>(LOOPBACK);
  private final boolean numbers;

  /**
   * Knows who may be called.
   *
   * @param bound the address that the server listens at
   * @param host how the settings call it
   * @param others further names
   */
  HostGuard(InetAddress bound, String host, List<String> others) {
    numbers = !bound.isLoopbackAddress();
    names.add(lower(host));
    others.forEach(name -> names.add(lower(name)));
    if (bound.isAnyLocalAddress()) {
      try {
        names.add(lower(InetAddress.getLocalHost().getHostName()));
      } catch (UnknownHostException _) {
        // A machine without a name is called by its number.
      }
    }
  }

  /**
   * Looks at the {@code Host} and {@code Origin} of a request.
   *
   * <p><b>Errors</b> {@link Refusal} 400 without a host, 421 for a strange one, 403 for a page of
   * another origin.
   */
  void check(@Nullable String host, @Nullable String origin) {
    if (host == null || !AUTHORITY.matcher(host).matches()) {
      throw new Refusal(400, "the request must name the host that it means in a Host header");
    }
    String name = lower(host.replaceFirst(":[0-9]+$", ""));
    if (!names.contains(name) && !(numbers && NUMBERS.matcher(name).matches())) {
      throw new Refusal(
          421,
          "this server does not answer under the name '%s'; start it with allow=%s if it should"
              .formatted(name, name));
    }
    if (origin != null && !sameAuthority(origin, host)) {
      throw new Refusal(403, "pages of another origin may not use this server");
    }
  }

  private static boolean sameAuthority(String origin, String host) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority != null && lower(authority).equals(lower(host));
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}

package dev.peregrine.yolo.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a client gets.
 *
 * @param status of HTTP
 * @param headers besides those that every answer has
 * @param body its bytes
 */
record Answer(int status, Map<String, String> headers, byte[] body) {
  /** What every answer says: nobody may frame it, guess its type, keep it or read it elsewhere. */
  private static final Map<String, String> ALWAYS =
      Map.of(
          "X-Content-Type-Options", "nosniff",
          "X-Frame-Options", "DENY",
          "Referrer-Policy", "no-referrer",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Cache-Control", "no-store");

  private static final String CONTENT_TYPE = "Content-Type";

  static Answer text(int status, String type, String text) {
    return new Answer(status, Map.of(CONTENT_TYPE, type), text.getBytes(StandardCharsets.UTF_8));
  }

  static Answer json(int status, String text) {
    return text(status, "application/json", text);
  }

  static Answer of(Refusal refusal) {
    String body = JsonMapper.shared().writeValueAsString(Map.of("error", refusal.sentence()));
    Answer answer = json(refusal.status(), body + "\n");
    for (Map.Entry<String, String> header : refusal.headers().entrySet()) {
      answer = answer.with(header.getKey(), header.getValue());
    }
    return answer;
  }

  /** The same with another header. */
  Answer with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, more, body);
  }

  /** Sends everything; the body stays open. */
  void send(HttpExchange exchange) throws IOException {
    Headers out = exchange.getResponseHeaders();
    ALWAYS.forEach(out::set);
    headers.forEach(out::set);
    if (exchange.getRequestMethod().equals("HEAD")) {
      out.set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    OutputStream stream = exchange.getResponseBody();
    stream.write(body);
    stream.flush();
  }
}

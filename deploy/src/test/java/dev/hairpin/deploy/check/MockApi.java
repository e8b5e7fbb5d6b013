package dev.hairpin.deploy.check;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// An API that gives one answer to whoever shows the key.
final class MockApi implements AutoCloseable {
  private final HttpServer http;
  private final String key;
  private final String answer;

  MockApi(String key, String answer) throws IOException {
    this.key = key;
    this.answer = answer;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/v1/ice-servers", this::handle);
    http.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  private void handle(HttpExchange exchange) throws IOException {
    boolean known =
        ("Bearer " + key).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    byte[] body = known ? answer.getBytes(StandardCharsets.UTF_8) : new byte[0];
    exchange.sendResponseHeaders(known ? 200 : 401, known ? body.length : -1);
    try (var out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }
}

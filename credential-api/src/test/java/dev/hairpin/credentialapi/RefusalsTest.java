package dev.hairpin.credentialapi;

import static dev.hairpin.credentialapi.Api.KEY;
import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalsTest {
  private static final String PATH = "/v1/ice-servers";
  private static Api api;

  @BeforeAll
  static void start() {
    api = Api.start();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1",
        "/v1/ice-servers/x",
        "/v2/ice-servers",
        "/nothing",
        "/nothing.html",
        "/%2e%2e/pom.xml"
      })
  void anUnknownPathGets404(String path) {
    assertProblem(404, "Not Found", "nothing is here", api.get(path, KEY));
  }

  @Test
  void http2IsNotSpoken() throws IOException {
    var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build(); // asks for h2c
    try (client) {
      var answer = client.send(api.request(PATH, KEY).build(), BodyHandlers.ofString());
      assertEquals(200, answer.statusCode());
      assertEquals(HttpClient.Version.HTTP_1_1, answer.version());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    String answer = raw("PRI * HTTP/2.0||SM||\0\0\0\4\0\0\0\0\0");
    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/2.0 404 "), answer); // no frame
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH", "OPTIONS"})
  void anotherMethodGets405AndIsToldWhichThereAre(String method) {
    var response = api.send(api.request(PATH, KEY).method(method, BodyPublishers.noBody()));
    assertProblem(
        405,
        "Method Not Allowed",
        "the header Allow names the methods that this path knows",
        response);
    assertTrue(header(response, "Allow").contains("POST"));
    assertTrue(header(response, "Allow").contains("GET"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/xml"})
  void aBodyOfAnotherTypeGets415(String type) {
    var request =
        api.request(PATH, KEY).header("Content-Type", type).POST(BodyPublishers.ofString("{}"));
    assertProblem(
        415, "Unsupported Media Type", "a body must be application/json", api.send(request));
  }

  @Test
  void aBodyMayHave8192BytesAndNoMore() {
    String json = "{\"ttl\":60" + " ".repeat(8192 - 10) + "}";
    assertEquals(200, api.post(KEY, json).statusCode());
    assertTooLarge(api.post(KEY, json + " "));
  }

  @Test
  void aChunkedBodyMayHaveNoMoreEither() {
    byte[] body = " ".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
    var publisher =
        BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body)); // of unknown length
    var request = api.request(PATH, KEY).header("Content-Type", "application/json").POST(publisher);
    assertTooLarge(api.send(request));
  }

  @Test
  void aFailureOfTheServerGets500AndTellsNothingOfItself() {
    String inner = "something internal";
    try (var broken =
        Api.start(
            Api.settings(),
            null,
            () -> {
              throw new IllegalStateException(inner);
            })) {
      var response = broken.get(PATH, KEY);
      assertProblem(500, "Internal Server Error", "the server failed; its log says more", response);
      assertFalse(response.body().contains(inner));
    }
  }

  @Test
  void aProblemIsWhatItIsWhateverTheClientWouldRatherHave() {
    var response = api.send(api.request(PATH).header("Accept", "application/json"));
    assertEquals(401, response.statusCode());
    assertEquals("application/problem+json", header(response, "Content-Type"));
    assertEquals(
        "application/problem+json",
        header(api.send(api.request("/nothing").header("Accept", "text/html")), "Content-Type"));
  }

  @Test
  void headersAndRequestLinesThatAreTooLongAreRefused() throws IOException {
    String tooLong = "x".repeat(9000);
    assertTrue(raw("GET /healthz HTTP/1.1|Host: a|X: " + tooLong + "||").contains(" 413 "));
    assertTrue(raw("GET /" + tooLong + " HTTP/1.1|Host: a||").contains(" 413 "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/ice-servers?user=%zz HTTP/1.1|Host: a|Authorization: Bearer " + KEY + "||",
        "GET /%zz HTTP/1.1|Host: a||",
        "GET||",
        "\u0001\u0002\u0003||",
        "POST /v1/ice-servers HTTP/1.1|"
            + "Host: a|"
            + "Content-Length: 2|"
            + "Content-Length: 3||"
            + "{}",
        "POST /v1/ice-servers HTTP/1.1|Host: a|Content-Length: -1||",
        "POST /v1/ice-servers HTTP/1.1|Host: a|Content-Length: 2|Transfer-Encoding: chunked||0||",
        "GET /healthz HTTP/1.1|Host : a||",
        "GET /healthz HTTP/1.1\nHost: a\n\n"
      })
  void brokenHttpGets400AndNoTraceOfWhatBroke(String request) throws IOException {
    String answer = raw(request);
    assertTrue(answer.startsWith("HTTP/1."), answer);
    assertTrue(answer.contains(" 400 Bad Request"), answer);
    assertTrue(answer.contains("application/problem+json"), answer);
    assertFalse(answer.contains("Exception"), answer);
    assertFalse(answer.contains("netty"), answer);
  }

  @Test
  void aBodyWithABrokenChunkEndsTheConnection() throws IOException {
    String answer =
        raw(
            "POST /v1/ice-servers HTTP/1.1|Host: a|Content-Type: application/json|Authorization: "
                + ("Bearer " + KEY + "|Transfer-Encoding: chunked||zz|{}|"));
    assertEquals("", answer);
  }

  /// @param request in which a bar stands for the end of a line
  private static String raw(String request) throws IOException {
    try (var socket = new Socket(api.url().getHost(), api.url().getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(request.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static void assertTooLarge(HttpResponse<String> response) {
    assertEquals(413, response.statusCode());
    assertEquals("application/problem+json", header(response, "Content-Type"));
  }

  private static void assertProblem(
      int status, String title, String detail, HttpResponse<String> response) {
    assertEquals(Api.problem(status, title, detail), response.body());
    assertEquals(status, response.statusCode());
    assertEquals("application/problem+json", header(response, "Content-Type"));
    assertEquals("no-store", header(response, "Cache-Control"));
    assertEquals("nosniff", header(response, "X-Content-Type-Options"));
  }
}

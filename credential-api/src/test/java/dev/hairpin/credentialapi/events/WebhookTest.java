package dev.hairpin.credentialapi.events;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.TurnScene;
import dev.hairpin.credentialapi.WebhookSettings;
import dev.hairpin.credentialapi.sessions.SessionEvent;
import dev.hairpin.credentialapi.sessions.SessionView;
import dev.hairpin.turnserver.testkit.Await;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Others are told by signed messages, again until they take them, and nobody waits for them.
class WebhookTest {
  private static final String SECRET = "a webhook secret of the tests of 32 bytes at least";
  private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HttpServer receiver = receiver();
  private final BlockingQueue<Message> taken = new LinkedBlockingQueue<>();
  private final AtomicInteger status = new AtomicInteger(204);

  /// Where not 0, of the first answer alone.
  private final AtomicInteger firstStatus = new AtomicInteger();

  private record Message(String id, String timestamp, String signature, String body) {}

  private static HttpServer receiver() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private URI listen() {
    receiver.createContext("/events", this::receive);
    receiver.start();
    return URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/events");
  }

  private void receive(HttpExchange exchange) throws IOException {
    var headers = exchange.getRequestHeaders();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    taken.add(
        new Message(
            headers.getFirst("webhook-id"),
            headers.getFirst("webhook-timestamp"),
            headers.getFirst("webhook-signature"),
            body));
    int first = firstStatus.getAndSet(0);
    exchange.sendResponseHeaders(first == 0 ? status.get() : first, -1);
    exchange.close();
  }

  @AfterEach
  void stop() {
    receiver.stop(0);
  }

  private Message await() throws InterruptedException {
    var message = taken.poll(10, TimeUnit.SECONDS);
    assertNotNull(message);
    return message;
  }

  private static Webhook webhook(URI url, String... secrets) {
    return webhook(url, PATIENCE, secrets);
  }

  private static Webhook webhook(URI url, Duration patience, String... secrets) {
    var webhook =
        new Webhook(
            url,
            new Signature(List.of(secrets)),
            ObjectMapper.getDefault(),
            () -> NOW,
            patience,
            Duration.ofNanos(1));
    webhook.start();
    return webhook;
  }

  private static SessionEvent event(int number) {
    var flow = new SessionView.Flow(1, 5, 0);
    var session =
        new SessionView(
            "1",
            null,
            "alice",
            "1:alice",
            "udp",
            "127.0.0.1:1",
            "127.0.0.1:2",
            List.of(),
            "udp",
            NOW,
            1,
            flow,
            flow);
    return new SessionEvent("e-" + number, SessionEvent.STARTED, NOW, null, session);
  }

  @Test
  void sessionsThatStartAndEndAreToldUnderASignature() throws Exception {
    var settings =
        Api.settings().withWebhooks(new WebhookSettings(List.of(listen()), List.of(SECRET)));
    try (var scene = TurnScene.start(settings)) {
      var alice = scene.client("alice");
      alice.allocate();
      var started = await();
      assertTrue(started.body.startsWith("{\"events\":[{\"id\":\""), started.body);
      assertTrue(started.body.contains("\"type\":\"session.started\""), started.body);
      assertTrue(started.body.contains("\"user\":\"alice\""), started.body);
      assertEquals(signature(started, SECRET), started.signature);
      alice.refresh(0);
      var ended = await();
      assertTrue(ended.body.contains("\"reason\":\"released\""), ended.body);
      Await.until(
          PATIENCE,
          () -> scene.api.get("/v1/webhooks", Api.KEY).body().contains("\"delivered\":2"),
          () -> "both are delivered");
      String state = scene.api.get("/v1/webhooks", Api.KEY).body();
      assertTrue(
          state.contains("\"waiting\":0,\"delivered\":2,\"lost\":0,\"deadLetters\":[]"), state);
      assertTrue(
          scene
              .api
              .get("/metrics")
              .body()
              .contains("hairpin_webhook_events_total{outcome=\"delivered\"} 2.0"));
    }
  }

  private static String signature(Message message, String secret) throws Exception {
    byte[] key =
        secret.startsWith("whsec_")
            ? Base64.getDecoder().decode(secret.substring(6))
            : secret.getBytes(StandardCharsets.UTF_8);
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    String signed = message.id + "." + message.timestamp + "." + message.body;
    return "v1,"
        + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void whileASecretIsChangedThereIsASignatureByEach() throws Exception {
    String next = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU";
    try (var webhook = webhook(listen(), next, SECRET)) {
      webhook.tell(event(1));
      var message = await();
      assertEquals(signature(message, next) + " " + signature(message, SECRET), message.signature);
      assertEquals(Long.toString(NOW.getEpochSecond()), message.timestamp);
    }
  }

  /// The vector of the Standard Webhooks specification.
  @Test
  void theSignatureIsThatOfTheSpecification() {
    var signature = new Signature(List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    byte[] body = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
    assertEquals(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        signature.of("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 404, 302, 300})
  void whatIsNotTakenComesAgainUnderTheSameId(int refusal) throws Exception {
    firstStatus.set(refusal);
    try (var webhook = webhook(listen(), SECRET)) {
      webhook.tell(event(1));
      var first = await();
      var again = await();
      assertEquals(first.id, again.id);
      assertEquals(first.body, again.body);
      Await.until(PATIENCE, () -> webhook.delivered() == 1, () -> "it is delivered");
      assertNull(webhook.trouble());
    }
  }

  @Test
  void whatIsNotTakenInTimeIsSetAsideAndToldWhenAskedFor() throws Exception {
    status.set(503);
    try (var webhook = webhook(listen(), SECRET)) {
      webhook.tell(event(1));
      Await.until(PATIENCE, () -> webhook.dead().size() == 1, () -> "it is set aside");
      assertEquals(Webhook.ATTEMPTS, taken.size());
      assertEquals("status 503", webhook.trouble());
      var id = await().id;
      taken.clear();
      status.set(200);
      assertEquals(1, webhook.retry());
      assertEquals(id, await().id);
      Await.until(PATIENCE, () -> webhook.delivered() == 1, () -> "it is delivered");
      assertEquals(List.of(), webhook.dead());
      assertNull(webhook.trouble());
    }
  }

  @Test
  void whoeverHangsCostsNobodyTimeAndNoMoreThanItsShareOfMemory() throws Exception {
    try (var silent = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
      try (var webhook = webhook(url, SECRET)) {
        int told = 3 * Webhook.MAX_WAITING;
        for (int i = 0; i < told; i++) {
          webhook.tell(event(i));
        }
        assertEquals(Webhook.MAX_WAITING, webhook.waiting());
        long inFlight = told - webhook.lost() - webhook.waiting();
        assertTrue(inFlight <= Webhook.MAX_LETTER, inFlight + " in flight");
      }
    }
  }

  @Test
  void anAnswerThatDoesNotEndIsNotWaitedFor() throws Exception {
    try (var receiver = new ServerSocket(0, 8, InetAddress.ofLiteral("127.0.0.1"))) {
      var _ = Thread.ofVirtual().start(() -> answerHalf(receiver));
      var url = URI.create("http://127.0.0.1:" + receiver.getLocalPort() + "/");
      try (var webhook = webhook(url, Duration.ofMillis(50), SECRET)) {
        webhook.tell(event(1));
        Await.until(PATIENCE, () -> webhook.dead().size() == 1, () -> "it is set aside");
        assertEquals("TimeoutException", webhook.trouble());
      }
    }
  }

  private static void answerHalf(ServerSocket receiver) {
    try {
      while (true) {
        var connection = receiver.accept(); // stays open
        byte[] half = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12".getBytes(US_ASCII);
        connection.getOutputStream().write(half);
      }
    } catch (IOException _) {
      // the test is over
    }
  }

  @Test
  void aPortThatThereIsNotIsTroubleAsAnyOther() throws Exception {
    try (var webhook = webhook(URI.create("http://127.0.0.1:99999/"), SECRET)) {
      webhook.tell(event(1));
      Await.until(PATIENCE, () -> webhook.dead().size() == 1, () -> "it is set aside");
    }
  }

  @Test
  void manyAreToldInFewMessagesInTheirOrder() throws Exception {
    try (var webhook = webhook(listen(), SECRET)) {
      for (int i = 0; i < 1000; i++) {
        webhook.tell(event(i));
      }
      Await.until(PATIENCE, () -> webhook.delivered() == 1000, () -> "all are delivered");
      assertTrue(taken.size() <= 100, taken.size() + " messages");
      var ids =
          taken.stream()
              .flatMap(m -> Pattern.compile("\"id\":\"e-(\\d+)\"").matcher(m.body).results())
              .map(r -> Integer.valueOf(r.group(1)))
              .toList();
      assertEquals(IntStream.range(0, 1000).boxed().toList(), ids);
    }
  }

  @Test
  void deadLettersAreToldOnceMoreByTheApiAndOnlyByWhoMayManage() {
    try (var api = Api.start()) {
      assertEquals("{\"webhooks\":[]}", api.get("/v1/webhooks", Api.KEY).body());
      var retry = api.request("/v1/webhooks/retry", Api.KEY).POST(BodyPublishers.noBody());
      assertEquals("{\"events\":0}", api.send(retry).body());
      String token = Jwt.good("alice");
      assertEquals(403, api.get("/v1/webhooks", token).statusCode());
      var forbidden = api.request("/v1/webhooks/retry", token).POST(BodyPublishers.noBody());
      assertEquals(403, api.send(forbidden).statusCode());
    }
  }
}

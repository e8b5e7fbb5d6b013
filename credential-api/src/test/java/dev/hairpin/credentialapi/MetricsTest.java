package dev.hairpin.credentialapi;

import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void everyCounterAndEveryDropReasonIsASeries() {
    try (var turn = turnServer();
        var api = Api.start(Api.settings(), turn, Instant::now)) {
      List<String> lines = api.get("/metrics").body().lines().toList();
      for (var counter : Counter.values()) {
        assertTrue(lines.contains("hairpin_turn_" + counter.metric() + "_total 0.0"));
      }
      for (var error : ErrorCode.values()) {
        assertTrue(
            lines.contains(
                "hairpin_turn_error_responses_total{code=\"" + error.code() + "\"} 0.0"));
      }
      for (var reason : DropReason.values()) {
        assertTrue(
            lines.contains("hairpin_turn_dropped_total{reason=\"" + reason.label() + "\"} 0.0"));
      }
      assertTrue(lines.contains("hairpin_turn_allocations 0.0"));
    }
  }

  @Test
  void whatTheTurnServerCountsIsTold() throws Exception {
    try (var turn = turnServer();
        var api = Api.start(Api.settings(), turn, Instant::now);
        var socket = new DatagramSocket()) {
      assertEquals(200, api.get("/readyz").statusCode());
      socket.connect(turn.listenAddresses().getFirst().toInetSocketAddress());
      socket.send(new DatagramPacket(new byte[] {(byte) 0xff}, 1));
      awaitDrop(turn);

      List<String> lines = api.get("/metrics").body().lines().toList();
      assertTrue(lines.contains("hairpin_turn_allocations_opened_total 1.0"));
      assertTrue(lines.contains("hairpin_turn_allocations_closed_total 1.0"));
      assertTrue(lines.contains("hairpin_turn_error_responses_total{code=\"401\"} 1.0"));
      assertTrue(
          lines.contains("hairpin_turn_dropped_total{reason=\"not_stun_nor_channel_data\"} 1.0"));
    }
  }

  private static void awaitDrop(TurnServer turn) {
    var deadline = Instant.now().plusSeconds(10);
    while (turn.telemetry().get(DropReason.NOT_STUN_NOR_CHANNEL_DATA) == 0) {
      assertTrue(Instant.now().isBefore(deadline), "the drop was not counted");
      Thread.onSpinWait();
    }
  }

  @Test
  void credentialsAndRefusalsAreCounted() {
    try (var api = Api.start()) {
      assertEquals(200, api.post(Api.KEY, "{}").statusCode());
      assertEquals(200, api.get("/v1/ice-servers", Jwt.good("alice")).statusCode());
      assertEquals(401, api.get("/v1/ice-servers").statusCode());
      assertEquals(400, api.post(Api.KEY, "[]").statusCode());
      assertEquals(400, api.post(Api.KEY, "x").statusCode());
      assertEquals(403, api.get("/v1/ice-servers?user=b", Jwt.good("a")).statusCode());
      assertEquals(404, api.get("/nothing").statusCode());

      var response = api.get("/metrics");
      assertEquals("text/plain; version=0.0.4; charset=utf-8", header(response, "Content-Type"));
      List<String> lines = response.body().lines().toList();
      assertTrue(lines.contains("hairpin_api_credentials_issued_total 2.0"));
      for (String series :
          List.of("400\"} 2.0", "401\"} 1.0", "403\"} 1.0", "404\"} 1.0", "413\"} 0.0")) {
        assertTrue(lines.contains("hairpin_api_refusals_total{status=\"" + series), series);
      }
    }
  }

  @Test
  void thousandsOfUsersMakeNoSeriesAndThousandsOfScrapesNoHeap() {
    try (var turn = turnServer();
        var api = Api.start(Api.settings(), turn, Instant::now)) {
      var metrics = api.metrics();
      long series = metrics.scrape().lines().count();
      for (int i = 0; i < 500; i++) {
        assertEquals(200, api.get("/v1/ice-servers?user=user-" + i, Api.KEY).statusCode());
        assertEquals(404, api.get("/nothing-" + i).statusCode());
      }
      assertEquals(series, metrics.scrape().lines().count());
      long before = heapAfterScrapes(metrics, 2_000);
      long after = heapAfterScrapes(metrics, 10_000);
      assertTrue(after - before < 1 << 20, () -> (after - before) + " bytes more");
    }
  }

  private static long heapAfterScrapes(ApiMetrics metrics, int count) {
    for (int i = 0; i < count; i++) {
      assertFalse(metrics.scrape().isEmpty());
    }
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  @Test
  void withoutATurnServerNothingIsToldOfOne() {
    try (var api = Api.start()) {
      assertFalse(api.get("/metrics").body().contains("hairpin_turn_"));
    }
  }

  @Test
  void nothingButCountsIsTold() {
    try (var turn = turnServer();
        var api = Api.start(Api.settings(), turn, Instant::now)) {
      assertEquals(200, api.get("/v1/ice-servers?user=alice", Api.KEY).statusCode());
      String text = api.get("/metrics").body();
      assertFalse(text.contains("alice"));
      assertFalse(text.contains("127.0.0.1"));
      assertEquals(
          List.of(),
          text.lines()
              .filter(line -> !line.matches("# (HELP|TYPE) hairpin_.*|hairpin_[a-z_]+(\\{.*})? .*"))
              .toList());
    }
  }

  private static TurnServer turnServer() {
    var listener = ListenUrl.parse("udp://127.0.0.1:0");
    return TurnServer.start(TurnSettings.of(SharedSecrets.of(Api.SECRET), listener));
  }
}

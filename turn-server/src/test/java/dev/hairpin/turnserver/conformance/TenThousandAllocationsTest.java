package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.ManyClients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Ten thousand allocations in one process with the heap that Java gives it by itself. They come,
/// live at the same time, run out by themselves, and leave no socket behind.
class TenThousandAllocationsTest {
  private static final int COUNT = 10_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void liveAtOnceAndGiveBackEverySocketWhenTheyRunOut() {
    var settings =
        Venue.settings(Venue.IPV4).but(d -> d.allocation = Venue.lasting(Duration.ofSeconds(1)));
    try (var server = TurnServer.start(settings);
        var clients = ManyClients.start(Venue.addressOf(server), COUNT, Venue.SECRET)) {
      long before = openSockets();
      ManyClients.command(clients, "allocate");
      assertEquals(COUNT, server.telemetry().liveAllocations());
      long during = openSockets();
      assertTrue(during >= before + COUNT, () -> "only " + during + " sockets");

      ManyClients.command(clients, "shorten");
      Await.until(
          PATIENCE,
          () -> server.telemetry().liveAllocations() == 0,
          () -> server.telemetry().liveAllocations() + " still live");
      assertEquals(before, openSockets());
      try (var client = Venue.alice(server)) {
        assertEquals(600, client.allocate(m -> m.lifetime(600)).lifetimeSeconds());
      }
    }
  }

  private static long openSockets() {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(TenThousandAllocationsTest::isSocket).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException _) {
      return false; // the descriptor of the listing itself is gone by now
    }
  }
}

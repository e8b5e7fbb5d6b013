package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.server.ChildServer.By;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that has too little of what the system gives: it refuses, goes on, and recovers. Each
/// test starts a Java of its own.
@SuppressWarnings("NullAway.Init") // made before all tests
class ScarcityTest {
  private static final int FEW = 200;
  private static final int MANY = 4_096;
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private static TestCertificate certificate;

  @BeforeAll
  static void makeCertificate(@TempDir Path directory) {
    certificate = TestCertificate.ec(directory, "turn.example");
  }

  private static int asked(TestTurnClient client) {
    Message answer = client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport);
    return answer.isSuccess() ? 200 : answer.errorCode();
  }

  private static void assertServesEverybody(ChildServer server) {
    for (var by : By.values()) {
      try (var client = server.client(by)) {
        client.binding();
        assertEquals(600, client.allocate().lifetimeSeconds(), by::toString);
        assertEquals(0, client.refresh(0));
      }
    }
  }

  @Test
  void descriptorsAreRefusedBeforeTheSystemHasNoneAndAllIsWellAfterwards() {
    try (var server = new ChildServer(certificate, FEW)) {
      var clients = new ArrayList<TestTurnClient>();
      int refused = 0;
      for (int i = 0; i < FEW; i++) {
        var client = server.client(By.UDP).as("user " + i);
        clients.add(client);
        refused += asked(client) == 508 ? 1 : 0;
      }
      int granted = FEW - refused;
      assertTrue(granted > 10 && refused > 10, () -> granted + " granted");
      try (var stranger = server.client(By.TLS)) {
        stranger.binding(); // relays leave descriptors to connections
        assertEquals(508, asked(stranger));
      }
      assertEquals(600, clients.getFirst().refresh(600), "who has an allocation keeps it");
      clients.stream().limit(granted).forEach(client -> client.refresh(0));
      assertServesEverybody(server);
      clients.forEach(TestTurnClient::close);
      assertTrue(server.process().isAlive());
    }
  }

  @Test
  void connectionsAreRefusedWhileAllocationsOverUdpStillGo() {
    try (var server = new ChildServer(certificate, FEW)) {
      var connections = new ArrayList<TestTurnClient>();
      int closed = 0;
      for (int i = 0; i < FEW; i++) {
        var client = server.client(By.TCP);
        connections.add(client);
        closed += isServed(client) ? 0 : 1;
      }
      assertTrue(closed > 10 && closed < FEW - 10, closed + " closed");
      try (var client = server.client(By.UDP)) {
        assertEquals(200, asked(client));
      }
      connections.forEach(TestTurnClient::close);
      assertServesEverybody(server);
    }
  }

  private static boolean isServed(TestTurnClient client) {
    try {
      client.binding();
      return true;
    } catch (RuntimeException | AssertionError _) {
      return false;
    }
  }

  @Test
  void whatIsNeededForTheFirstTimeWithoutADescriptorWorksLater() {
    try (var server = new ChildServer(certificate, FEW)) {
      server.command("hoard");
      try (var client = server.client(By.UDP)) {
        assertEquals(508, asked(client));
        assertEquals(client.localAddress(), client.binding());
      }
      server.command("free");
      assertServesEverybody(server);
      assertSaysNothingOf(server, "Error");
    }
  }

  @Test
  void slowReadersFillNoMoreMemoryThanThereIs() throws Exception {
    try (var server = new ChildServer(certificate, MANY, "-XX:MaxDirectMemorySize=64m");
        var peer = new DatagramSocket(0, LOOPBACK)) {
      var clients = new ArrayList<TestTurnClient>();
      var relayed = new ArrayList<InetSocketAddress>();
      for (int i = 0; i < 8; i++) {
        var client = server.client(By.TCP);
        clients.add(client);
        relayed.add(client.allocate().relayed());
        client.permit((InetSocketAddress) peer.getLocalSocketAddress());
      }
      var datagram = new byte[30_000];
      for (int i = 0; i < 8_000; i++) { // 30 MB for each: less than its backlog, more than there is
        var to = relayed.get(i % relayed.size());
        peer.send(new DatagramPacket(datagram, datagram.length, to));
        if (i % 16 == 0) {
          LockSupport.parkNanos(1_000_000); // the relay sockets keep little
        }
      }
      server.command("drop");
      try (var client = server.client(By.UDP)) {
        assertEquals(client.localAddress(), client.binding());
      }
      clients.forEach(TestTurnClient::close);
      assertServesEverybody(server);
      assertSaysNothingOf(server, "OutOfMemory");
    }
  }

  private static void assertSaysNothingOf(ChildServer server, String word) {
    var lines = server.process().output().stream().filter(line -> line.contains(word)).toList();
    assertEquals(List.of(), lines);
  }

  @Test
  void withoutHeapItEndsAtOnce() {
    try (var server = new ChildServer(certificate, MANY, "-Xmx48m")) {
      server.process().tell("leak");
      assertNotEquals(0, server.process().awaitExit(Duration.ofSeconds(5)));
      assertFalse(server.process().isAlive());
    }
  }
}

package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.ChildProcess;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server whose file descriptors have run out keeps relaying, does not spin, and takes
/// connections again as soon as there are descriptors.
class ScarceDescriptorsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int DESCRIPTORS = 200;

  @Test
  void acceptingPausesAndRecovers() {
    try (var server = start();
        var peer = EchoPeer.at(StreamScene.LOOPBACK)) {
      server.awaitLine("ready", PATIENCE);
      int at = server.output().indexOf("listening");
      var udp = address(server.output().get(at + 1));
      var tcp = address(server.output().get(at + 2));
      try (var client = TestTurnClient.to(udp).withSecret(ScarceDescriptors.SECRET).as("alice")) {
        var _ = client.allocate();
        client.bind(0x4000, peer.address());
        server.tell("take");
        long refused = told(server, "refused ", 0);
        var crowd = new ArrayList<StreamWire>();
        for (int i = 0; i < 20; i++) {
          crowd.add(StreamWire.to(tcp));
        }
        Await.until(PATIENCE, () -> told(server, "refused ", 0) > refused, () -> "never refused");
        assertRelays(client);
        long cpu = told(server, "cpu ms ", 0);
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < Duration.ofSeconds(1).toNanos()) {
          assertRelays(client);
        }
        long used = told(server, "cpu ms ", cpu) - cpu;
        assertTrue(used < 700, "it computed for " + used + " ms of a second");
        long more = told(server, "refused ", 0) - refused;
        assertTrue(more < 1_000, more + " refusals: it spins");
        crowd.forEach(StreamWire::close);
        server.tell("give");
        begun = System.nanoTime();
        try (var late = TestTurnClient.over(StreamWire.to(tcp))) {
          var _ = late.binding();
        }
        assertTrue(System.nanoTime() - begun < Duration.ofSeconds(5).toNanos());
        assertRelays(client);
      }
    }
  }

  @Test
  void httpThatCannotBeHandedOverIsClosed(@TempDir Path folder) {
    var certificate = TestCertificate.ec(folder, "localhost");
    var profile = TlsProfile.trusting(certificate);
    try (var server = start(certificate.file().toString(), certificate.key().toString())) {
      server.awaitLine("ready", PATIENCE);
      var tcp = address(server.output().get(server.output().indexOf("listening") + 2));
      var http = Bytes.utf8("GET / HTTP/1.1\r\n\r\n");
      try (var first = StreamWire.to(tcp).secured(profile);
          var second = StreamWire.to(tcp).secured(profile)) {
        first.send(http);
        first.awaitEnd();
        server.tell("take");
        var _ = told(server, "refused ", 0);
        second.send(http);
        second.awaitEnd();
      }
    }
  }

  private static ChildProcess start(String... arguments) {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        List.of(
            "prlimit",
            "--nofile=" + DESCRIPTORS,
            java,
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            ScarceDescriptors.class.getName());
    return ChildProcess.start(Stream.concat(command.stream(), Stream.of(arguments)).toList());
  }

  private static void assertRelays(TestTurnClient client) {
    var payload = Bytes.random(100);
    client.sendOnChannel(0x4000, payload);
    assertEquals(new Delivery.OnChannel(0x4000, payload), client.receive());
  }

  /// What it says now.
  private static long told(ChildProcess server, String label, long atLeast) {
    int before = server.output().size();
    server.tell("");
    Await.until(
        PATIENCE,
        () -> server.output().stream().skip(before).anyMatch(line -> line.startsWith("cpu ms ")),
        () -> label + " in " + server.output());
    long value =
        server.output().stream()
            .skip(before)
            .filter(line -> line.startsWith(label))
            .mapToLong(line -> Long.parseLong(line.substring(label.length())))
            .max()
            .orElseThrow();
    assertTrue(value >= atLeast);
    return value;
  }

  private static InetSocketAddress address(String port) {
    return new InetSocketAddress(StreamScene.LOOPBACK, Integer.parseInt(port));
  }
}

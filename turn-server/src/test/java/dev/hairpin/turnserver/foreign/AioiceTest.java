package dev.hairpin.turnserver.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.ChildProcess;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TurnCredential;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two ICE agents of Python's aioice, with relayed candidates alone, find each other through this
/// server and exchange payloads. Over TLS they check the server's certificate.
class AioiceTest {
  private static final String SECRET = "north";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Debian's, which sees Debian's packages whatever other Python stands first in the PATH.
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir private static Path directory = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"udp", "tcp", "tls"})
  void twoAgentsTalkFromRelayToRelay(String transport) throws Exception {
    var certificate = TestCertificate.ec(directory, "turn.example");
    var credential = TurnCredential.timeLimited(SECRET, "alice", Duration.ofHours(1));
    try (var server = server(transport, certificate);
        var agents = agents(server, transport, credential, certificate)) {
      assertEquals(0, agents.awaitExit(PATIENCE), () -> String.join("\n", agents.output()));
      var expected = List.of("candidate relay 127.0.0.1", "candidate relay 127.0.0.1", "done");
      assertEquals(expected, agents.output());
      assertEquals(2, server.telemetry().get(Counter.ALLOCATIONS_OPENED));
    }
  }

  @Test
  void aWrongPasswordYieldsNoCandidate() throws Exception {
    var certificate = TestCertificate.ec(directory, "turn.example");
    var wrong = TurnCredential.timeLimited("south", "alice", Duration.ofHours(1));
    try (var server = server("tls", certificate);
        var agents = agents(server, "tls", wrong, certificate)) {
      assertNotEquals(0, agents.awaitExit(PATIENCE));
      assertTrue(agents.output().getLast().contains("401"), () -> agents.output().toString());
    }
  }

  @Test
  void anotherCertificateIsNotBelieved() throws Exception {
    var other = TestCertificate.ec(directory, "turn.example");
    var credential = TurnCredential.timeLimited(SECRET, "alice", Duration.ofHours(1));
    try (var server = server("tls", TestCertificate.ec(directory, "turn.example"));
        var agents = agents(server, "tls", credential, other)) {
      assertNotEquals(0, agents.awaitExit(PATIENCE));
      assertEquals(0, server.telemetry().get(Counter.ALLOCATIONS_OPENED));
    }
  }

  private static TurnServer server(String transport, TestCertificate certificate) {
    var files = new CertificateFiles(certificate.file(), certificate.key());
    return TurnServer.start(
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .but(d -> d.streams = d.streams.withCertificates(List.of(files)))
            .but(d -> d.listeners = List.of(ListenUrl.parse(transport + "://127.0.0.1:0"))));
  }

  private static ChildProcess agents(
      TurnServer server, String transport, TurnCredential credential, TestCertificate trusted)
      throws Exception {
    var script = AioiceTest.class.getResource("/aioice/agents.py").toURI();
    var address = server.listenAddresses().getFirst().toInetSocketAddress();
    return ChildProcess.start(
        List.of(
            PYTHON,
            Path.of(script).toString(),
            address.getAddress().getHostAddress(),
            Integer.toString(address.getPort()),
            transport,
            credential.username(),
            credential.password(),
            trusted.file().toString()));
  }
}

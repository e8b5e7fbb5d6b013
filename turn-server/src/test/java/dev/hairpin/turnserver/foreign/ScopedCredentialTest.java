package dev.hairpin.turnserver.foreign;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.testkit.Coturn;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// coturn takes a credential with limits and a tenant for one without.
class ScopedCredentialTest {
  private static final String SECRET = "a secret of this test";

  @TempDir private Path folder = Path.of("");

  @Test
  void coturnAcceptsACredentialWithLimits() {
    var scope =
        CredentialScope.parse(
            "peers=203.0.113.0/24,2001:db8::/32;relay-only;allocations=1;bytes-per-second=1000"
                + ";bytes=1;transports=tls");
    var secrets = SharedSecrets.of(SECRET);
    var issuer = new CredentialIssuer(new Tenant("acme", "realm", "", secrets, List.of()), null);
    try (var coturn = Coturn.on(folder, InetAddress.ofLiteral("127.0.0.1"), SECRET).start()) {
      for (String user : List.of("alice", "~alice", "")) {
        var issued = issuer.issue(new UserId(user), scope, Duration.ofHours(1), Instant.now());
        try (var client = TestTurnClient.to(coturn.address())) {
          client.with(new TurnCredential(issued.username(), issued.password()));
          assertTrue(client.allocate().lifetimeSeconds() > 0);
        }
      }
    }
  }
}

package dev.hairpin.bench;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Who the clients are. Never printed.
@FunctionalInterface
public interface Credentials {
  /// A username and its password.
  record Login(String username, String password) {
    @Override
    public String toString() {
      return "Login[" + username + "]";
    }
  }

  Login of(int client);

  static Credentials user(String username, String password) {
    var login = new Login(username, password);
    return _ -> login;
  }

  /// Every client is a user of its own, so that no quota of one user stands in the way.
  static Credentials secret(SharedSecrets secrets, Duration ttl) {
    var issuer = new CredentialIssuer(secrets);
    return client -> {
      var credential = issuer.issue(new UserId("bench-" + client), ttl, Instant.now());
      return new Login(credential.username(), credential.password());
    };
  }

  /// The clients share these, in equal parts.
  static Credentials shared(List<Login> logins) {
    var all = List.copyOf(logins);
    return client -> all.get(client % all.size());
  }
}

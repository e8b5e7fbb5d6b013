package dev.hairpin.credentialapi.issue;

import dev.hairpin.turnserver.credential.Credential;
import java.time.Duration;
import java.util.List;

/// A new credential, and the servers that it is for.
///
/// @param ttl that was granted
public record Issued(
    List<String> stunUrls, List<String> turnUrls, Credential credential, Duration ttl) {
  public String username() {
    return credential.username();
  }

  public String password() {
    return credential.password();
  }

  public long ttlSeconds() {
    return ttl.toSeconds();
  }
}

package dev.hairpin.credentialapi.issue;

import dev.hairpin.turnserver.credential.Credential;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A new credential, and the servers that it is for.
///
/// @param ttl that was granted
public record Issued(
    List<String> stunUrls, List<String> turnUrls, Credential credential, Duration ttl) {
  /// Makes an entry of a URL, with the credential where it is for TURN.
  public interface Entry<T> {
    T of(String url, @Nullable String username, @Nullable String password);
  }

  /// An entry for each URL.
  public <T> List<T> perUrl(Entry<T> entry) {
    var entries = new ArrayList<T>();
    stunUrls.forEach(url -> entries.add(entry.of(url, null, null)));
    turnUrls.forEach(url -> entries.add(entry.of(url, username(), password())));
    return entries;
  }

  /// All that are handed out.
  public List<String> urls() {
    return Stream.concat(stunUrls.stream(), turnUrls.stream()).toList();
  }

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

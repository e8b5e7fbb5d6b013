package dev.hairpin.credentialapi;

import java.net.URI;
import java.util.List;

/// Everything that the API is started with.
///
/// @param listen `http://ADDRESS:PORT`; port 0 asks the system for a free one
/// @param callers who may ask for credentials
/// @param ttl how long credentials last
/// @param corsOrigins the origins whose pages may call, as browsers send them; none by default
/// @param stunUrls `stun:` URLs to hand out
/// @param turnUrls `turn:` URLs to hand out
public record ApiSettings(
    URI listen,
    Callers callers,
    TtlRange ttl,
    List<String> corsOrigins,
    List<String> stunUrls,
    List<String> turnUrls) {
  public ApiSettings {
    corsOrigins = List.copyOf(corsOrigins);
    stunUrls = List.copyOf(stunUrls);
    turnUrls = List.copyOf(turnUrls);
  }
}

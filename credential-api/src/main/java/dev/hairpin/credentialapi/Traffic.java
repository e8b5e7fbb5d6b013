package dev.hairpin.credentialapi;

import dev.hairpin.turnserver.net.IpPrefix;
import java.util.List;

/// How much of the API everybody gets, and who is taken for whom.
///
/// @param keys of each API key
/// @param subjects of each subject of JWTs
/// @param pages of each address (IPv4) or /64 (IPv6) that shows one key for pages
/// @param failures of each address or /64 that shows keys or tokens that are none
/// @param trustedProxies whose `X-Forwarded-For` is believed
public record Traffic(
    Rate keys, Rate subjects, Rate pages, Rate failures, List<IpPrefix> trustedProxies) {
  public static final Traffic DEFAULT =
      new Traffic(new Rate(200, 400), new Rate(5, 50), new Rate(2, 20), new Rate(1, 20), List.of());

  public Traffic {
    trustedProxies = List.copyOf(trustedProxies);
  }
}

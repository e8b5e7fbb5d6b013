package dev.hairpin.turnserver.credential;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The limits that travel inside a username, under its signature:
/// `peers=203.0.113.0/24;relay-only`. Each narrows what the server allows, none widens it.
/// docs/credentials.md has the grammar.
///
/// @param peers the only ranges that the client may reach; every one where empty
/// @param relayOnly whether it may reach nothing but relayed addresses of this server
public record CredentialScope(List<IpPrefix> peers, boolean relayOnly) {
  public static final CredentialScope NONE = new CredentialScope(List.of(), false);
  private static final String PEERS = "peers";
  private static final String RELAY_ONLY = "relay-only";

  public CredentialScope {
    peers = List.copyOf(peers);
  }

  /// Null where it is malformed, or says what this server does not know: a limit that is not
  /// understood cannot be kept.
  static @Nullable CredentialScope parse(String text) {
    if (text.isEmpty()) {
      return NONE;
    }
    var limits = new HashMap<String, String>();
    for (String limit : text.split(";", -1)) {
      int equals = limit.indexOf('=');
      String name = equals < 0 ? limit : limit.substring(0, equals);
      if (limits.put(name, equals < 0 ? "" : limit.substring(equals)) != null) {
        return null;
      }
    }
    String ranges = limits.remove(PEERS);
    String only = limits.remove(RELAY_ONLY);
    var peers = ranges == null ? List.<IpPrefix>of() : prefixes(ranges);
    if (peers == null || !limits.isEmpty() || (only != null && !only.isEmpty())) {
      return null;
    }
    return new CredentialScope(peers, only != null);
  }

  private static @Nullable List<IpPrefix> prefixes(String value) {
    try {
      var prefixes = new ArrayList<IpPrefix>();
      for (String prefix : value.substring(Math.min(1, value.length())).split(",", -1)) {
        prefixes.add(IpPrefix.parse(prefix));
      }
      return prefixes;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  String format() {
    var limits = new ArrayList<String>();
    if (!peers.isEmpty()) {
      limits.add(
          PEERS + peers.stream().map(IpPrefix::toString).collect(Collectors.joining(",", "=", "")));
    }
    if (relayOnly) {
      limits.add(RELAY_ONLY);
    }
    return String.join(";", limits);
  }

  /// Whether the ranges hold an address.
  public boolean permits(IpAddress ip) {
    return peers.isEmpty() || peers.stream().anyMatch(range -> range.contains(ip));
  }
}

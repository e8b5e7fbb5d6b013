package dev.hairpin.turnserver.relay;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.net.IpAddress;
import org.jspecify.annotations.Nullable;

/// What a NAT shows outside in place of a relay address.
///
/// @param local the relay address, or null where it is the only one of the family
public record ExternalAddress(IpAddress external, @Nullable IpAddress local) {
  public ExternalAddress {
    require(!external.isUnspecified(), "an external address must be a specific one");
    require(
        local == null || local.family() == external.family(),
        external + " and " + local + " are of two families");
  }

  /// Reads `203.0.113.7`, or `203.0.113.7/10.0.0.5`: the external address, then the local one.
  public static ExternalAddress parse(String text) {
    String[] parts = text.split("/", 2);
    var local = parts.length == 1 ? null : IpAddress.parse(parts[1]);
    return new ExternalAddress(IpAddress.parse(parts[0]), local);
  }

  /// Whether it stands for a relay address.
  public boolean isOf(IpAddress relay) {
    return local == null ? external.family() == relay.family() : local.equals(relay);
  }

  @Override
  public String toString() {
    return local == null ? external.toString() : external + "/" + local;
  }
}

package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The permissions of one allocation. There are few, so they are looked through in a row; those
/// that ran out make room when a new one needs it.
final class Permissions {
  static final int MAX = 128;

  private final List<Permission> permissions = new ArrayList<>(1);

  /// The live permission for an address, or null.
  @Nullable Permission find(long high, long low, long nowNanos) {
    for (int i = 0; i < permissions.size(); i++) {
      var permission = permissions.get(i);
      if (permission.low == low && permission.high == high) {
        return permission.isLive(nowNanos) ? permission : null;
      }
    }
    return null;
  }

  void forget(Family family) {
    permissions.removeIf(p -> IpAddress.isIpv4(p.high, p.low) == (family == Family.IPV4));
  }

  /// Whether all of these could be granted at once.
  boolean hasRoomFor(Set<IpAddress> ips, long nowNanos) {
    long added = ips.stream().filter(ip -> find(ip.high(), ip.low(), nowNanos) == null).count();
    long live = permissions.stream().filter(p -> p.isLive(nowNanos)).count();
    return live + added <= MAX;
  }

  /// Installs or refreshes. An entry that has run out is used again, for channels point to it.
  Permission grant(IpAddress ip, boolean own, long nowNanos) {
    for (var permission : permissions) {
      if (permission.low == ip.low() && permission.high == ip.high()) {
        permission.extend(nowNanos);
        return permission;
      }
    }
    if (permissions.size() == MAX) {
      permissions.removeIf(p -> !p.isLive(nowNanos));
    }
    var permission = new Permission(ip, own);
    permission.extend(nowNanos);
    permissions.add(permission);
    return permission;
  }
}

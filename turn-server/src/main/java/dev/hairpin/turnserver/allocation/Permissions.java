package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.policy.PolicySettings.PeerRate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The permissions of one allocation. There are few, so they are looked through in a row; those
/// that ran out make room when a new one needs it.
final class Permissions {
  static final int MAX = 128;

  private final List<Permission> permissions = new ArrayList<>(1);

  /// Until when the peers that were new have used up the rate: a token bucket in one number.
  private long spentNanos;

  Permissions(long nowNanos) {
    spentNanos = nowNanos;
  }

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

  /// Takes what is new of these addresses from the rate; false where that does not suffice. An
  /// address stays known as long as its entry does.
  boolean spend(Set<IpAddress> ips, PeerRate rate, long nowNanos) {
    if (rate.atOnce() == 0) {
      return true;
    }
    long each = TimeUnit.SECONDS.toNanos(1) / rate.perSecond();
    long since = spentNanos - nowNanos > 0 ? spentNanos : nowNanos;
    long until = since + each * ips.stream().filter(ip -> entry(ip) == null).count();
    boolean suffices = until - nowNanos <= each * rate.atOnce();
    spentNanos = suffices ? until : spentNanos;
    return suffices;
  }

  private @Nullable Permission entry(IpAddress ip) {
    for (var permission : permissions) {
      if (permission.low == ip.low() && permission.high == ip.high()) {
        return permission;
      }
    }
    return null;
  }

  /// The entry of an address, live or not. One that has run out is used again, for channels point
  /// to it.
  Permission remember(IpAddress ip, boolean own, long nowNanos) {
    var known = entry(ip);
    if (known != null) {
      return known;
    }
    if (permissions.size() == MAX) {
      permissions.removeIf(p -> !p.isLive(nowNanos));
    }
    var permission = new Permission(ip, own, nowNanos);
    if (permissions.size() < MAX) {
      permissions.add(permission);
    }
    return permission;
  }

  /// Ends those for addresses that are not to be peers any more.
  void endWhere(Predicate<IpAddress> denied, long nowNanos) {
    for (var permission : permissions) {
      boolean isForeign = permission.ownAddress() == null; // else each packet is judged
      if (isForeign && denied.test(new IpAddress(permission.high, permission.low))) {
        permission.end(nowNanos);
      }
    }
  }
}

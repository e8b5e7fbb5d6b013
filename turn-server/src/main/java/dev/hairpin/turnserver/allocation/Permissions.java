package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.policy.PeerPolicy;
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

  private final PeerPolicy policy;
  private final List<Permission> permissions = new ArrayList<>(1);

  /// Until when the peers that were new have used up the rate: a token bucket in one number.
  private long spentNanos;

  Permissions(PeerPolicy policy, long nowNanos) {
    this.policy = policy;
    this.spentNanos = nowNanos;
  }

  /// The live permission for an address, or null.
  @Nullable Permission find(long high, long low, long nowNanos) {
    var permission = entry(high, low);
    return permission != null && permission.isLive(nowNanos) ? permission : null;
  }

  private @Nullable Permission entry(long high, long low) {
    for (int i = 0; i < permissions.size(); i++) { // no iterator: asked of packets
      var permission = permissions.get(i);
      if (permission.ip.low() == low && permission.ip.high() == high) {
        return permission;
      }
    }
    return null;
  }

  void forget(Family family) {
    permissions.removeIf(p -> p.ip.family() == family);
  }

  /// Whether all of these could be granted at once.
  boolean hasRoomFor(Set<IpAddress> ips, long nowNanos) {
    long added = ips.stream().filter(ip -> find(ip.high(), ip.low(), nowNanos) == null).count();
    long live = permissions.stream().filter(p -> p.isLive(nowNanos)).count();
    return live + added <= MAX;
  }

  /// Takes what is new of these addresses from the rate; false where that does not suffice. An
  /// address stays known as long as its entry does.
  boolean spend(Set<IpAddress> ips, long nowNanos) {
    var rate = policy.newPeers();
    if (rate.atOnce() == 0) {
      return true;
    }
    long each = TimeUnit.SECONDS.toNanos(1) / rate.perSecond();
    long since = spentNanos - nowNanos > 0 ? spentNanos : nowNanos;
    long until =
        since + each * ips.stream().filter(ip -> entry(ip.high(), ip.low()) == null).count();
    boolean suffices = until - nowNanos <= each * rate.atOnce();
    spentNanos = suffices ? until : spentNanos;
    return suffices;
  }

  /// The entry of an address, live or not. One that has run out is used again, for channels point
  /// to it.
  Permission remember(IpAddress ip, long nowNanos) {
    var known = entry(ip.high(), ip.low());
    if (known != null) {
      return known;
    }
    if (permissions.size() == MAX) {
      permissions.removeIf(p -> !p.isLive(nowNanos));
    }
    var permission = new Permission(ip, policy.isOwn(ip), nowNanos);
    if (permissions.size() < MAX) {
      permissions.add(permission);
    }
    return permission;
  }

  /// Ends those for addresses that are not to be peers any more.
  void endWhere(Predicate<IpAddress> denied, long nowNanos) {
    permissions.stream()
        .filter(p -> !p.isOwn && denied.test(p.ip)) // of an own address each packet is judged
        .forEach(p -> p.end(nowNanos));
  }
}

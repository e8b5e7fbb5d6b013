package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.testkit.Bytes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An allocation as the model knows it. Times are seconds.
final class Held {
  /// By the credential that ends last, of those that refreshed it.
  User owner;

  final long opened;
  final Bytes transaction;

  /// Of the loop that keeps it.
  final int home;

  /// When each relayed address ends, by family: 4 or 6.
  final Map<Integer, Long> ends = new TreeMap<>();

  final Map<Integer, InetSocketAddress> relayed = new TreeMap<>();

  /// When each permission ends.
  final Map<InetAddress, Long> permissions = new HashMap<>();

  final List<Channel> channels = new ArrayList<>();

  /// All that were given; the last is good.
  final List<Bytes> tickets = new ArrayList<>();

  final @Nullable Bytes reservation;

  /// Where the client is, and where it is on its way to.
  int here;

  @Nullable Integer next;
  long heardSeconds;
  @Nullable Move lastMove;
  @Nullable Bytes lastRelease;

  /// A channel number, its peer and when that ends.
  record Channel(int number, InetSocketAddress peer, long ends) {}

  /// A move that was granted.
  record Move(int to, Bytes transaction, Bytes shown, long lifetime, long seconds) {}

  Held(
      User owner, Bytes transaction, int home, int here, @Nullable Bytes reservation, long opened) {
    this.owner = owner;
    this.opened = opened;
    this.transaction = transaction;
    this.home = home;
    this.here = here;
    this.reservation = reservation;
  }

  /// What a wish is granted at an age (RFC 8656 §7.2): ten minutes to an hour, and no more than the
  /// allocation may live.
  long granted(long wish, long now) {
    long left = opened + World.Setup.MAX_AGE.toSeconds() - now;
    return Math.min(wish == Step.NO_LIFETIME ? 600 : Math.clamp(wish, 600, 3_600), left);
  }

  /// Whoever has a credential of the same user.
  boolean isOf(User asker) {
    return asker.id.equals(owner.id);
  }

  void renew(User asker) {
    owner = asker.endsWallSeconds > owner.endsWallSeconds ? asker : owner;
  }

  static int familyOf(InetAddress ip) {
    return ip.getAddress().length == 4 ? 4 : 6;
  }

  boolean isAt(int client) {
    return here == client || (next != null && next == client);
  }

  long lastEnd() {
    return ends.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  boolean isLive(long now) {
    return lastEnd() > now;
  }

  /// Lets go of a family that has run out before the other.
  void settleFamilies(long now) {
    if (isLive(now)) {
      for (int family : List.copyOf(ends.keySet())) {
        if (ends.getOrDefault(family, 0L) <= now) {
          release(family);
        }
      }
    }
  }

  void release(int family) {
    ends.remove(family);
    relayed.remove(family);
    permissions.keySet().removeIf(ip -> familyOf(ip) == family);
    channels.removeIf(channel -> familyOf(channel.peer().getAddress()) == family);
  }

  boolean isPermitted(InetAddress ip, long now) {
    return permissions.getOrDefault(ip, 0L) > now;
  }

  @Nullable Channel byNumber(int number, long now) {
    return channels.stream()
        .filter(c -> c.number() == number && c.ends() > now)
        .findFirst()
        .orElse(null);
  }

  @Nullable Channel byPeer(InetSocketAddress peer, long now) {
    return channels.stream()
        .filter(c -> c.peer().equals(peer) && c.ends() > now)
        .findFirst()
        .orElse(null);
  }

  void bind(int number, InetSocketAddress peer, long now) {
    channels.removeIf(c -> c.number() == number);
    channels.add(new Channel(number, peer, now + 600));
    permissions.put(peer.getAddress(), now + 300);
  }

  /// The client was heard: from the next place only data count.
  void heard(int client, boolean data, long now) {
    if (next == null) {
      return;
    }
    if (next != client) {
      heardSeconds = now;
    } else if (data) {
      here = next;
      next = null;
    }
  }

  void move(int to, long now) {
    next = to;
    heardSeconds = now;
  }

  /// What the sweep does about a client under way: 30 seconds of silence where it was, and it has
  /// arrived.
  void settle(long now) {
    if (next != null && now - heardSeconds >= 30) {
      here = next;
      next = null;
    }
  }
}

package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The channels of one allocation, found by number and by peer.
final class Channels {
  static final int MAX = 64;

  private final List<ChannelBinding> bindings = new ArrayList<>(1);

  @Nullable ChannelBinding byNumber(int number, long nowNanos) {
    for (int i = 0; i < bindings.size(); i++) {
      var binding = bindings.get(i);
      if (binding.number() == number) {
        return binding.isLive(nowNanos) ? binding : null;
      }
    }
    return null;
  }

  @Nullable ChannelBinding byPeer(long high, long low, int port, long nowNanos) {
    for (int i = 0; i < bindings.size(); i++) {
      var binding = bindings.get(i);
      if (binding.isTo(high, low, port)) {
        return binding.isLive(nowNanos) ? binding : null;
      }
    }
    return null;
  }

  void forget(Family family) {
    bindings.removeIf(b -> b.peer().ip().family() == family);
  }

  /// Whether the number or the peer belongs to another pair.
  boolean isTaken(int number, TransportAddress peer, long nowNanos) {
    return held(nowNanos).anyMatch(b -> b.number() == number != b.peer().equals(peer));
  }

  /// Whether a number that is not taken could be bound.
  boolean hasRoomFor(int number, long nowNanos) {
    return held(nowNanos).filter(b -> b.number() != number).count() < MAX;
  }

  private Stream<ChannelBinding> held(long nowNanos) {
    return bindings.stream().filter(b -> b.isQuarantined(nowNanos));
  }

  /// Lets every channel to an address stand under its permission: one that had run out may have
  /// made room for others.
  void permit(IpAddress ip, Permission permission) {
    bindings.replaceAll(b -> b.peer().ip().equals(ip) ? b.under(permission) : b);
  }

  /// Binds or refreshes; the caller has asked whether that may be.
  void bind(int number, TransportAddress peer, Permission permission, long nowNanos) {
    bindings.removeIf(b -> b.number() == number || !b.isQuarantined(nowNanos));
    long endsNanos = nowNanos + ChannelBinding.LIFETIME.toNanos();
    bindings.add(new ChannelBinding(number, peer, permission, endsNanos));
  }
}

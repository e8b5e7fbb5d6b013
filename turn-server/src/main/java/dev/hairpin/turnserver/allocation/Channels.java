package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The channels of one allocation, found by number and by peer.
final class Channels {
  static final int MAX = 64;

  private final List<ChannelBinding> bindings = new ArrayList<>(1);

  /// What a wish to bind meets.
  enum Conflict {
    NONE,
    /// The number or the peer belongs to another pair.
    TAKEN,
    FULL
  }

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
      if (binding.is(high, low, port)) {
        return binding.isLive(nowNanos) ? binding : null;
      }
    }
    return null;
  }

  void forget(Family family) {
    bindings.removeIf(b -> b.peer().ip().family() == family);
  }

  Conflict conflict(int number, TransportAddress peer, long nowNanos) {
    boolean known = false;
    int held = 0;
    for (var binding : bindings) {
      boolean sameNumber = binding.number() == number;
      boolean samePeer = binding.peer().equals(peer);
      if (!binding.isQuarantined(nowNanos)) {
        continue;
      }
      held++;
      known |= sameNumber && samePeer;
      if (sameNumber != samePeer) {
        return Conflict.TAKEN;
      }
    }
    return known || held < MAX ? Conflict.NONE : Conflict.FULL;
  }

  /// Lets every channel to an address stand under its permission.
  void permit(IpAddress ip, Permission permission) {
    for (var binding : bindings) {
      if (binding.peer().ip().equals(ip)) {
        binding.permit(permission);
      }
    }
  }

  /// Binds or refreshes; the caller has asked for conflicts.
  void bind(int number, TransportAddress peer, Permission permission, long nowNanos) {
    bindings.removeIf(
        b -> !b.isQuarantined(nowNanos) || (b.number() == number && b.permission() != permission));
    for (var binding : bindings) {
      if (binding.number() == number) {
        binding.extend(nowNanos);
        return;
      }
    }
    var binding = new ChannelBinding(number, peer, permission);
    binding.extend(nowNanos);
    bindings.add(binding);
  }
}

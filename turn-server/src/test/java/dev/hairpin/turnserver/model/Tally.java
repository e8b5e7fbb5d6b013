package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/// What the server must have counted so far: nothing that comes in is counted twice, or not at all.
final class Tally {
  private static final Counter[] COUNTERS = Counter.values();
  private static final ErrorCode[] ERRORS = ErrorCode.values();
  private static final DropReason[] REASONS = DropReason.values();

  private final World world;
  private final Reference model;
  private final Map<Counter, Long> counts = new EnumMap<>(Counter.class);
  private final Map<Integer, Long> errors = new HashMap<>();
  private final Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);

  Tally(World world, Reference model) {
    this.world = world;
    this.model = model;
  }

  void fromClient(int bytes) {
    // what is neither STUN nor ChannelData is dropped before it is counted
    add(Counter.CLIENT_PACKETS_IN, 1);
    add(Counter.CLIENT_BYTES_IN, bytes);
    lastBytes = bytes;
  }

  private int lastBytes;

  private void add(Counter counter, long amount) {
    counts.merge(counter, amount, Long::sum);
  }

  void answered(int code) {
    if (code == 0) {
      add(Counter.SUCCESS_RESPONSES, 1);
    } else {
      errors.merge(code, 1L, Long::sum);
    }
  }

  void toPeer(int bytes) {
    add(Counter.TO_PEER_PACKETS, 1);
    add(Counter.TO_PEER_BYTES, bytes);
  }

  void toClient(int bytes) {
    add(Counter.TO_CLIENT_PACKETS, 1);
    add(Counter.TO_CLIENT_BYTES, bytes);
  }

  void icmp() {
    add(Counter.ICMP_TO_CLIENT, 1);
  }

  void dropped(String reason) {
    var named = DropReason.valueOf(reason);
    drops.merge(named, 1L, Long::sum);
    if (named == DropReason.NOT_STUN_NOR_CHANNEL_DATA) {
      add(Counter.CLIENT_PACKETS_IN, -1);
      add(Counter.CLIENT_BYTES_IN, -lastBytes);
    }
  }

  void lost(int datagrams) {
    drops.merge(DropReason.SEND_REFUSED, (long) datagrams, Long::sum);
  }

  void check() {
    counts.put(Counter.ALLOCATIONS_OPENED, (long) model.opened);
    counts.put(Counter.ALLOCATIONS_MOVED, (long) model.moved);
    var loops = world.counters();
    for (var counter : COUNTERS) {
      boolean told =
          counter != Counter.MESSAGES_ACROSS_LOOPS && counter != Counter.ALLOCATIONS_CLOSED;
      long counted = 0;
      for (var loop : loops) {
        counted += loop.get(counter);
      }
      long expected = counts.getOrDefault(counter, 0L);
      Reference.check(
          !told || counted == expected, counter + ", instead of " + expected + ",", counted);
    }
    for (var error : ERRORS) {
      long counted = 0;
      for (var loop : loops) {
        counted += loop.errors(error.code());
      }
      long expected = errors.getOrDefault(error.code(), 0L);
      Reference.check(counted == expected, error + ", instead of " + expected + ",", counted);
    }
    for (var reason : REASONS) {
      long counted = 0;
      for (var loop : loops) {
        counted += loop.get(reason);
      }
      long expected = drops.getOrDefault(reason, 0L);
      Reference.check(counted == expected, reason + ", instead of " + expected + ",", counted);
    }
  }
}

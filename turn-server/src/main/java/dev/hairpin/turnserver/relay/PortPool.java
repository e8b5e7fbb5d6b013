package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// The relay ports of one relay address, shared by all loops: a bit for each, taken and given back
/// without a lock, and read by anybody who wants to know whether a relayed address is live.
final class PortPool {
  private static final int BITS = Integer.SIZE;

  private final IpAddress local;
  private final IpAddress advertised;
  private final PortRange range;
  private final AtomicIntegerArray taken;

  /// @param advertised the address as clients are told it
  PortPool(IpAddress local, IpAddress advertised, PortRange range) {
    this.local = local;
    this.advertised = advertised;
    this.range = range;
    this.taken = new AtomicIntegerArray((range.size() + BITS - 1) / BITS);
  }

  IpAddress local() {
    return local;
  }

  IpAddress advertised() {
    return advertised;
  }

  /// Takes the first free port from `start` on, in a circle; -1 where none is free.
  int take(int start) {
    for (int i = 0; i < range.size(); i++) {
      int index = (start + i) % range.size();
      if (set(index)) {
        return range.first() + index;
      }
    }
    return -1;
  }

  private boolean set(int index) {
    int word = index / BITS;
    int bit = 1 << (index % BITS);
    while (true) {
      int before = taken.get(word);
      if ((before & bit) != 0) {
        return false;
      }
      if (taken.compareAndSet(word, before, before | bit)) {
        return true;
      }
    }
  }

  void giveBack(int port) {
    int index = port - range.first();
    int bit = 1 << (index % BITS);
    taken.getAndUpdate(index / BITS, before -> before & ~bit);
  }

  boolean isTaken(int port) {
    int index = port - range.first();
    return index >= 0
        && index < range.size()
        && (taken.getOpaque(index / BITS) & 1 << (index % BITS)) != 0;
  }

  int size() {
    return range.size();
  }
}

package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.turn.PortWish;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/// The relay ports of one relay address, shared by all loops: a number for each that says whether
/// it is taken, and whether and on which loop its socket is bound, written without a lock.
///
/// @param advertised the address as clients are told it
/// @param descriptors of which each socket takes one
/// @param states by port, from the first of the range on
/// @param isTcp whether the ports are asked and bound for sockets of TCP
/// @param avoided ports that another program was found to have
record PortPool(
    IpAddress local,
    IpAddress advertised,
    PortRange range,
    Descriptors.Use descriptors,
    AtomicIntegerArray states,
    boolean isTcp,
    Queue<Avoided> avoided) {
  /// For so long a port is passed over that another program was found to have.
  static final Duration AVOIDANCE = Duration.ofMinutes(1);

  private static final int FREE = 0;
  private static final int TAKEN = 1;
  private static final int LIVE_TCP = 2;

  /// And on the loop of this number less.
  private static final int LIVE_UDP = 3;

  record Avoided(int port, long endsNanos) {}

  PortPool(IpAddress local, IpAddress advertised, PortRange range, Descriptors.Use descriptors) {
    this(
        local,
        advertised,
        range,
        descriptors,
        new AtomicIntegerArray(range.size()),
        false,
        new ConcurrentLinkedQueue<>());
  }

  /// The same ports for sockets of TCP: each belongs to one socket, of either kind.
  PortPool forTcp() {
    return new PortPool(local, advertised, range, descriptors, states, true, avoided);
  }

  /// Takes the first free port of the wished kind from `start` on, in a circle; -1 where there is
  /// none.
  int take(PortWish.Parity parity, int start) {
    for (int i = 0; i < range.size(); i++) {
      int port = range.first() + (start + i) % range.size();
      boolean taken =
          switch (parity) {
            case ANY -> take(port);
            case EVEN -> port % 2 == 0 && take(port);
            case EVEN_AND_NEXT -> port % 2 == 0 && port < range.last() && takePair(port);
          };
      if (taken) {
        return port;
      }
    }
    return -1;
  }

  private boolean takePair(int even) {
    if (!take(even)) {
      return false;
    }
    if (take(even + 1)) {
      return true;
    }
    giveBack(even);
    return false;
  }

  private boolean take(int port) {
    int index = port - range.first();
    return states.getOpaque(index) == FREE && states.compareAndSet(index, FREE, TAKEN);
  }

  /// The port's socket is bound: from now on clients of this server may have it as a peer.
  ///
  /// @param loop that has the socket; of one of TCP it is not kept
  void live(int port, int loop) {
    states.set(port - range.first(), isTcp ? LIVE_TCP : LIVE_UDP + loop);
  }

  void giveBack(int port) {
    states.set(port - range.first(), FREE);
  }

  /// Binds a socket to a port that was taken, or lets go of it.
  <S> S bind(int port, long nowNanos, Binding<S> binding) throws IOException {
    if (!descriptors.take()) {
      giveBack(port);
      throw new IOException("no descriptor is left");
    }
    try {
      return binding.bind(new TransportAddress(local, port));
    } catch (IOException | RuntimeException e) {
      descriptors.giveBack();
      refused(port, e, nowNanos);
      throw e instanceof IOException io ? io : new IOException(e);
    }
  }

  /// Lets go of a port that could not be bound. Where another program has it, it stays taken for a
  /// while.
  void refused(int port, Exception cause, long nowNanos) {
    if (cause instanceof BindException) {
      avoided.add(new Avoided(port, nowNanos + AVOIDANCE.toNanos()));
    } else {
      giveBack(port);
    }
  }

  interface Binding<S> {
    S bind(TransportAddress local) throws IOException;
  }

  /// Tries ports again that were avoided for long enough.
  void expire(long nowNanos) {
    for (var oldest = avoided.peek();
        oldest != null && oldest.endsNanos() - nowNanos <= 0;
        oldest = avoided.peek()) {
      if (avoided.remove(oldest)) {
        giveBack(oldest.port());
      }
    }
  }

  /// How many ports allocations and reservations have.
  int inUse() {
    long free = IntStream.range(0, states.length()).filter(i -> states.get(i) == FREE).count();
    return states.length() - (int) free - avoided.size();
  }

  boolean isLive(int port) {
    return isTcp ? state(port) == LIVE_TCP : loopOf(port) >= 0;
  }

  /// The loop that has a live socket of UDP on a port, or a negative number.
  int loopOf(int port) {
    return state(port) - LIVE_UDP;
  }

  private int state(int port) {
    int index = port - range.first();
    return index >= 0 && index < range.size() ? states.getOpaque(index) : FREE;
  }

  int size() {
    return range.size();
  }
}

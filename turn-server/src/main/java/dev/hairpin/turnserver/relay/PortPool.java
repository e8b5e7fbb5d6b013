package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.turn.PortWish;
import io.netty.channel.unix.Errors.NativeIoException;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/// The relay ports of one relay address, shared by all loops: a number for each that says whether
/// it is taken, and whether and on which loop its socket is bound, written without a lock. Each
/// port belongs to one socket, of UDP or of TCP.
///
/// @param advertised the address as clients are told it
/// @param descriptors of which each socket takes one
/// @param states by port, from the first of the range on
/// @param avoided until when ports are passed over that another program was found to have
record PortPool(
    IpAddress local,
    IpAddress advertised,
    PortRange range,
    Descriptors.Use descriptors,
    AtomicIntegerArray states,
    ConcurrentMap<Integer, Long> avoided) {
  /// For so long a port is passed over that another program was found to have.
  static final Duration AVOIDANCE = Duration.ofMinutes(1);

  /// In place of a loop's number, for a socket of TCP.
  static final int TCP = -1;

  private static final int EADDRNOTAVAIL = 99;
  private static final int FREE = 0;
  private static final int TAKEN = 1;

  /// And on the loop of this number less, or by [#TCP].
  private static final int LIVE = 3;

  PortPool(IpAddress local, RelaySettings settings, Descriptors.Use descriptors) {
    this(
        local,
        settings.advertised(local),
        settings.ports(),
        descriptors,
        new AtomicIntegerArray(settings.ports().size()),
        new ConcurrentHashMap<>());
  }

  /// Takes the first free port of the wished kind from `start` on, in a circle; -1 where there is
  /// none. What is to be kept beside it is not taken yet.
  int take(PortWish.Parity parity, int start) {
    for (int i = 0; i < range.size(); i++) {
      int port = range.first() + (start + i) % range.size();
      boolean taken =
          switch (parity) {
            case ANY -> take(port);
            case EVEN -> port % 2 == 0 && take(port);
            case EVEN_AND_NEXT ->
                port % 2 == 0 && port < range.last() && state(port + 1) == FREE && take(port);
          };
      if (taken) {
        return port;
      }
    }
    return -1;
  }

  /// Takes this port; false where somebody has it.
  boolean take(int port) {
    int index = port - range.first();
    return states.getOpaque(index) == FREE && states.compareAndSet(index, FREE, TAKEN);
  }

  /// The port's socket is bound: from now on clients of this server may have it as a peer.
  ///
  /// @param loop that has the socket, or [#TCP]
  void live(int port, int loop) {
    states.set(port - range.first(), LIVE + loop);
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
      if (e instanceof BindException taken && !isAbsent(taken)) { // it stays taken for a while
        descriptors.giveBack();
        avoided.put(port, nowNanos + AVOIDANCE.toNanos());
        throw taken;
      }
      unbind(port);
      throw new IOException(e);
    }
  }

  /// Whether the system says that the address is not here, for which no port is to blame. Java's
  /// own sockets do not tell it from a port that another program has.
  private static boolean isAbsent(BindException refusal) {
    return refusal.getCause() instanceof NativeIoException e && e.expectedErr() == -EADDRNOTAVAIL;
  }

  /// Gives back a port whose socket is closed.
  void unbind(int port) {
    giveBack(port);
    descriptors.giveBack();
  }

  interface Binding<S> {
    S bind(TransportAddress local) throws IOException;
  }

  /// Tries ports again that were avoided for long enough.
  void expire(long nowNanos) {
    avoided.forEach(
        (port, endsNanos) -> {
          if (endsNanos - nowNanos <= 0 && avoided.remove(port, endsNanos)) {
            giveBack(port);
          }
        });
  }

  /// How many ports allocations and reservations have.
  int inUse() {
    long taken = IntStream.range(0, states.length()).filter(i -> states.get(i) != FREE).count();
    return (int) taken - avoided.size();
  }

  boolean isLive(int port, boolean byTcp) {
    return byTcp ? loopOf(port) == TCP : loopOf(port) >= 0;
  }

  /// The loop that has a live socket of UDP on a port, or a negative number.
  int loopOf(int port) {
    return state(port) - LIVE;
  }

  private int state(int port) {
    int index = port - range.first();
    return index >= 0 && index < range.size() ? states.getOpaque(index) : FREE;
  }
}

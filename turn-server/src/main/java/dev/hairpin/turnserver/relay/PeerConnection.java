package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.auth.AuthResult.Known;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.tcp.Pipe;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import io.netty.channel.socket.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A TCP connection between a relayed address and a peer (RFC 6062 §3), later one end of a pipe to
/// the client. Until then nothing is read from it: the kernel makes the peer wait.
///
/// Confined to the loop of its allocation; other loops find it among the pending ones, ask for its
/// owner and bind it.
public final class PeerConnection {
  private final TcpRelaySocket relay;
  final TransportAddress peer;
  private final Known owner;
  private final SocketChannel channel;
  final boolean incoming;
  private @Nullable SocketChannel client;
  private State state = State.CONNECTING;
  private int id;
  private long endsNanos;

  /// What a connection waits for; each wait but the last has an end.
  private enum State {
    CONNECTING,
    /// for its client
    PENDING,
    /// One side has ended, and there is something left to be sent to the other.
    ENDING,
    /// for nothing
    BOUND
  }

  /// @param channel whose descriptor is given back when it ends
  PeerConnection(
      TcpRelaySocket relay, TransportAddress peer, SocketChannel channel, boolean incoming) {
    this.relay = relay;
    this.peer = peer;
    this.owner = Objects.requireNonNull(relay.allocation()).owner();
    this.channel = channel;
    this.incoming = incoming;
    enter(State.CONNECTING);
    relay.connections.add(this);
    channel.closeFuture().addListener(_ -> closed());
  }

  private void enter(State next) {
    state = next;
    endsNanos = relay.home.nanos().getAsLong() + TcpRelaySocket.TIMEOUT.toNanos();
  }

  /// Who made the allocation.
  public Known owner() {
    return owner;
  }

  boolean isUnbound() {
    return state == State.CONNECTING || state == State.PENDING;
  }

  /// The connection stands. Returns the id that it is bound by.
  int established() {
    enter(State.PENDING);
    relay.home.counters().increment(Counter.PEER_CONNECTIONS_OPENED);
    do {
      id = TcpRelaySocket.RANDOM.nextInt();
    } while (relay.home.pools().pendingConnections().putIfAbsent(id, this) != null);
    return id;
  }

  /// Joins it with the connection of its client, from any loop. The caller has claimed it.
  public void bind(SocketChannel clientEnd) {
    channel.eventLoop().execute(() -> join(clientEnd));
  }

  private void join(SocketChannel other) {
    if (!channel.isOpen()) {
      var _ = other.close();
      return;
    }
    client = other;
    state = State.BOUND;
    var loop = channel.eventLoop();
    other
        .closeFuture()
        .addListener(
            _ -> {
              if (!loop.isShuttingDown()) {
                loop.execute(this::ended);
              }
            });
    Pipe.join(channel, other, relay.meter(false), relay.meter(true));
  }

  private void closed() {
    relay.pool.descriptors().giveBack();
    if (state != State.CONNECTING) {
      relay.home.counters().increment(Counter.PEER_CONNECTIONS_CLOSED);
    }
    ended();
  }

  private void ended() {
    relay.home.pools().pendingConnections().remove(id, this);
    var other = client;
    if (!channel.isOpen() && (other == null || !other.isOpen())) {
      relay.connections.remove(this);
    } else if (state == State.BOUND) {
      enter(State.ENDING);
    }
  }

  /// Ends what has waited too long.
  void sweep(long nowNanos) {
    if (state == State.BOUND || endsNanos - nowNanos > 0) {
      return;
    }
    if (state == State.PENDING) {
      if (!relay.home.pools().pendingConnections().remove(id, this)) {
        return; // another loop is about to bind it
      }
      relay.home.counters().drop(DropReason.CONNECTION_NOT_BOUND);
    } else if (state == State.ENDING) {
      relay.home.counters().drop(DropReason.CONNECTION_TIMED_OUT);
    }
    close();
  }

  void close() {
    var _ = channel.close();
    if (client != null) {
      var _ = client.close();
    }
  }
}

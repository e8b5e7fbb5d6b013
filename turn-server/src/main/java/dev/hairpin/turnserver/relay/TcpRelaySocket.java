package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.RelaySocket;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.tcp.Pipe;
import dev.hairpin.turnserver.tcp.Pipe.Meter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.turn.Answer;
import io.netty.buffer.Unpooled;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The socket behind the relayed address of a TCP allocation, and its connections with peers, in
/// and out (RFC 6062 §5).
public final class TcpRelaySocket extends RelaySocket {
  /// RFC 6062 §5.2 to §5.4: to connect, and to be bound.
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final int MAX_CONNECTIONS = 64;
  private static final int MAX_UNBOUND_OUTGOING = 16;
  private static final int MAX_UNBOUND_INCOMING = 8;
  private static final int MAX_INDICATION_BYTES = 64;
  static final SecureRandom RANDOM = new SecureRandom();

  final TcpRelaySockets home;
  final PortPool pool;
  private final TransportAddress local;
  final List<PeerConnection> connections = new ArrayList<>(1);
  private final ServerChannel listener;
  private boolean closed;

  /// @throws IOException where the port cannot be bound
  TcpRelaySocket(TcpRelaySockets home, PortPool pool, TransportAddress local) throws IOException {
    super(new TransportAddress(pool.advertised(), local.port()));
    this.home = home;
    this.pool = pool;
    this.local = local;
    this.listener = home.sockets().listenAndConnect(local, this::accept);
    pool.live(local.port(), PortPool.TCP);
  }

  @Override
  public boolean isTcp() {
    return true;
  }

  /// Connects to a peer that the client may reach (RFC 6062 §5.2).
  ///
  /// @param then told the answer, unless the allocation ends before
  /// @return why nothing was begun, or null
  public @Nullable ErrorCode connect(TransportAddress peer, Consumer<Answer> then) {
    if (connections.stream().anyMatch(c -> c.peer.equals(peer))) {
      return ErrorCode.CONNECTION_ALREADY_EXISTS;
    }
    if (!hasRoom(false, MAX_UNBOUND_OUTGOING) || !pool.descriptors().take()) {
      return ErrorCode.INSUFFICIENT_CAPACITY;
    }
    var connecting = home.sockets().connect(local, home.pools().toLocal(peer));
    if (!(connecting.channel() instanceof SocketChannel socket) || connecting.isDone()) {
      pool.descriptors().giveBack();
      return ErrorCode.INSUFFICIENT_CAPACITY; // the system had none
    }
    var connection = new PeerConnection(this, peer, socket, false);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            then.accept(new Answer.Connected(connection.established()));
          } else if (!closed) {
            then.accept(Answer.refused(ErrorCode.CONNECTION_TIMEOUT_OR_FAILURE));
          }
        });
    return null;
  }

  /// What limits the data of one direction.
  Meter meter(boolean toPeers) {
    var limit = Objects.requireNonNull(allocation()).traffic().limit(toPeers);
    return limit == null ? Meter.UNLIMITED : bytes -> limit.charge(bytes, home.nanos().getAsLong());
  }

  private boolean hasRoom(boolean incoming, int maxUnbound) {
    long unbound =
        connections.stream().filter(c -> c.isUnbound() && c.incoming == incoming).count();
    return unbound < maxUnbound && connections.size() < MAX_CONNECTIONS;
  }

  /// A peer connects to the relayed address (RFC 6062 §5.3).
  private void accept(SocketChannel accepted, TransportAddress source) {
    accepted.config().setAutoRead(false).setAllowHalfClosure(true);
    var peer = home.pools().toAdvertised(source);
    var refusal = refusalOf(peer);
    if (refusal != null) {
      home.counters().drop(refusal);
      accepted.config().setSoLinger(0);
      var _ = accepted.close();
      return;
    }
    accepted.pipeline().addLast(new Pipe.Holder());
    var connection = new PeerConnection(this, peer, accepted, true);
    announce(peer, connection.established());
  }

  private @Nullable DropReason refusalOf(TransportAddress peer) {
    var owner = allocation();
    long now = home.nanos().getAsLong();
    if (owner == null || !owner.isLive(now)) {
      return DropReason.NO_ALLOCATION;
    }
    var permission = owner.permission(peer.ip().high(), peer.ip().low(), now);
    if (permission == null || !owner.mayPass(permission, peer.port(), now)) {
      return DropReason.PEER_NOT_PERMITTED;
    }
    boolean isWelcome = hasRoom(true, MAX_UNBOUND_INCOMING) && pool.descriptors().take();
    return isWelcome ? null : DropReason.TOO_MANY_CONNECTIONS;
  }

  private void announce(TransportAddress peer, int connectionId) {
    var message = Unpooled.buffer(MAX_INDICATION_BYTES);
    var id = new TransactionId(RANDOM.nextInt(), RANDOM.nextLong()); // RFC 8489 §5
    new StunWriter(message, MessageClass.INDICATION, Method.CONNECTION_ATTEMPT, id)
        .address(Attribute.XOR_PEER_ADDRESS, peer)
        .integer(Attribute.CONNECTION_ID, connectionId);
    Objects.requireNonNull(allocation()).client().send(message);
  }

  @Override
  public void sweep(long nowNanos) {
    List.copyOf(connections).forEach(connection -> connection.sweep(nowNanos));
  }

  @Override
  public void closePeers(Predicate<TransportAddress> denied) {
    List.copyOf(connections).stream()
        .filter(connection -> denied.test(connection.peer))
        .forEach(PeerConnection::close);
  }

  /// Closes all connections and the descriptor before the port is free for others.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      listener.close().syncUninterruptibly();
      List.copyOf(connections).forEach(PeerConnection::close);
      pool.unbind(local.port());
    }
  }
}

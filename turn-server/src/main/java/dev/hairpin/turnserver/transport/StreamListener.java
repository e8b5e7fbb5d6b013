package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.tcp.TcpSockets;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One loop's socket on an address where clients connect by TCP or TLS, with the connections that
/// the kernel brings to it.
public final class StreamListener implements ClientListener {
  private static final int SWEEP_BUDGET = 2_000;

  final Transport transport;
  final OfLoop loop;

  /// Points at a message; used again for the next.
  final Packet packet = new Packet();

  private final ServerChannel channel;

  /// Those that the next sweep looks at come first.
  final SequencedSet<StreamConnection> connections = new LinkedHashSet<>();

  /// Those that were written to a moment ago, and have more.
  private final List<StreamConnection> held = new ArrayList<>();

  private final Runnable flushHeld = this::flushHeld;

  /// What the stream listeners of all loops share.
  ///
  /// @param http who is given the HTTP that comes over TLS, or null
  public record Shared(
      StreamSettings settings,
      TlsIdentities identities,
      StreamGate gate,
      @Nullable HttpBackend http,
      Descriptors.Use descriptors) {}

  /// What the stream listeners of one loop share.
  ///
  /// @param nanos tells the loop's time
  /// @param strangers their connections, the oldest first
  public record OfLoop(
      Shared shared,
      TcpSockets sockets,
      ClientEvents events,
      LongSupplier nanos,
      SequencedSet<StreamConnection> strangers) {
    long nowNanos() {
      return nanos.getAsLong();
    }
  }

  /// @throws IOException where the address cannot be bound
  public StreamListener(ListenUrl url, OfLoop loop, Sharing sharing) throws IOException {
    this.transport = url.transport();
    this.loop = loop;
    this.channel = loop.sockets().listen(url.address(), sharing, this::accept);
  }

  void accept(SocketChannel accepted, TransportAddress client) {
    if (!loop.shared().descriptors().take()) {
      loop.events().counters().drop(DropReason.NO_DESCRIPTOR);
      var _ = accepted.close();
      return;
    }
    accepted.closeFuture().addListener(_ -> loop.shared().descriptors().giveBack());
    int backlog = loop.shared().settings().backlogBytes();
    accepted.config().setWriteBufferWaterMark(new WriteBufferWaterMark(backlog / 2, backlog));
    var connection = new StreamConnection(this, accepted, client);
    connection.expect(loop.shared().settings().timeouts().handshake());
    if (!loop.shared().gate().enter() && !loop.strangers().isEmpty()) {
      loop.strangers().getFirst().close(DropReason.TOO_MANY_STRANGERS); // it had the most time
    }
    connections.add(connection);
    loop.strangers().add(connection);
    loop.events().counters().increment(Counter.CONNECTIONS_OPENED);
    accepted.closeFuture().addListener(_ -> closed(connection));
    StreamOpening.start(accepted.pipeline(), connection);
  }

  private void closed(StreamConnection connection) {
    loop.events().counters().increment(Counter.CONNECTIONS_CLOSED);
    connections.remove(connection);
    connection.leaveStrangers();
  }

  /// Writes to a connection a little later, together with all that wait by then.
  void hold(StreamConnection connection, EventLoop eventLoop, long nanos) {
    if (held.isEmpty()) {
      var _ = eventLoop.schedule(flushHeld, nanos, TimeUnit.NANOSECONDS);
    }
    held.add(connection);
  }

  private void flushHeld() {
    long now = loop.nowNanos();
    held.forEach(connection -> connection.flush(now));
    held.clear();
  }

  @Override
  public TransportAddress localAddress() {
    return TransportAddress.of((InetSocketAddress) channel.localAddress());
  }

  /// Closes connections that have waited too long.
  @Override
  public void sweep(long nowNanos) {
    for (int left = Math.min(SWEEP_BUDGET, connections.size()); left > 0; left--) {
      var next = connections.getFirst();
      connections.addLast(next); // where it was already: it goes to the end
      next.sweep(nowNanos);
    }
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    List.copyOf(connections).forEach(StreamConnection::end);
  }
}

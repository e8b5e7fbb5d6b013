package dev.hairpin.credentialapi.http;

import dev.hairpin.turnserver.net.IpPrefix;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Lets the connections of [TlsCallers] in: those of known callers, and of each caller no more than
/// one may have. Any other is closed with its first byte, before which nothing can be known.
final class CallerGate {
  private static final AttributeKey<Runnable> COUNTED =
      AttributeKey.valueOf(CallerGate.class, "counted");

  private final TlsCallers callers;
  private final Map<IpPrefix, Integer> connections = new ConcurrentHashMap<>();

  CallerGate(TlsCallers callers) {
    this.callers = callers;
  }

  /// Whether a connection has to pass here.
  boolean isFor(Channel connection) {
    return callers.own(connection.localAddress());
  }

  void guard(Channel connection) {
    connection.pipeline().addFirst(new Guard());
  }

  private boolean admits(Channel connection) {
    var client = callers.clientAt(connection.remoteAddress());
    if (client == null) {
      return false;
    }
    var household = IpPrefix.ofSource(client.ip());
    int count = connections.merge(household, 1, Integer::sum);
    connection.attr(COUNTED).set(() -> leave(household));
    connection.closeFuture().addListener(_ -> release(connection));
    return count <= Limits.MAX_CONNECTIONS_PER_CALLER;
  }

  private void leave(IpPrefix household) {
    connections.computeIfPresent(household, (_, n) -> n == 1 ? null : n - 1);
  }

  /// Counts a connection of a caller no more.
  static void release(Channel connection) {
    var counted = connection.attr(COUNTED).getAndSet(null);
    if (counted != null) {
      counted.run();
    }
  }

  private final class Guard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      if (admits(context.channel())) {
        context.pipeline().remove(this);
        context.fireChannelRead(bytes);
      } else {
        ReferenceCountUtil.release(bytes);
        var _ = context.close();
      }
    }
  }
}

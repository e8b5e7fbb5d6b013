package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.tcp.Pipe;
import dev.hairpin.turnserver.tcp.Pipe.Meter;
import dev.hairpin.turnserver.telemetry.DropReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/// Finds out by the first byte what is spoken on a new connection, within TLS once more, and leaves
/// the pipeline when that is known.
final class StreamOpening extends ByteToMessageDecoder {
  private static final int TLS_HANDSHAKE = 0x16;
  private static final int MAX_CLIENT_HELLO_BYTES = 16 << 10;

  /// What a client says in a handshake, and behind it before the server has answered (RFC 7918).
  private static final int MAX_HANDSHAKE_BYTES = 64 << 10;

  private static final String TLS = "tls";

  private final StreamConnection connection;
  private final StreamListener.Shared shared;

  private StreamOpening(StreamConnection connection, StreamListener.Shared shared) {
    this.connection = connection;
    this.shared = shared;
  }

  /// Load balancers begin with a PROXY header, and nobody else may.
  static void start(ChannelPipeline pipeline, StreamConnection connection) {
    var shared = connection.loop.shared();
    var source = connection.client().ip();
    if (shared.settings().proxies().stream().anyMatch(p -> p.contains(source))) {
      pipeline.addLast(new HAProxyMessageDecoder(), new ProxyHeader(connection));
    } else {
      connection.countSource();
    }
    pipeline.addLast(new StreamOpening(connection, shared));
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    int first = in.getUnsignedByte(in.readerIndex());
    if (connection.transport() == Transport.TLS) {
      chooseProtocol(context, first);
    } else if (first == TLS_HANDSHAKE && !shared.identities().isEmpty()) {
      var source = connection.client().ip();
      if (!shared.gate().handshakes.take(source, connection.loop.nowNanos())) {
        connection.close(DropReason.TLS_BUSY);
        return;
      }
      context.pipeline().addAfter(context.name(), TLS, tls());
      become(context, TLS, new StreamOpening(connection, shared));
    } else if (connection.listener.transport == Transport.TLS) {
      connection.close(DropReason.TLS_FAILED);
    } else {
      connection.expect(shared.settings().timeouts().firstMessage());
      become(context, context.name(), connection);
    }
  }

  private void chooseProtocol(ChannelHandlerContext context, int first) {
    String agreed = context.pipeline().get(SslHandler.class).applicationProtocol();
    boolean isHttp =
        agreed == null ? first >= 'A' && first <= 'Z' : agreed.equals(TlsIdentity.ALPN_HTTP);
    var backend = shared.http();
    if (isHttp && backend != null) {
      handOver((SocketChannel) context.channel(), backend);
      become(context, context.name(), new Pipe.Holder());
    } else {
      become(context, context.name(), connection);
    }
  }

  /// Joins a client that speaks HTTP with the HTTP server of this process.
  private void handOver(SocketChannel client, HttpBackend backend) {
    client.config().setAutoRead(false);
    connection.letGo();
    var connecting = connection.loop.sockets().connect(backend.address());
    connecting.addListener(
        (ChannelFuture done) -> {
          if (!done.isSuccess()) { // where descriptors have run out, there is no channel
            var _ = client.close();
            return;
          }
          var server = (SocketChannel) done.channel();
          if (!client.isActive()) {
            var _ = server.close();
            return;
          }
          var via = TransportAddress.of(server.localAddress());
          backend.opened(via, connection.client());
          server.closeFuture().addListener(_ -> backend.closed(via));
          keep(client, server);
          Pipe.join(client, server, Meter.UNLIMITED, Meter.UNLIMITED);
        });
  }

  /// As long as the HTTP server keeps the connection, it gives way to no stranger's, unless half of
  /// all places are taken so.
  private void keep(SocketChannel client, SocketChannel server) {
    var places = shared.gate().ofHttp;
    var strangers = connection.loop.strangers();
    if (places.tryAcquire()) {
      strangers.remove(connection);
      server
          .closeFuture()
          .addListener(
              _ -> {
                places.release();
                if (client.isOpen()) {
                  strangers.add(connection);
                }
              });
    }
  }

  /// Gives way to another handler, which is given the bytes that came.
  private void become(ChannelHandlerContext context, String after, ChannelHandler next) {
    context.pipeline().addAfter(after, null, next);
    context.pipeline().remove(this);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        connection.expect(shared.settings().timeouts().firstMessage());
      } else {
        boolean isBusy = handshake.cause() instanceof RejectedExecutionException;
        connection.close(isBusy ? DropReason.TLS_BUSY : DropReason.TLS_FAILED);
      }
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    switch (cause) {
      case HAProxyProtocolException _ -> connection.close(DropReason.MALFORMED_PROXY_HEADER);
      case DecoderException _ -> connection.close(DropReason.TLS_FAILED);
      default -> connection.end(); // a reset
    }
  }

  /// Chooses the certificate by the server name in the ClientHello. The connection has a deadline
  /// of its own; what takes long to compute is not for the loop.
  private SniHandler tls() {
    return new SniHandler(this::contextFor, MAX_CLIENT_HELLO_BYTES, 0) {
      @Override
      protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
        var handler = new BoundedTls(context.newEngine(allocator));
        handler.setHandshakeTimeoutMillis(0);
        handler.setWrapDataSize(0); // a record for each write: they have been gathered
        return handler;
      }
    };
  }

  /// While a handshake is computed, or waits for that, Netty reads on and keeps what comes.
  private final class BoundedTls extends SslHandler {
    private int bytes;

    BoundedTls(SSLEngine engine) {
      super(engine, shared.gate().handshakers);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) throws Exception {
      if (!handshakeFuture().isDone()) {
        bytes += ((ByteBuf) read).readableBytes();
        if (bytes > MAX_HANDSHAKE_BYTES) {
          ReferenceCountUtil.release(read);
          connection.close(DropReason.TOO_LARGE);
          return;
        }
      }
      super.channelRead(context, read);
    }
  }

  private SslContext contextFor(@Nullable String serverName) {
    connection.encrypted(serverName);
    return shared.identities().identityFor(serverName).context();
  }
}

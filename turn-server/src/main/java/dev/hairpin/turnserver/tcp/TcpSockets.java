package dev.hairpin.turnserver.tcp;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Opens TCP sockets on one loop: Netty's on epoll where the loop runs on it, else on Java's NIO.
///
/// @param onRefusal told that the system gives no connections: descriptors have run out
public record TcpSockets(IoEventLoop loop, Consumer<Throwable> onRefusal) {
  private static final int BACKLOG = 1_024;
  private static final int PAUSE_MILLIS = 100;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int SOL_SOCKET = 1;

  /// Netty has it for sockets that listen alone.
  private static final IntegerUnixChannelOption EPOLL_REUSE_PORT =
      new IntegerUnixChannelOption("SO_REUSEPORT", SOL_SOCKET, 15);

  private static final IntegerUnixChannelOption EPOLL_IPV6_ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY);
  private static final ChannelOption<Boolean> NIO_REUSE_PORT =
      NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT);

  private boolean isEpoll() {
    return loop.isIoType(EpollIoHandler.class);
  }

  /// What cannot be accepted waits in the kernel; asking for it at once again would be all that the
  /// loop does.
  private final class AcceptPause extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      onRefusal.accept(cause);
      var config = context.channel().config().setAutoRead(false);
      var _ =
          context.executor().schedule(() -> config.setAutoRead(true), PAUSE_MILLIS, MILLISECONDS);
    }
  }

  /// Hands on connections that are not gone already. Java's IPv6 sockets hear IPv4 too: that is
  /// closed.
  private static ChannelHandler handing(
      Family family, BiConsumer<SocketChannel, TransportAddress> then) {
    return new ChannelInitializer<SocketChannel>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        var remote = channel.remoteAddress();
        if (remote != null && IpAddress.of(remote.getAddress()).family() == family) {
          then.accept(channel, TransportAddress.of(remote));
        } else {
          var _ = channel.close();
        }
      }
    };
  }

  /// Listens on this loop.
  ///
  /// @param accepted is given each connection with the address of its other end
  /// @throws IOException where the address is taken or not here, or descriptors have run out
  public ServerChannel listen(
      TransportAddress local, Sharing sharing, BiConsumer<SocketChannel, TransportAddress> accepted)
      throws IOException {
    var family = SocketProtocolFamily.of(local.ip().family().ofSockets());
    var provider = SelectorProvider.provider();
    var registered =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(
                () ->
                    isEpoll()
                        ? new EpollServerSocketChannel(family)
                        : new NioServerSocketChannel(provider, family))
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .handler(new AcceptPause())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(handing(local.ip().family(), accepted))
            .register();
    if (registered.cause() != null || !(registered.channel() instanceof ServerChannel channel)) {
      throw new IOException("no socket to be had", registered.cause());
    }
    if (isEpoll() && !local.ip().isIpv4()) {
      channel.config().setOption(EPOLL_IPV6_ONLY, 1);
    }
    if (sharing == Sharing.SHARED) {
      reusePort(channel);
    }
    var bound = channel.bind(local.toInetSocketAddress());
    if (bound.cause() != null) {
      var _ = channel.close();
      throw (BindException)
          new BindException(local + ": " + bound.cause().getMessage()).initCause(bound.cause());
    }
    return channel;
  }

  /// Listens alone on an address from which connections may go out too.
  ///
  /// @throws IOException as [#listen]
  public ServerChannel listenAndConnect(
      TransportAddress local, BiConsumer<SocketChannel, TransportAddress> accepted)
      throws IOException {
    var channel = listen(local, Sharing.EXCLUSIVE, accepted);
    reusePort(channel); // after bind: nobody else has the port
    return channel;
  }

  private void reusePort(ServerChannel channel) {
    if (isEpoll()) {
      channel.config().setOption(EPOLL_REUSE_PORT, 1);
    } else {
      channel.config().setOption(NIO_REUSE_PORT, true);
    }
  }

  /// Finds out whether one socket alone could listen here.
  ///
  /// @throws IOException where it could not
  public void requireFree(TransportAddress local) throws IOException {
    if (isEpoll()) {
      listen(local, Sharing.EXCLUSIVE, (_, _) -> {}).close().syncUninterruptibly();
      return;
    }
    // not one that the loop watches: those let go of the address later
    try (var java = ServerSocketChannel.open(local.ip().family().ofSockets())) {
      java.bind(local.toInetSocketAddress());
    }
  }

  /// Connects for a pipe: nothing is read before.
  public ChannelFuture connect(TransportAddress remote) {
    return connection().connect(remote.toInetSocketAddress());
  }

  /// Connects from an address where a socket listens by [#listenAndConnect]. Never gives up, which
  /// is the caller's.
  public ChannelFuture connect(TransportAddress local, TransportAddress remote) {
    var bootstrap = connection().option(ChannelOption.SO_REUSEADDR, true);
    if (isEpoll()) {
      bootstrap.option(EPOLL_REUSE_PORT, 1);
    } else {
      bootstrap.option(NIO_REUSE_PORT, true);
    }
    return bootstrap
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
        .connect(remote.toInetSocketAddress(), local.toInetSocketAddress());
  }

  private Bootstrap connection() {
    Class<? extends SocketChannel> type =
        isEpoll() ? EpollSocketChannel.class : NioSocketChannel.class;
    return new Bootstrap()
        .group(loop)
        .channel(type)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.AUTO_READ, false)
        .handler(new Pipe.Holder());
  }
}

package dev.hairpin.turnserver.tcp;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.function.Consumer;

/// Opens TCP sockets on one loop: Netty's on epoll where the loop runs on it, else on Java's NIO.
public final class TcpSockets {
  private static final int BACKLOG = 1_024;
  private static final int PAUSE_MILLIS = 100;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int SOL_SOCKET = 1;

  /// Netty has it for sockets that listen alone.
  private static final IntegerUnixChannelOption EPOLL_REUSE_PORT =
      new IntegerUnixChannelOption("SO_REUSEPORT", SOL_SOCKET, 15);

  private final IoEventLoop loop;
  private final boolean epoll;
  private final Consumer<Throwable> onRefusal;

  /// @param onRefusal told that the system gives no connections: descriptors have run out
  public TcpSockets(IoEventLoop loop, Consumer<Throwable> onRefusal) {
    this.loop = loop;
    this.onRefusal = onRefusal;
    this.epoll = loop.isIoType(EpollIoHandler.class);
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

  /// Whether several sockets bind one address, so that the kernel spreads connections over them.
  public enum Sharing {
    EXCLUSIVE,
    SHARED,
    /// One socket listens, and connections may go out from its address too.
    WITH_CONNECTIONS
  }

  /// Listens; connections are handled on this loop. Java's IPv6 sockets hear IPv4 too: the caller
  /// closes what is not of the listener's family.
  ///
  /// @throws IOException where the address is taken or not here, or descriptors have run out
  public ServerChannel listen(TransportAddress local, Sharing sharing, ChannelHandler child)
      throws IOException {
    ServerChannel channel = epoll ? listenByEpoll(local, sharing) : listenByJava(local, sharing);
    var registered =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(() -> channel)
            .handler(new AcceptPause())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(child)
            .register();
    registered.syncUninterruptibly();
    return channel;
  }

  /// Finds out whether one socket alone could listen here.
  ///
  /// @throws IOException where it could not
  public void requireFree(TransportAddress local) throws IOException {
    try (var java = create(local)) {
      java.bind(local.toInetSocketAddress());
    }
  }

  private static ServerSocketChannel create(TransportAddress local) throws IOException {
    var family = local.ip().isIpv4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    return ServerSocketChannel.open(family);
  }

  private static ServerChannel listenByEpoll(TransportAddress local, Sharing sharing)
      throws IOException {
    var socket = createByEpoll(local);
    try {
      socket.setReuseAddress(true);
      socket.setReusePort(sharing == Sharing.SHARED);
      if (!local.ip().isIpv4()) {
        socket.setIntOpt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
      }
      socket.bind(local.toInetSocketAddress());
      if (sharing == Sharing.WITH_CONNECTIONS) {
        socket.setReusePort(true); // after bind: nobody else has the port
      }
      socket.listen(BACKLOG);
      return new EpollServerSocketChannel(socket.intValue());
    } catch (Errors.NativeIoException e) {
      socket.close();
      var refused = new BindException(local + ": " + e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }

  private static LinuxSocket createByEpoll(TransportAddress local) throws IOException {
    try {
      return LinuxSocket.newSocketStream(!local.ip().isIpv4());
    } catch (ChannelException e) {
      throw new IOException("no socket to be had", e);
    }
  }

  private static ServerChannel listenByJava(TransportAddress local, Sharing sharing)
      throws IOException {
    var java = create(local);
    try {
      if (sharing == Sharing.SHARED) {
        java.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      java.bind(local.toInetSocketAddress(), BACKLOG);
      if (sharing == Sharing.WITH_CONNECTIONS) {
        java.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      return new NioServerSocketChannel(java);
    } catch (IOException | RuntimeException e) {
      java.close();
      throw e;
    }
  }

  public ChannelFuture connect(TransportAddress remote, ChannelHandler handler) {
    return connection(handler).connect(remote.toInetSocketAddress());
  }

  /// Connects from an address where a socket listens with [Sharing#WITH_CONNECTIONS]. Reads nothing
  /// and never gives up: both are the caller's.
  public ChannelFuture connect(
      TransportAddress local, TransportAddress remote, ChannelHandler handler) {
    var bootstrap = connection(handler).option(ChannelOption.SO_REUSEADDR, true);
    if (epoll) {
      bootstrap.option(EPOLL_REUSE_PORT, 1);
    } else {
      bootstrap.option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
    }
    return bootstrap
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
        .connect(remote.toInetSocketAddress(), local.toInetSocketAddress());
  }

  private Bootstrap connection(ChannelHandler handler) {
    Class<? extends SocketChannel> type = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    return new Bootstrap()
        .group(loop)
        .channel(type)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(handler);
  }
}

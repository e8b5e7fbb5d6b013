package dev.hairpin.turnserver.udp;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

/// The event loops of a server, and the form of UDP socket that goes with them.
public final class UdpLoops {
  private static final String THREAD_NAME = "hairpin-loop";

  private final MultiThreadIoEventLoopGroup group;
  private final UdpMode mode;

  private UdpLoops(MultiThreadIoEventLoopGroup group, UdpMode mode) {
    this.group = group;
    this.mode = mode;
  }

  /// Starts no thread yet.
  ///
  /// @throws IllegalStateException where `NATIVE` is asked for and does not work here
  public static UdpLoops create(UdpMode wish, int count) {
    boolean possible = Epoll.isAvailable() && Libc.isAvailable();
    if (wish == UdpMode.NATIVE && !possible) {
      throw new IllegalStateException(
          "native UDP needs Linux on a 64-bit machine", Epoll.unavailabilityCause());
    }
    boolean epoll = wish != UdpMode.PORTABLE && possible;
    var handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    var threads = new DefaultThreadFactory(THREAD_NAME, true);
    return new UdpLoops(
        new MultiThreadIoEventLoopGroup(count, threads, handlers),
        epoll ? UdpMode.NATIVE : UdpMode.PORTABLE);
  }

  public IoEventLoop next() {
    return group.next();
  }

  public MultiThreadIoEventLoopGroup group() {
    return group;
  }

  /// The form that was chosen; never `AUTO`.
  public UdpMode mode() {
    return mode;
  }

  /// The engine of a loop; made on that loop.
  public UdpEngine engine(IoEventLoop loop, UdpEvents events) {
    return mode == UdpMode.NATIVE
        ? new NativeUdpEngine(loop, events)
        : new PortableUdpEngine(loop, events);
  }
}

package dev.hairpin.turnserver.udp;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

/// The event loops of a server, and the form of UDP socket that goes with them.
///
/// @param mode the form that was chosen; never `AUTO`
public record UdpLoops(MultiThreadIoEventLoopGroup group, UdpMode mode) {
  private static final String THREAD_NAME = "hairpin-loop";

  /// Starts no thread yet.
  ///
  /// @throws IllegalStateException where `NATIVE` is asked for and does not work here
  public static UdpLoops create(UdpMode wish, int count) {
    boolean possible = Epoll.isAvailable(); // on 64-bit Linux alone, whose structures we know
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

  /// The engine of a loop; made on that loop.
  public UdpEngine engine(IoEventLoop loop, UdpEvents events) {
    return mode == UdpMode.NATIVE
        ? new NativeUdpEngine(loop, events)
        : new PortableUdpEngine(loop, events);
  }
}

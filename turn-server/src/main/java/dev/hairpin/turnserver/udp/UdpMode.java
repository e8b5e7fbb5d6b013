package dev.hairpin.turnserver.udp;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

/// Which form of UDP socket a server uses, with the event loops that go with it.
public enum UdpMode {
  /// `NATIVE` where it works, else `PORTABLE`.
  AUTO,
  /// Descriptors of our own on Netty's epoll loop, batches by `recvmmsg` and `sendmmsg`. Linux
  /// only.
  NATIVE,
  /// Netty's datagram channel on Java's NIO, on any system.
  PORTABLE;

  private static final String THREAD_NAME = "hairpin-loop";

  /// The form that this one means here; never `AUTO`.
  ///
  /// @throws IllegalStateException where it is `NATIVE`, which does not work here
  public UdpMode here() {
    boolean possible = Epoll.isAvailable(); // on 64-bit Linux alone, whose structures we know
    if (this == NATIVE && !possible) {
      throw new IllegalStateException(
          "native UDP needs Linux on a 64-bit machine", Epoll.unavailabilityCause());
    }
    return this == PORTABLE || !possible ? PORTABLE : NATIVE;
  }

  /// Event loops for [UdpEngine#of]. Starts no thread yet.
  ///
  /// @throws IllegalStateException as [#here()]
  public MultiThreadIoEventLoopGroup loops(int count) {
    var handlers = here() == NATIVE ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    var threads = new DefaultThreadFactory(THREAD_NAME, true);
    return new MultiThreadIoEventLoopGroup(count, threads, handlers);
  }
}

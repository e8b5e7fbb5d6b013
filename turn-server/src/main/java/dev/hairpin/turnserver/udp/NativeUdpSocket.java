package dev.hairpin.turnserver.udp;

import static dev.hairpin.turnserver.udp.SocketStructs.*;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A descriptor of our own, watched by Netty's epoll loop.
final class NativeUdpSocket extends WatchedSocket implements EpollIoHandle {
  /// Told once of what arrives, so that the kernel need not look again whether any is left.
  private static final EpollIoOps NEWS = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLET);

  private final NativeUdpEngine engine;
  private final LinuxSocket descriptor;

  /// Whether a call may fail by an error that an earlier datagram met.
  final boolean hearsIcmp;

  /// Whence to send; zero where the address is the socket's own.
  long fromHigh;

  long fromLow;

  NativeUdpSocket(NativeUdpEngine engine, LinuxSocket descriptor, UdpHandler handler)
      throws IOException {
    super(descriptor::close, NEWS, descriptor.localAddress(), handler);
    this.engine = engine;
    this.descriptor = descriptor;
    this.hearsIcmp = handler instanceof UdpHandler.OfIcmp;
    setOption(IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, mtuDiscoveryAtRest());
    setOption(IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, 0);
    if (localAddress().ip().isUnspecified()) {
      setOption(IP_PKTINFO, IPV6_RECVPKTINFO, 1);
    }
    if (hearsIcmp) {
      setOption(IP_RECVERR, IPV6_RECVERR, 1);
    }
  }

  @Override
  public FileDescriptor fd() {
    return descriptor;
  }

  /// Netty ends a loop that something is thrown out of.
  @Override
  public void handle(IoRegistration source, IoEvent event) {
    try {
      var ops = ((EpollIoEvent) event).ops();
      if (!isClosed() && hearsIcmp && ops.contains(EpollIoOps.EPOLLERR)) {
        engine.receiveErrors(this);
      }
      if (!isClosed()) {
        engine.receive(this);
      }
    } catch (RuntimeException | Error fault) {
      engine.events.onFault(fault);
    }
  }

  @Override
  public void sendFrom(long high, long low) {
    fromHigh = high;
    fromLow = low;
  }

  @Override
  public void relay(Packet packet, int skip, int length, long high, long low, int port) {
    int start = packet.offset + skip;
    if (packet.inRing) {
      engine.batch.add(this, engine.ring.addressOf(start), length, high, low, port);
    } else {
      engine.copy(this, packet.buffer, start, length, high, low, port);
    }
  }

  @Override
  public void setDontFragment(boolean wish) {
    engine.batch.flush();
    try {
      int mode = wish ? PMTUDISC_DO : mtuDiscoveryAtRest();
      setOption(IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, mode);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// IPv4 clears DF, IPv6 cuts at the path's MTU.
  private int mtuDiscoveryAtRest() {
    return localAddress().ip().isIpv4() ? PMTUDISC_OMIT : PMTUDISC_WANT;
  }

  private void setOption(int ofIpv4, int ofIpv6, int value) throws IOException {
    boolean ipv4 = localAddress().ip().isIpv4();
    descriptor.setIntOpt(ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? ofIpv4 : ofIpv6, value);
  }

  @Override
  public void relayBehind(int header, Packet packet, long high, long low, int port) {
    if (packet.hasHeadroom) {
      super.relayBehind(header, packet, high, low, port);
    } else {
      long payload = engine.ring.addressOf(packet.offset);
      engine.batch.addBehind(header, this, payload, packet.length, high, low, port);
    }
  }

  @Override
  public void send(ByteBuf message, long high, long low, int port) {
    engine.copy(this, message, message.readerIndex(), message.readableBytes(), high, low, port);
  }

  @Override
  public void close() {
    engine.batch.flush();
    super.close();
  }
}

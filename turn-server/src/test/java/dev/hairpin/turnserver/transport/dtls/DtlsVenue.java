package dev.hairpin.turnserver.transport.dtls;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.transport.ClientEvents;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpMode;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// A DTLS listener on a loop of its own that sends ChannelData back to whom it came from: any text
/// that begins with `@`. What begins with `@large` is answered by more than fits into a record.
final class DtlsVenue implements ClientEvents, UdpEngine.Events, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Counters counters = new Counters();
  private final MultiThreadIoEventLoopGroup loops;
  private final IoEventLoop loop;
  private final UdpEngine engine;
  private final DtlsListener listener;

  DtlsVenue(UdpMode mode, DtlsSettings settings) {
    loops = mode.loops(1);
    loop = loops.next();
    engine = onLoop(() -> UdpEngine.of(loop, this));
    var any = new TransportAddress(IpAddress.parse("127.0.0.1"), 0);
    listener = onLoop(() -> new DtlsListener(engine, loop, any, Sharing.EXCLUSIVE, settings, this));
  }

  InetSocketAddress address() {
    return listener.localAddress().toInetSocketAddress();
  }

  private <T> T onLoop(Callable<T> task) {
    return loop.submit(task).syncUninterruptibly().getNow();
  }

  void sweep(Duration sinceStart) {
    onLoop(
        () -> {
          listener.sweep(sinceStart.toNanos());
          return true;
        });
  }

  void await(Counter counter, long value) {
    Await.until(PATIENCE, () -> get(counter) == value, () -> counter + " is " + get(counter));
  }

  void await(DropReason reason, long value) {
    Await.until(PATIENCE, () -> get(reason) == value, () -> reason + " is " + get(reason));
  }

  long get(Counter counter) {
    return counters.get(counter);
  }

  long get(DropReason reason) {
    return counters.get(reason);
  }

  /// The sessions and handshakes that there are.
  long sessions() {
    return get(Counter.DTLS_SESSIONS_OPENED) - get(Counter.DTLS_SESSIONS_CLOSED);
  }

  @Override
  public void onTurnStarted() {}

  @Override
  public void onTurn() {
    engine.beginTurn();
  }

  @Override
  public void post(Runnable task) {
    if (!loop.isShuttingDown()) {
      loop.execute(
          () -> {
            onTurn();
            task.run();
          });
    }
  }

  @Override
  public void onMessage(ClientSocket socket, Packet packet) {
    counters.increment(Counter.CLIENT_PACKETS_IN);
    var echo = packet.buffer().slice(packet.offset(), packet.length());
    String text = echo.toString(UTF_8);
    if (text.startsWith("@")) { // a channel's number
      boolean large = text.startsWith("@large");
      ByteBuf answer = large ? Unpooled.buffer(20_000).writeZero(20_000) : echo;
      socket.answer(answer, packet);
    }
  }

  @Override
  public Counters counters() {
    return counters;
  }

  @Override
  public void onDisconnect(ClientLink link, FiveTuple.Holder holder) {}

  @Override
  public void onFault(Throwable fault) {
    fault.printStackTrace();
    counters.drop(DropReason.INTERNAL_FAULT);
  }

  @Override
  public void onLoss(UdpSocket socket, DropReason reason, int datagrams) {
    counters.drop(reason, datagrams);
  }

  @Override
  public void close() {
    onLoop(
        () -> {
          listener.close();
          engine.close();
          return true;
        });
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}

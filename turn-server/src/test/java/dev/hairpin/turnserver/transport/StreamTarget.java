package dev.hairpin.turnserver.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.fuzz.FuzzTarget;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.server.Services;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.tcp.TcpSockets;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpMode;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// The bytes of a connection, cut by chance: however they are cut, the same messages come out of
/// them, from the same client, and the connection is closed or not. The first byte says whether the
/// client gets an allocation at its first STUN message, after which longer ones are taken.
public final class StreamTarget implements FuzzTarget {
  public static final int ALLOCATES = 1;

  private static final Descriptors.Use NO_LIMIT = new Descriptors(Integer.MAX_VALUE).clients;
  private static final FiveTuple.Holder HOLDER = new FiveTuple.Holder() {};

  private final Events events = new Events();
  private final StreamListener listener;

  private StreamTarget(StreamSettings settings) {
    listener = closedListener(settings, events, () -> 0);
  }

  /// Here only for what its connections ask of it.
  static StreamListener closedListener(
      StreamSettings settings, ClientEvents events, LongSupplier nanos) {
    var unbounded = new StreamGate(new StreamSettings.Strangers(0, 0, 0, Duration.ZERO));
    return closedListener(settings, unbounded, events, nanos);
  }

  static StreamListener closedListener(
      StreamSettings settings, StreamGate gate, ClientEvents events, LongSupplier nanos) {
    var loops = UdpMode.AUTO.loops(1);
    var loop = loops.next();
    var shared = new StreamListener.Shared(settings, noIdentities(), gate, null, NO_LIMIT);
    var sockets = new TcpSockets(loop, _ -> {});
    var ofLoop = new StreamListener.OfLoop(shared, sockets, events, nanos, new LinkedHashSet<>());
    var url = ListenUrl.parse("tcp://127.0.0.1:0");
    Callable<StreamListener> bind = () -> new StreamListener(url, ofLoop, Sharing.EXCLUSIVE);
    try {
      var listener = loop.submit(bind).get();
      loop.submit(listener::close).syncUninterruptibly();
      return listener;
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      var _ = loops.shutdownGracefully();
    }
  }

  private static TlsIdentities noIdentities() {
    try {
      return new TlsIdentities(List.of(), false);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public static StreamTarget ofClients() {
    return new StreamTarget(StreamSettings.DEFAULT);
  }

  public static StreamTarget behindBalancer() {
    return new StreamTarget(
        Services.behind(StreamSettings.DEFAULT, List.of(IpPrefix.parse("127.0.0.9/32"))));
  }

  @Override
  public void take(byte[] input) {
    if (input.length < 2) {
      return;
    }
    events.allocates = (input[0] & ALLOCATES) != 0;
    var whole = outputs(input, null);
    var crc = new CRC32();
    crc.update(input);
    assertEquals(whole, outputs(input, new SplittableRandom(crc.getValue())));
  }

  /// What comes out of a connection: messages, each with its client, and the end.
  private List<String> outputs(byte[] input, @Nullable SplittableRandom cuts) {
    events.seen = new ArrayList<>();
    var channel = new EmbeddedSocket();
    var connection =
        new StreamConnection(listener, channel, TransportAddress.of(EmbeddedSocket.CLIENT));
    StreamOpening.start(channel.pipeline(), connection);
    int at = 1;
    while (at < input.length && channel.isOpen()) {
      int most = input.length - at;
      int length = cuts == null ? most : Math.min(most, 1 + piece(cuts));
      channel.writeInbound(Unpooled.copiedBuffer(input, at, length));
      at += length;
    }
    channel.checkException();
    events.seen.add(channel.isOpen() ? "open" : "closed");
    var _ = channel.close();
    channel.releaseInbound();
    channel.releaseOutbound();
    return events.seen;
  }

  private static int piece(SplittableRandom cuts) {
    return cuts.nextInt(4) == 0 ? cuts.nextInt(200) : cuts.nextInt(8);
  }

  static final class Events implements ClientEvents {
    private final Counters counters = new Counters();
    private List<String> seen = new ArrayList<>();
    private boolean allocates;

    @Override
    public void onMessage(ClientSocket socket, Packet packet) {
      var bytes = ByteBufUtil.getBytes(packet.buffer(), packet.offset(), packet.length());
      var source = packet.sourceHigh() + " " + packet.sourceLow() + " " + packet.sourcePort() + " ";
      seen.add(source + Bytes.of(bytes));
      if (allocates && StunMessage.startsWith(bytes[0]) && socket.holderOf(packet) == null) {
        socket.add(((StreamConnection) socket).client(), HOLDER);
      }
    }

    @Override
    public void onTurn() {}

    @Override
    public void post(Runnable task) {}

    @Override
    public Counters counters() {
      return counters;
    }

    @Override
    public void onDisconnect(ClientLink link, FiveTuple.Holder holder) {}

    @Override
    public void onFault(Throwable fault) {
      throw new AssertionError(fault);
    }
  }
}

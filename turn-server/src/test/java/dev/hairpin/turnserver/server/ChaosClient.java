package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.StreamEnd;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A client that never gives up, and the one peer that it talks to. Both know their own tag: what
/// comes with another one, or from nobody knows where, came to the wrong place.
final class ChaosClient implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int CHANNEL = 0x4000;
  private static final int MISSES_UNTIL_ANEW = 20;
  private static final Duration A_MOMENT = Duration.ofMillis(50);
  private static final Duration PACE = Duration.ofMillis(5);

  private final String tag;
  private final Supplier<Wire> wires;
  private final InetSocketAddress forbidden;
  private final DatagramSocket peer;
  private final List<String> wrongs = new CopyOnWriteArrayList<>();
  private final AtomicLong echoes = new AtomicLong();
  private final Thread thread;
  private volatile @Nullable InetSocketAddress relayed;
  private volatile boolean isOver;
  private volatile @Nullable Throwable trouble;

  /// @param forbidden where the client sends to without a permission
  ChaosClient(String name, Supplier<Wire> wires, InetSocketAddress forbidden) {
    this.tag = name + ":";
    this.wires = wires;
    this.forbidden = forbidden;
    try {
      this.peer = new DatagramSocket(0, LOOPBACK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("peer of " + name).start(this::echo);
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /// What came to the wrong place.
  List<String> wrongs() {
    return wrongs;
  }

  /// Payloads that came back.
  long echoes() {
    return echoes.get();
  }

  /// Where its latest relayed address is, or was.
  @Nullable InetSocketAddress relayed() {
    return relayed;
  }

  private void echo() {
    var packet = new DatagramPacket(new byte[2_000], 2_000);
    while (!peer.isClosed()) {
      try {
        packet.setLength(2_000);
        peer.receive(packet);
        check("its peer", Bytes.of(packet.getData(), packet.getLength()));
        peer.send(packet);
      } catch (IOException _) {
        // closed: the loop's condition tells
      }
    }
  }

  private void check(String place, Bytes payload) {
    if (!payload.asUtf8().startsWith(tag)) {
      wrongs.add(payload + " came to " + place + " of " + tag);
    }
  }

  private void run() {
    while (!isOver) {
      try (var client = TestTurnClient.over(wires.get()).withSecret(ChaosServer.SECRET).as(tag)) {
        relayed = client.allocate().relayed();
        client.bind(CHANNEL, (InetSocketAddress) peer.getLocalSocketAddress());
        talk(client);
        client.refresh(0);
      } catch (UncheckedIOException | StreamEnd | AssertionError e) {
        trouble = e; // then anew
        nap(A_MOMENT);
      }
    }
  }

  private static void nap(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void talk(TestTurnClient client) {
    int misses = 0;
    for (long i = 0; !isOver && misses < MISSES_UNTIL_ANEW; i++) {
      client.sendOnChannel(CHANNEL, Bytes.utf8(tag + i));
      client.send(forbidden, Bytes.utf8(tag + "forbidden"));
      var message = client.receiveRaw(A_MOMENT);
      misses = message == null ? misses + 1 : 0;
      if (message != null && message.at(0) >= 0x40) {
        check("the client", message.slice(4, 4 + message.uint16At(2)));
        echoes.incrementAndGet();
        nap(PACE);
      } else if (message != null) {
        var data = Message.decode(message).find(Attributes.DATA);
        check("the client", data == null ? Bytes.utf8(tag) : data.value());
      }
      if (i % 100 == 99) {
        client.refresh(600);
        client.deliveries().forEach(delivery -> check("the client", delivery.payload()));
      }
    }
  }

  /// Lets it come to its end.
  void stop() {
    isOver = true;
  }

  @Override
  public void close() {
    stop();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    peer.close();
  }

  @Override
  public String toString() {
    return tag + " " + echoes + " echoes, last trouble " + trouble;
  }
}

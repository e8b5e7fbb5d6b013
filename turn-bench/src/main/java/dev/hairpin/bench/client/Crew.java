package dev.hairpin.bench.client;

import dev.hairpin.bench.BenchException;
import dev.hairpin.bench.Load;
import dev.hairpin.bench.Target;
import dev.hairpin.bench.measure.Counts;
import dev.hairpin.bench.measure.Tally;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.TransactionIds;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The clients of one loop with their peer. Everything here runs on that loop.
final class Crew {
  private static final int AT_ONCE = 32;
  private static final int RELEASES_AT_ONCE = 64;
  private static final long TICK_MILLIS = 50;

  private final IoEventLoop loop;
  private final Target target;
  private final TransportAddress local;
  private final UdpEngine engine;
  private final Tally tally;
  private final Peer peer;
  private final List<BenchClient> clients = new ArrayList<>();
  private final List<BenchClient> ready = new ArrayList<>();
  private final Pacer pacer;
  private final Setup setup;
  private final ScheduledFuture<?> ticking;
  private int opened;
  private int settled;
  private int released;
  private int lost;
  private @Nullable String whyLost;

  final StunMessage message = new StunMessage();
  final TransactionIds ids = new TransactionIds(new SecureRandom());

  /// @param numbers which clients of all it has
  /// @param local from where the server is reached; port 0
  Crew(
      IoEventLoop loop,
      Target target,
      Load load,
      List<Integer> numbers,
      TransportAddress local,
      TransportAddress peerAddress,
      Setup setup)
      throws BenchException {
    this.loop = loop;
    this.target = target;
    this.local = local;
    this.setup = setup;
    this.engine = UdpEngine.of(loop, new Trouble());
    this.tally = new Tally(numbers.size());
    try {
      this.peer = new Peer(engine, peerAddress, load.direction(), tally);
    } catch (IOException e) {
      throw new BenchException(
          "the peer cannot listen at "
              + peerAddress.ip()
              + ": "
              + e.getMessage()
              + "; name an address of this machine by --peer-address");
    }
    this.pacer = new Pacer(loop, ready, peer, load.direction(), load.payload(), tally);
    var integrity = new MessageIntegrity();
    for (int number : numbers) {
      var session = new Session(target.credentials().of(number), peer.address(), integrity);
      clients.add(new BenchClient(this, clients.size(), session));
    }
    this.ticking =
        loop.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// What goes wrong at the sockets.
  private final class Trouble implements UdpEngine.Events {
    @Override
    public void onTurnStarted() {}

    @Override
    public void onFault(Throwable fault) {
      lost("a packet could not be read: " + fault);
    }

    @Override
    public void onLoss(UdpSocket socket, DropReason reason, int datagrams) {
      if (reason != DropReason.TRUNCATED && !peer.isEchoing(socket)) {
        tally.unsent(datagrams);
      }
    }
  }

  /// Opens clients, a few at a time.
  void open() {
    while (opened < clients.size() && opened - settled < AT_ONCE && !setup.isAbandoned()) {
      connect(clients.get(opened++));
    }
  }

  /// Opens a way to the server for a client.
  void connect(BenchClient client) {
    try {
      client.open(
          target.transport() == Transport.UDP
              ? new UdpWire(engine, local, TransportAddress.of(target.address()), client)
              : new StreamWire(loop, target, client));
    } catch (IOException e) {
      settled(client, 0, "no socket for a client: " + e.getMessage());
    }
  }

  /// A client has its channel, or never will.
  void settled(BenchClient client, long nanos, @Nullable String failure) {
    settled++;
    if (failure == null) {
      ready.add(client);
    }
    setup.settled(nanos, failure, client.software());
    loop.execute(this::open);
  }

  /// A client has lost what it had.
  void lost(String reason) {
    lost++;
    whyLost = reason;
  }

  void received(ByteBuf buffer, int at, int length) {
    tally.received(buffer, at, length);
  }

  private void tick() {
    long now = System.nanoTime();
    for (int i = 0; i < opened; i++) {
      clients.get(i).tick(now);
    }
  }

  int ready() {
    return ready.size();
  }

  void begin(int run, double rate, long nanos) {
    pacer.begin(run, rate, nanos);
  }

  void stop() {
    pacer.stop();
  }

  Counts cut() {
    return tally.cut();
  }

  /// What was lost since the last time, in words.
  Optional<String> losses() {
    if (lost == 0) {
      return Optional.empty();
    }
    String words = lost + " of " + clients.size() + " clients lost: " + whyLost;
    lost = 0;
    return Optional.of(words);
  }

  /// The UDP ports that are read here.
  void ports(BitSet into) {
    into.set(peer.address().port());
    for (int i = 0; i < opened; i++) {
      var wire = clients.get(i).wire();
      if (wire != null && wire.udpPort() > 0) {
        into.set(wire.udpPort());
      }
    }
  }

  /// Gives some more allocations back; true where all are.
  boolean release() {
    int open = 0;
    for (int i = 0; i < released; i++) {
      open += clients.get(i).isOpen() ? 1 : 0;
    }
    for (; released < opened && open < RELEASES_AT_ONCE; released++) {
      clients.get(released).release();
      open += clients.get(released).isOpen() ? 1 : 0;
    }
    return open == 0 && released == opened;
  }

  void close() {
    ticking.cancel(false);
    pacer.stop();
    for (int i = 0; i < opened; i++) {
      clients.get(i).abandon();
    }
    peer.close();
    pacer.close();
    loop.execute(engine::close);
  }
}

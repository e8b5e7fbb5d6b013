package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.auth.MobilityTickets;
import dev.hairpin.turnserver.auth.ProcessKeys;
import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.relay.RelayPools;
import dev.hairpin.turnserver.relay.TcpRelaySockets;
import dev.hairpin.turnserver.relay.UdpRelaySockets;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.tcp.TcpSockets;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.transport.ClientEvents;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.transport.StreamConnection;
import dev.hairpin.turnserver.transport.StreamListener;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.turn.TurnRequestDecoder;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One event loop and everything that it owns: listeners, allocations, relay sockets, counters. All
/// of it is touched by this loop alone, from start to stop; other threads read the counters and
/// post.
///
/// The kernel brings a client to the loop that its address hashes to, where it stays.
public final class RelayLoop implements ClientEvents, UdpEngine.Events {
  private static final Logger LOG = LoggerFactory.getLogger(RelayLoop.class);
  private static final int SCRATCH_BYTES = 66 << 10; // the largest Data indication
  private static final long FAULT_LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final IoEventLoop eventLoop;
  private final Shared shared;
  private final Clock clock;
  private final Counters counters = new Counters();
  private final UdpEngine engine;
  private final Listeners listeners;
  private final StunMessage message = new StunMessage();
  private final DataPath data;
  final UdpRelaySockets udpRelays;
  private final AllocationBook book;
  private final RequestPath requests;
  private volatile boolean isDue;
  private boolean stopped;
  private long lastFaultLogNanos = -FAULT_LOG_INTERVAL_NANOS;

  /// What all loops of a server share; none of it is written while packets flow.
  ///
  /// @param loops of the server, in the order of their making; safe to read while it grows
  /// @param draining no new allocations are taken; those that are there go on
  /// @param listener is told of sessions that start and end
  public record Shared(
      AuthSettings auth,
      CredentialVerifier verifier,
      AllocationSettings allocation,
      PeerPolicy policy,
      Quotas quotas,
      RelayPools pools,
      StreamListener.Shared streams,
      ServiceSettings service,
      SourceLimits.Budgets budgets,
      ProcessKeys keys,
      List<RelayLoop> loops,
      AtomicBoolean draining,
      AtomicReference<Session.@Nullable Listener> listener,
      Clock clock) {}

  /// Made on the loop itself.
  ///
  /// @param engines makes the UDP sockets of a loop
  public RelayLoop(
      IoEventLoop eventLoop,
      BiFunction<IoEventLoop, UdpEngine.Events, UdpEngine> engines,
      Shared shared) {
    assert eventLoop.inEventLoop();
    this.eventLoop = eventLoop;
    this.shared = shared;
    this.clock = shared.clock();
    this.engine = engines.apply(eventLoop, this);
    var tcp = new TcpSockets(eventLoop, cause -> report(DropReason.ACCEPT_FAILED, cause));
    var strangers = new LinkedHashSet<StreamConnection>();
    var streams = new StreamListener.OfLoop(shared.streams(), tcp, this, clock::nanos, strangers);
    var scratch = Unpooled.buffer(SCRATCH_BYTES);
    this.data = new DataPath(counters, scratch, this, shared.loops());
    this.listeners = new Listeners(eventLoop, engine, streams, new ArrayList<>());
    this.book = new AllocationBook(counters, shared.listener());
    int index = shared.loops().size();
    var tickets = new MobilityTickets(shared.keys());
    var roaming = new Roaming(this, shared, index, tickets, book, new AtomicInteger());
    var tcpRelays = new TcpRelaySockets(shared.pools().tcp(), tcp, counters, clock::nanos);
    this.udpRelays = new UdpRelaySockets(shared.pools(), engine, data, index);
    this.requests = new RequestPath(shared, udpRelays, tcpRelays, book, roaming, scratch);
  }

  /// Where clients come in.
  public Listeners listeners() {
    assert eventLoop.inEventLoop();
    return listeners;
  }

  /// Answers Binding requests between four of the listeners as clients wish.
  ///
  /// @param bound with the ports that the listeners got
  public void discover(NatDiscovery bound) {
    assert eventLoop.inEventLoop();
    requests.discoverBy(new Discovery(bound, listeners));
  }

  /// Has the loop look for what has run out; false where it has not come round since the last time.
  /// One thread of the server's own asks: a timer of the loop would make it read the clock some
  /// four times a turn, and the kernel set an alarm.
  public boolean tick() {
    if (isDue) {
      return false;
    }
    isDue = true;
    post(this::sweep);
    return true;
  }

  private void sweep() {
    isDue = false;
    long now = clock.nanos();
    guarded(() -> book.sweep(now));
    guarded(() -> listeners.sweep(now));
    guarded(() -> shared.pools().expire(now));
  }

  /// A defect in one task must not end the sweep, or keep the others from it.
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error fault) {
      onFault(fault);
    }
  }

  @Override
  public void onTurnStarted() {
    data.turn(clock.nanos());
  }

  @Override
  public void onTurn() {
    engine.beginTurn();
  }

  @Override
  public void onMessage(ClientSocket socket, Packet packet) {
    int first = packet.length() == 0 ? -1 : packet.buffer().getUnsignedByte(packet.offset());
    if (!ChannelData.startsWith(first) && !StunMessage.startsWith(first)) {
      counters.drop(DropReason.NOT_STUN_NOR_CHANNEL_DATA);
      return;
    }
    counters.increment(Counter.CLIENT_PACKETS_IN);
    counters.add(Counter.CLIENT_BYTES_IN, packet.length());
    handle(socket, packet);
  }

  /// Handles a message that was counted where it came from. STUN and ChannelData are told apart by
  /// the first byte (RFC 8656 §12).
  void handle(ClientSocket socket, Packet packet) {
    if (ChannelData.startsWith(packet.buffer().getUnsignedByte(packet.offset()))) {
      data.channelData(socket, packet);
    } else {
      stun(socket, packet);
    }
  }

  private void stun(ClientSocket socket, Packet packet) {
    if (!message.decode(packet.buffer(), packet.offset(), packet.length())
        && !isClassic(socket, packet)) {
      counters.drop(DropReason.MALFORMED_STUN);
      return;
    }
    if (message.isClassic() && socket.transport() == Transport.DTLS) {
      var error = Answer.refused(ErrorCode.SERVER_ERROR); // whatever it asks for
      socket.answer(requests.writer.write(error, message, null), packet);
      return;
    }
    int method = message.method();
    if (!shared.service().serves(method)) {
      counters.drop(DropReason.NOT_SERVED);
      return;
    }
    var messageClass = message.messageClass();
    if (messageClass == MessageClass.INDICATION && method == Method.SEND) {
      data.sendIndication(socket, packet, message);
    } else if (messageClass == MessageClass.REQUEST && TurnRequestDecoder.isRequestMethod(method)) {
      if (method != Method.BINDING && socket.holderOf(packet) instanceof Passage passage) {
        passage.forward(packet);
      } else {
        requests.answer(socket, packet, message, clock.now());
      }
    } else if (messageClass != MessageClass.INDICATION || method != Method.BINDING) {
      counters.drop(DropReason.NOT_FOR_A_SERVER); // a Binding indication is a keep-alive
    }
  }

  /// RFC 3489 knows Binding over UDP alone; over DTLS its requests are answered by an error (RFC
  /// 8489 §11).
  private boolean isClassic(ClientSocket socket, Packet packet) {
    boolean refused = socket.transport() == Transport.DTLS;
    boolean served =
        shared.service().has(Feature.CLASSIC_STUN) && socket.transport() == Transport.UDP;
    return (refused || served)
        && message.decodeClassic(packet.buffer(), packet.offset(), packet.length())
        && (refused || message.method() == Method.BINDING);
  }

  @Override
  public void onDisconnect(ClientLink link, FiveTuple.Holder holder) {
    if (holder instanceof Passage passage) {
      passage.lost();
    } else if (holder instanceof Allocation allocation
        && !allocation.isClosed()
        && !allocation.staysWithout(link)) {
      book.remove(allocation, Session.End.DISCONNECTED, clock.nanos());
    }
  }

  @Override
  public void post(Runnable task) {
    execute(() -> run(task));
  }

  /// Runs a task on this loop, behind what it is at.
  void execute(Runnable task) {
    try {
      eventLoop.execute(task);
    } catch (RejectedExecutionException _) {
      // the server stops
    }
  }

  /// On this loop; nothing where it has stopped.
  void run(Runnable task) {
    if (!stopped) {
      engine.beginTurn();
      guarded(task);
    }
  }

  /// Ends the allocation of a packet's 5-tuple where it has run out.
  void expire(ClientSocket socket, Packet packet) {
    var _ = book.live(socket, packet, clock.nanos());
  }

  @Override
  public void onLoss(UdpSocket socket, DropReason reason, int datagrams) {
    counters.drop(reason, datagrams);
  }

  @Override
  public void onFault(Throwable fault) {
    report(DropReason.INTERNAL_FAULT, fault);
  }

  /// At most one line a second: whoever found a defect must not fill the disk with it.
  private void report(DropReason reason, Throwable cause) {
    counters.drop(reason);
    long now = clock.nanos();
    if (now - lastFaultLogNanos >= FAULT_LOG_INTERVAL_NANOS) {
      lastFaultLogNanos = now;
      LOG.error(reason.help(), cause);
    }
  }

  /// Follows other rules of peers from now on; what they deny ends.
  public void follow(PolicySettings policy, Map<String, PolicySettings> ofTenants) {
    assert eventLoop.inEventLoop();
    requests.follow(policy, ofTenants, clock.nanos());
  }

  /// Ends the allocations of a kind, and says how many there were.
  public int endWhere(Predicate<Allocation> kind, Session.End end) {
    assert eventLoop.inEventLoop();
    return book.endWhere(kind, end, clock.nanos());
  }

  public List<Session> sessions() {
    assert eventLoop.inEventLoop();
    return book.sessions(clock.nanos());
  }

  /// Ends every allocation and closes every socket.
  public void stop() {
    assert eventLoop.inEventLoop();
    stopped = true;
    var _ = book.endWhere(_ -> true, Session.End.STOPPED, clock.nanos());
    listeners.close();
    engine.close();
  }

  public IoEventLoop eventLoop() {
    return eventLoop;
  }

  /// Any thread may read them.
  @Override
  public Counters counters() {
    return counters;
  }
}

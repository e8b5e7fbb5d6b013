package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.Allocator;
import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.auth.AuthResult;
import dev.hairpin.turnserver.auth.AuthResult.Known;
import dev.hairpin.turnserver.auth.Authenticator;
import dev.hairpin.turnserver.auth.Moment;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.SourceBudget;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.relay.RelayPools;
import dev.hairpin.turnserver.relay.TcpRelaySockets;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.AnswerWriter;
import dev.hairpin.turnserver.turn.TurnRequest;
import dev.hairpin.turnserver.turn.TurnRequestDecoder;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The cold half of a loop: requests. Each gets exactly one answer; the order of the checks is that
/// of RFC 8489 §9.2.4 and RFC 8656 §7.2.
final class RequestPath {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final RelayLoop.Shared shared;
  private final Authenticator authenticator;
  private final Allocator allocator;
  private final TcpRequests tcp;
  private final AllocationBook book;
  private final Roaming roaming;
  private final Counters counters;
  final AnswerWriter writer;
  private @Nullable Discovery discovery;

  RequestPath(
      RelayLoop.Shared shared,
      RelaySockets udpRelays,
      TcpRelaySockets tcpRelays,
      AllocationBook book,
      Roaming roaming,
      ByteBuf scratch) {
    this.shared = shared;
    this.book = book;
    this.roaming = roaming;
    this.counters = book.counters;
    this.writer = new AnswerWriter(new MessageIntegrity(), counters, scratch);
    this.authenticator =
        new Authenticator(shared.auth(), shared.verifier(), shared.keys(), writer.integrity());
    this.allocator = allocator(shared, shared.pools(), udpRelays);
    var tcpAllocator = allocator(shared, tcpRelays.pools(), tcpRelays);
    this.tcp = new TcpRequests(tcpRelays.pools(), tcpAllocator, writer);
  }

  private static Allocator allocator(
      RelayLoop.Shared shared, RelayPools pools, RelaySockets sockets) {
    var policy = shared.policy().withRelayed(pools);
    return new Allocator(shared.allocation(), policy, sockets, shared.quotas());
  }

  /// A request while it is handled.
  record Request(
      ClientSocket socket, Packet packet, StunMessage message, FiveTuple fiveTuple, Moment now) {
    boolean isAllocate() {
      return message.method() == Method.ALLOCATE;
    }

    /// Whether its source has had what strangers over UDP get.
    boolean isBeyond(SourceBudget budget) {
      return fiveTuple.transport() == Transport.UDP && !budget.take(client().ip(), nanos());
    }

    TransportAddress client() {
      return fiveTuple.client();
    }

    /// The way back to the client.
    ClientLink link() {
      return socket.linkTo(client(), packet);
    }

    TransactionId id() {
      return message.transactionId();
    }

    long nanos() {
      return now.nanos();
    }
  }

  /// Follows other rules from now on, for what is there too.
  void follow(PolicySettings policy, Map<String, PolicySettings> ofTenants, long nowNanos) {
    allocator.policy().follow(policy, ofTenants);
    tcp.allocator().policy().follow(policy, ofTenants);
    book.judgeAgain(nowNanos);
  }

  /// Nobody sends from port 0; and a relayed address that got an allocation, new or by its ticket,
  /// would be a step towards a loop (RFC 8656 §21.1.7).
  private boolean isImpossible(Request request) {
    var client = request.client();
    var relays = request.fiveTuple().transport().isDatagram() ? shared.pools() : tcp.pools();
    return client.port() == 0
        || ((request.isAllocate() || Roaming.isMove(request.message()))
            && relays.isSource(client.ip().high(), client.ip().low(), client.port()));
  }

  /// Answers a request of a method that this server knows.
  void answer(ClientSocket socket, Packet packet, StunMessage message, Moment now) {
    var request = new Request(socket, packet, message, socket.fiveTupleOf(packet), now);
    if (isImpossible(request)) {
      counters.drop(DropReason.IMPOSSIBLE_SOURCE);
    } else if (message.method() != Method.BINDING) {
      turn(request);
    } else if (request.isBeyond(shared.budgets().binding())) {
      counters.drop(DropReason.ANSWER_BUDGET);
    } else if (discovery != null && discovery.covers(socket, message)) {
      answer(request, discovery.answer(request, writer), null);
    } else {
      answer(request, binding(request), null);
    }
  }

  /// @param answer null where it comes later, has been given, or is not to be
  private void answer(Request request, @Nullable Answer answer, @Nullable IntegrityKey key) {
    if (answer != null) {
      request.socket().answer(writer.write(answer, request.message(), key), request.packet());
    }
  }

  void discoverBy(Discovery newDiscovery) {
    discovery = newDiscovery;
  }

  private static Answer binding(Request request) {
    var message = request.message();
    // clients of RFC 3489 say even that they want no change; what they do want is never obeyed
    boolean wantsNoChange = message.isClassic() && message.numberOf(Attribute.CHANGE_REQUEST) == 0;
    var heeded = wantsNoChange ? Set.of(Attribute.CHANGE_REQUEST) : Set.<Integer>of();
    int[] unknown = TurnRequestDecoder.unknownAttributes(message, heeded);
    return unknown.length > 0
        ? new Answer.UnknownAttributes(unknown)
        : new Answer.Reflexive(request.client());
  }

  private void turn(Request request) {
    var message = request.message();
    var ip = request.client().ip();
    int nonceCreatedAt = authenticator.nonceCreatedAt(message, request.client());
    boolean hasNonce = nonceCreatedAt >= 0;
    var budgets = shared.budgets();
    if (!hasNonce && request.isBeyond(budgets.turn())) {
      counters.drop(DropReason.ANSWER_BUDGET);
      return;
    }
    if (request.isAllocate()
        && !message.hasIntegrity()
        && message.numberOf(Attribute.REQUESTED_TRANSPORT) < 0) {
      // a short answer to a stranger whose request could not succeed anyway; see docs/deviations.md
      answer(request, Answer.refused(ErrorCode.BAD_REQUEST), null);
      return;
    }
    var allocation = book.live(request.socket(), request.packet(), request.nanos());
    var asked = allocation;
    if (Roaming.isMove(message)) {
      var ticket = roaming.ticket(message);
      if (allocation == null && roaming.leads(ticket, request)) {
        return;
      }
      asked = roaming.allocation(ticket, request.nanos());
    } else if (allocation != null && allocation.whereabouts().isMoving()) {
      allocation.whereabouts().heard(request.fiveTuple(), false, request.nanos());
    }
    var owner = asked == null ? tcp.ownerOf(message) : asked.owner();
    if (hasNonce && owner == null && budgets.passwords().isSpent(ip, request.nanos())) {
      counters.drop(DropReason.WRONG_PASSWORDS);
      return;
    }
    var now = request.now();
    switch (authenticator.authenticate(message, request.client(), nonceCreatedAt, owner, now)) {
      case AuthResult.Challenge(var challenge) -> {
        if (hasNonce && message.hasIntegrity() && challenge.error() == ErrorCode.UNAUTHENTICATED) {
          budgets.passwords().take(ip, request.nanos());
        }
        answer(request, authenticator.asAt(request.socket().serverName(), challenge), null);
      }
      case AuthResult.Refused(var error) -> answer(request, Answer.refused(error), null);
      case AuthResult.Known known -> {
        var answer = decide(request, known, allocation);
        if (asked != null && asked.isClosed()) {
          book.released(asked, request);
        }
        answer(request, answer, known.key());
      }
    }
  }

  /// Null where the answer comes later, or has been given.
  private @Nullable Answer decide(Request request, Known asker, @Nullable Allocation allocation) {
    var message = request.message();
    if (!asker.scope().permits(request.fiveTuple().transport())) {
      return Answer.refused(ErrorCode.FORBIDDEN);
    }
    boolean servesTcp = shared.service().has(Feature.TCP_RELAY);
    return switch (TurnRequestDecoder.decode(message, servesTcp)) {
      case Answer.Refused _ when allocation != null && request.isAllocate() ->
          // that there is an allocation is asked before the attributes (RFC 8656 §7.2)
          Answer.refused(ErrorCode.ALLOCATION_MISMATCH);
      case Answer answer -> answer;
      case TurnRequest.Refresh(var lifetime, _) when lifetime == 0 && book.hasReleased(request) ->
          new Answer.Refreshed(0);
      case TurnRequest.Refresh refresh when Roaming.isMove(message) ->
          roaming.move(request, applicant(request, asker), allocation, refresh);
      case TurnRequest wish when allocation != null -> {
        var answer = allocation.handle(wish, request.id(), asker, request.nanos());
        yield answer == Answer.Done.DONE && wish instanceof TurnRequest.Connect(var peer)
            ? tcp.connect(allocation, peer, request.packet(), asker.key())
            : answer;
      }
      case TurnRequest.Allocate wish -> allocate(request, asker, wish);
      case TurnRequest.ConnectionBind(var id) -> tcp.bind(request, id, asker);
      case TurnRequest _ -> Answer.refused(ErrorCode.ALLOCATION_MISMATCH);
    };
  }

  private static Applicant applicant(Request request, Known asker) {
    return new Applicant(request.fiveTuple(), request.link(), asker);
  }

  private Answer allocate(Request request, Known asker, TurnRequest.Allocate wish) {
    var elsewhere = elsewhere(request.fiveTuple());
    if (elsewhere != null) {
      return elsewhere;
    }
    if (wish.tcp() && request.fiveTuple().transport().isDatagram()) {
      return Answer.refused(ErrorCode.BAD_REQUEST); // RFC 6062 §5.1
    }
    var refusal = roaming.refusal(request.message(), wish.tcp());
    if (refusal != null) {
      return Answer.refused(refusal);
    }
    var applicant = applicant(request, asker);
    var from = wish.tcp() ? tcp.allocator() : allocator;
    return switch (from.allocate(applicant, wish, request.id(), request.nanos())) {
      case Allocator.Refused(var answer) -> answer;
      case Allocation granted -> {
        book.add(granted, request);
        roaming.granted(granted, request.message());
        yield granted.opened(request.nanos());
      }
    };
  }

  /// What an Allocate is answered instead of being served, or null: new clients are sent to other
  /// servers (RFC 8489 §10), always where there are any of the client's family, and away from a
  /// server that drains in any case. Clients that have shown a password alone get here, so that the
  /// answer is signed and nobody else's packets are made longer by it.
  private @Nullable Answer elsewhere(FiveTuple client) {
    var service = shared.service();
    var family = client.client().ip().family();
    var choice = service.alternates().stream().filter(a -> a.ip().family() == family).toList();
    if (!choice.isEmpty()) {
      boolean verified = client.transport().isEncrypted();
      return new Answer.Redirected(
          choice.get(RANDOM.nextInt(choice.size())), verified ? service.alternateDomain() : "");
    }
    return shared.draining().get() ? Answer.refused(ErrorCode.INSUFFICIENT_CAPACITY) : null;
  }
}

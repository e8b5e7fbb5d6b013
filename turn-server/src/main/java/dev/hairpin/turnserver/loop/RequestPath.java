package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.Allocator;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.auth.AuthResult;
import dev.hairpin.turnserver.auth.AuthResult.Known;
import dev.hairpin.turnserver.auth.Authenticator;
import dev.hairpin.turnserver.auth.Moment;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.AnswerWriter;
import dev.hairpin.turnserver.turn.TurnRequest;
import dev.hairpin.turnserver.turn.TurnRequestDecoder;
import dev.hairpin.turnserver.turn.TurnRequestDecoder.Decoded;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The cold half of a loop: requests. Each gets exactly one answer; the order of the checks is that
/// of RFC 8489 §9.2.4 and RFC 8656 §7.2.
final class RequestPath {
  private final Authenticator authenticator;
  private final Allocator allocator;
  private final TcpRequests tcp;
  private final AllocationBook book;
  private final Roaming roaming;
  private final AnswerWriter writer;
  private final Counters counters;
  private final Releases releases = new Releases();
  private final ByteBuf scratch;
  private final Redirection redirection;
  private final SourceLimits.Budgets budgets;
  private @Nullable Discovery discovery;

  RequestPath(
      Authenticator authenticator,
      Allocator allocator,
      Redirection redirection,
      TcpRequests tcp,
      AllocationBook book,
      Roaming roaming,
      AnswerWriter writer,
      SourceLimits.Budgets budgets,
      ByteBuf scratch) {
    this.authenticator = authenticator;
    this.allocator = allocator;
    this.redirection = redirection;
    this.tcp = tcp;
    this.book = book;
    this.roaming = roaming;
    this.writer = writer;
    this.budgets = budgets;
    this.counters = book.counters();
    this.scratch = scratch;
  }

  /// An answer, and the key that it is signed with, if any.
  private record Reply(Answer answer, @Nullable IntegrityKey key) {
    static Reply unsigned(Answer answer) {
      return new Reply(answer, null);
    }
  }

  /// Follows other rules from now on, for what is there too.
  void follow(PolicySettings policy, long nowNanos) {
    allocator.policy().follow(policy);
    tcp.allocator().policy().follow(policy);
    book.judgeAgain(nowNanos);
  }

  /// Nobody sends from port 0; and a relayed address that got an allocation would be a step towards
  /// a loop (RFC 8656 §21.1.7).
  private boolean isImpossible(ClientSocket socket, TransportAddress client, StunMessage message) {
    var relays = socket.transport().isDatagram() ? allocator : tcp.allocator();
    return client.port() == 0
        || (message.method() == Method.ALLOCATE
            && relays
                .policy()
                .isRelayedSource(client.ip().high(), client.ip().low(), client.port()));
  }

  /// Answers a request of a method that this server knows.
  void answer(ClientSocket socket, Packet packet, StunMessage message, Moment now) {
    var client =
        new TransportAddress(
            new IpAddress(packet.sourceHigh(), packet.sourceLow()), packet.sourcePort());
    if (isImpossible(socket, client, message)) {
      counters.drop(DropReason.IMPOSSIBLE_SOURCE);
      return;
    }
    if (message.method() == Method.BINDING
        && socket.transport() == Transport.UDP
        && !budgets.binding().take(client.ip(), now.nanos())) {
      counters.drop(DropReason.ANSWER_BUDGET);
      return;
    }
    if (message.method() == Method.BINDING
        && discovery != null
        && discovery.covers(socket, message)) {
      discover(discovery, socket, packet, message, client, now);
      return;
    }
    var reply =
        message.method() == Method.BINDING
            ? Reply.unsigned(binding(message, client))
            : turn(socket, packet, client, message, now);
    if (reply != null) {
      socket.answer(write(reply.answer(), message, reply.key()), packet);
    }
  }

  /// Answers a request by an error, whatever it asks for.
  void refuse(ClientSocket socket, Packet packet, StunMessage message, ErrorCode error) {
    socket.answer(write(Answer.refused(error), message, null), packet);
  }

  private ByteBuf write(Answer answer, StunMessage request, @Nullable IntegrityKey key) {
    int code = AnswerWriter.codeOf(answer);
    counters.increment(
        code == AnswerWriter.SUCCESS ? Counter.SUCCESS_RESPONSES : Counter.ofErrorCode(code));
    scratch.clear();
    writer.write(answer, request, key, scratch);
    return scratch;
  }

  private ByteBuf writeTo(Known asker, Answer answer, StunMessage request) {
    return write(answer, request, asker.key());
  }

  private void discover(
      Discovery by,
      ClientSocket socket,
      Packet packet,
      StunMessage message,
      TransportAddress client,
      Moment now) {
    var plan = by.plan(socket, message, client, packet.length(), now.nanos());
    if (plan == null) {
      counters.drop(DropReason.DISCOVERY_BUDGET);
    } else {
      plan.from().linkTo(plan.to()).send(write(plan.answer(), message, null));
    }
  }

  void discoverBy(Discovery newDiscovery) {
    discovery = newDiscovery;
  }

  private static Answer binding(StunMessage message, TransportAddress client) {
    int[] unknown = TurnRequestDecoder.unknownAttributes(message);
    return unknown.length > 0 && !asksForNoChange(message, unknown)
        ? new Answer.UnknownAttributes(unknown)
        : new Answer.Reflexive(client);
  }

  /// Clients of RFC 3489 say even that they want no change. What they do want is never obeyed.
  private static boolean asksForNoChange(StunMessage message, int[] unknown) {
    int change = message.find(Attribute.CHANGE_REQUEST);
    return message.isClassic()
        && change >= 0
        && unknown.length == 1
        && message.lengthOf(change) == Integer.BYTES
        && message.buffer().getInt(message.offsetOf(change)) == 0;
  }

  /// Null where another loop answers, or the answer comes later, or has been given, or there is
  /// none.
  private @Nullable Reply turn(
      ClientSocket socket,
      Packet packet,
      TransportAddress client,
      StunMessage message,
      Moment now) {
    int nonceCreatedAt = authenticator.nonceCreatedAt(message, client);
    boolean hasNonce = nonceCreatedAt >= 0;
    if (!hasNonce
        && socket.transport() == Transport.UDP
        && !budgets.turn().take(client.ip(), now.nanos())) {
      counters.drop(DropReason.ANSWER_BUDGET);
      return null;
    }
    if (message.method() == Method.ALLOCATE
        && !message.hasIntegrity()
        && TurnRequestDecoder.lacksTransport(message)) {
      // a short answer to a stranger whose request could not succeed anyway; see docs/deviations.md
      return Reply.unsigned(Answer.refused(ErrorCode.BAD_REQUEST));
    }
    var allocation = book.live(socket, packet, now.nanos());
    var asked = allocation;
    if (Roaming.isMove(message)) {
      var ticket = roaming.ticket(message);
      if (allocation == null && roaming.leads(ticket, socket, packet)) {
        return null;
      }
      asked = roaming.allocation(ticket, now.nanos());
    } else if (allocation != null && allocation.whereabouts().isMoving()) {
      allocation.whereabouts().heard(socket.fiveTupleOf(packet), false);
    }
    var owner = asked == null ? tcp.ownerOf(message) : asked.owner();
    if (hasNonce && owner == null && budgets.passwords().isSpent(client.ip(), now.nanos())) {
      counters.drop(DropReason.WRONG_PASSWORDS);
      return null;
    }
    return switch (authenticator.authenticate(message, client, nonceCreatedAt, owner, now)) {
      case AuthResult.Challenge(var answer) -> {
        if (hasNonce && message.hasIntegrity() && answer.error() == ErrorCode.UNAUTHENTICATED) {
          budgets.passwords().take(client.ip(), now.nanos());
        }
        yield Reply.unsigned(answer);
      }
      case AuthResult.Refused(var error) -> Reply.unsigned(Answer.refused(error));
      case AuthResult.Known known -> {
        var applicant = new Applicant(socket.fiveTupleOf(packet), socket.linkTo(client), known);
        var answer = decide(socket, packet, applicant, allocation, message, now);
        if (asked != null && asked.isClosed()) {
          releases.add(client, message.transactionId(), now.nanos());
          book.remove(asked, AllocationBook.End.RELEASED, now.nanos());
        }
        yield answer == null ? null : new Reply(answer, known.key());
      }
    };
  }

  private @Nullable Answer decide(
      ClientSocket socket,
      Packet packet,
      Applicant applicant,
      @Nullable Allocation allocation,
      StunMessage message,
      Moment now) {
    return switch (TurnRequestDecoder.decode(message)) {
      case Decoded.Unknown(var attributes) -> new Answer.UnknownAttributes(attributes);
      case Decoded.Invalid _ when allocation != null && message.method() == Method.ALLOCATE ->
          // that there is an allocation is asked before the attributes (RFC 8656 §7.2)
          Answer.refused(ErrorCode.ALLOCATION_MISMATCH);
      case Decoded.Invalid(var error) -> Answer.refused(error);
      case Decoded.Valid(TurnRequest.Refresh(var lifetime, _))
          when allocation == null
              && lifetime == 0
              && releases.contains(
                  applicant.fiveTuple().client(), message.transactionId(), now.nanos()) ->
          new Answer.Refreshed(0);
      case Decoded.Valid(TurnRequest.Refresh refresh) when Roaming.isMove(message) ->
          roaming.move(socket, applicant, allocation, refresh, message, now.nanos());
      case Decoded.Valid(var request) when allocation != null -> {
        var answer =
            allocation.handle(request, message.transactionId(), applicant.owner(), now.nanos());
        yield answer == Answer.Done.DONE && request instanceof TurnRequest.Connect(var peer)
            ? tcp.connect(allocation, peer, packet, applicant.owner(), this::writeTo)
            : answer;
      }
      case Decoded.Valid(TurnRequest.Allocate allocate) ->
          allocate(allocator, socket, applicant, allocate, message, now);
      case Decoded.Valid(TurnRequest.AllocateTcp request) -> {
        // its data connections could not follow it
        var error =
            message.has(Attribute.MOBILITY_TICKET)
                ? ErrorCode.MOBILITY_FORBIDDEN
                : tcp.refusalOf(request, socket);
        yield error != null
            ? Answer.refused(error)
            : allocate(tcp.allocator(), socket, applicant, request.wish(), message, now);
      }
      case Decoded.Valid(TurnRequest.ConnectionBind(var id)) ->
          tcp.bind(socket, packet, message, id, applicant.owner(), this::writeTo);
      case Decoded.Valid _ -> Answer.refused(ErrorCode.ALLOCATION_MISMATCH);
    };
  }

  private Answer allocate(
      Allocator from,
      ClientSocket socket,
      Applicant applicant,
      TurnRequest.Allocate request,
      StunMessage message,
      Moment now) {
    var elsewhere = redirection.answer(applicant.fiveTuple());
    if (elsewhere != null) {
      return elsewhere;
    }
    var refusal = roaming.refusal(message);
    if (refusal != null) {
      return Answer.refused(refusal);
    }
    return switch (from.allocate(applicant, request, message.transactionId(), now.nanos())) {
      case Allocator.Outcome.Refused(var answer) -> answer;
      case Allocator.Outcome.Granted(var granted, var answer) -> {
        book.add(socket, applicant.fiveTuple(), granted);
        yield roaming.granted(granted, message, answer);
      }
    };
  }
}

package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.auth.AuthResult.Known;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.policy.PeerPolicy.Verdict;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.TurnRequest;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One client's relayed address and everything that it may do with it (RFC 8656 §5), from the
/// success response to the end. Does no I/O and reads no clock; confined to the loop that made it.
///
/// It owns its relay socket and gives it back in [#close()], the only end there is.
public final class Allocation {
  private final FiveTuple fiveTuple;
  private final ClientLink client;
  private final Known owner;
  private final RelaySocket relay;
  private final Opening opening;
  private final Permissions permissions = new Permissions();
  private final Channels channels = new Channels();
  private final Traffic traffic = new Traffic();

  private long endsNanos;
  private long lifetimeSeconds;
  private boolean closed;

  Allocation(Applicant applicant, RelaySocket relay, Opening opening, long lifetimeSeconds) {
    this.fiveTuple = applicant.fiveTuple();
    this.client = applicant.link();
    this.owner = applicant.owner();
    this.relay = relay;
    this.opening = opening;
    live(lifetimeSeconds, opening.nowNanos());
    relay.serve(this);
  }

  /// The circumstances under which an allocation comes to be.
  record Opening(
      PeerPolicy policy,
      AllocationSettings settings,
      TransactionId transactionId,
      @Nullable Long reservationToken,
      long nowNanos) {}

  /// Answers a request of the client that owns this 5-tuple.
  public Answer handle(TurnRequest request, TransactionId id, Known asker, long nowNanos) {
    boolean isOwner = asker.username().equals(owner.username());
    return switch (request) {
      // a retransmission gets the same answer, anything else meets an allocation (RFC 8656 §7.2)
      case TurnRequest.Allocate _ ->
          isOwner && id.equals(opening.transactionId())
              ? opened(nowNanos)
              : Answer.refused(ErrorCode.ALLOCATION_MISMATCH);
      case TurnRequest _ when !isOwner -> Answer.refused(ErrorCode.WRONG_CREDENTIALS);
      case TurnRequest.Refresh refresh -> refresh(refresh, nowNanos);
      case TurnRequest.CreatePermission(var peers) -> createPermission(peers, nowNanos);
      case TurnRequest.ChannelBind(var channel, var peer) -> bind(channel, peer, nowNanos);
    };
  }

  Answer opened(long nowNanos) {
    long remaining = Math.max(0, TimeUnit.NANOSECONDS.toSeconds(endsNanos - nowNanos));
    long lifetime = nowNanos == opening.nowNanos() ? lifetimeSeconds : remaining;
    return new Answer.Allocated(
        relay.relayedAddress(), fiveTuple.client(), lifetime, opening.reservationToken());
  }

  /// RFC 8656 §8.2.
  private Answer refresh(TurnRequest.Refresh request, long nowNanos) {
    if (request.family() != null && request.family() != relay.relayedAddress().ip().family()) {
      return Answer.refused(ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH);
    }
    if (request.lifetimeSeconds() == 0) {
      close();
      return new Answer.Refreshed(0);
    }
    live(opening.settings().grantedSeconds(request.lifetimeSeconds()), nowNanos);
    return new Answer.Refreshed(lifetimeSeconds);
  }

  /// RFC 8656 §10.2: all peers are judged before any is granted.
  private Answer createPermission(Iterable<TransportAddress> peers, long nowNanos) {
    var ips = new HashSet<IpAddress>();
    for (var peer : peers) {
      var error = judge(peer);
      if (error != null) {
        return Answer.refused(error);
      }
      ips.add(peer.ip());
    }
    if (!permissions.hasRoomFor(ips, nowNanos)) {
      return Answer.refused(ErrorCode.INSUFFICIENT_CAPACITY);
    }
    for (var ip : ips) {
      grant(ip, nowNanos);
    }
    return Answer.Done.DONE;
  }

  /// RFC 8656 §12.2. A binding installs or refreshes the permission too.
  private Answer bind(int number, TransportAddress peer, long nowNanos) {
    var conflict = channels.conflict(number, peer, nowNanos);
    if (conflict == Channels.Conflict.TAKEN) {
      return Answer.refused(ErrorCode.BAD_REQUEST);
    }
    var error = judge(peer);
    if (error != null) {
      return Answer.refused(error);
    }
    if (conflict == Channels.Conflict.FULL
        || !permissions.hasRoomFor(Set.of(peer.ip()), nowNanos)) {
      return Answer.refused(ErrorCode.INSUFFICIENT_CAPACITY);
    }
    var permission = grant(peer.ip(), nowNanos);
    channels.bind(number, peer, permission, nowNanos);
    return Answer.Done.DONE;
  }

  private Permission grant(IpAddress ip, long nowNanos) {
    var permission = permissions.grant(ip, opening.policy().isOwn(ip), nowNanos);
    channels.permit(ip, permission);
    return permission;
  }

  /// What stands against a peer, or null. Policy comes before family, so that a denied address is
  /// denied in every encoding.
  private @Nullable ErrorCode judge(TransportAddress peer) {
    if (opening.policy().judge(peer.ip(), peer.port()) == Verdict.DENIED) {
      return ErrorCode.FORBIDDEN;
    }
    return peer.ip().family() == relay.relayedAddress().ip().family()
        ? null
        : ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH;
  }

  private void live(long seconds, long nowNanos) {
    lifetimeSeconds = seconds;
    endsNanos = nowNanos + TimeUnit.SECONDS.toNanos(seconds);
  }

  /// The live binding of a channel number, or null.
  public @Nullable ChannelBinding channel(int number, long nowNanos) {
    return channels.byNumber(number, nowNanos);
  }

  /// The live binding of a peer, or null. It says nothing about the permission.
  public @Nullable ChannelBinding channelOf(long high, long low, int port, long nowNanos) {
    return channels.byPeer(high, low, port, nowNanos);
  }

  /// The live permission for a peer's address, or null.
  public @Nullable Permission permission(long high, long low, long nowNanos) {
    return permissions.find(high, low, nowNanos);
  }

  /// Whether data may pass to or from a peer under a permission for its address.
  public boolean mayPass(Permission permission, long high, long low, int port, long nowNanos) {
    return permission.isLive(nowNanos)
        && (!permission.isForOwnAddress() || opening.policy().allowsNow(high, low, port));
  }

  /// Whether DONT-FRAGMENT counts for a peer: where UDP is translated from or to IPv6, it is
  /// ignored (RFC 8656 §13).
  public boolean heedsDontFragment(long high, long low) {
    return fiveTuple.transport() != Transport.UDP
        || (fiveTuple.client().ip().isIpv4() && IpAddress.isIpv4(high, low));
  }

  public boolean isLive(long nowNanos) {
    return !closed && endsNanos - nowNanos > 0;
  }

  public boolean isClosed() {
    return closed;
  }

  /// Gives back everything. The second call does nothing.
  public void close() {
    if (!closed) {
      closed = true;
      relay.close();
    }
  }

  public FiveTuple fiveTuple() {
    return fiveTuple;
  }

  public Known owner() {
    return owner;
  }

  public Traffic traffic() {
    return traffic;
  }

  public ClientLink client() {
    return client;
  }

  public RelaySocket relay() {
    return relay;
  }

  public long openedNanos() {
    return opening.nowNanos();
  }
}

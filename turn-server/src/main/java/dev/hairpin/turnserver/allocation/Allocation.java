package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.auth.AuthResult.Known;
import dev.hairpin.turnserver.auth.MobilityTickets;
import dev.hairpin.turnserver.auth.MobilityTickets.Ticket;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.TurnRequest;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One client's relayed addresses and everything that it may do with them (RFC 8656 §6), from the
/// success response to the end. Does no I/O and reads no clock; confined to the loop that made it.
///
/// It owns its relay sockets and gives them back in [#close()], the only end there is.
public final class Allocation implements FiveTuple.Holder, Allocator.Outcome {
  private static final AtomicLong IDS = new AtomicLong(new SecureRandom().nextLong() >>> 16);

  private final long id = IDS.incrementAndGet();
  private final Whereabouts whereabouts;
  private Known owner;
  private final Relays relays;
  private final List<TransportAddress> relayedAddresses;
  private final @Nullable Long reservationToken;
  private final boolean isTcp;
  private final Opening opening;
  private final Permissions permissions;
  private final Channels channels = new Channels();
  private final Traffic traffic;

  /// By which one of two relayed addresses was released.
  private @Nullable TransactionId lastRelease;

  private boolean closed;
  private @Nullable Mobility mobility;

  Allocation(Applicant applicant, List<RelaySocket> sockets, Opening opening, long wishSeconds) {
    this.whereabouts = new Whereabouts(this, applicant);
    this.owner = applicant.owner();
    this.relays = new Relays(sockets);
    this.relayedAddresses = sockets.stream().map(RelaySocket::relayedAddress).toList();
    this.reservationToken = sockets.getFirst().reservationToken();
    this.isTcp = sockets.getFirst().isTcp();
    this.opening = opening;
    this.permissions = new Permissions(opening.policy(), opening.nowNanos());
    this.traffic = new Traffic(opening.unit(), opening.nowNanos());
    var _ = extend(null, wishSeconds, opening.nowNanos());
    sockets.forEach(socket -> socket.serve(this));
  }

  /// The circumstances under which an allocation comes to be.
  ///
  /// @param unit what it counts as, until it ends
  /// @param missing why there is one relayed address where two were asked for, or null
  record Opening(
      PeerPolicy policy,
      AllocationSettings settings,
      Quotas.Unit unit,
      TransactionId transactionId,
      Answer.@Nullable MissingFamily missing,
      long nowNanos) {}

  /// Answers a request of the client that owns this 5-tuple. `DONE` for a Connect says that nothing
  /// stands against the peer.
  public Answer handle(TurnRequest request, TransactionId id, Known asker, long nowNanos) {
    boolean isOwner = asker.standsFor(owner);
    return switch (request) {
      // a retransmission gets the same answer, anything else meets an allocation (RFC 8656 §7.2)
      case TurnRequest.Allocate _ ->
          isOwner && id.equals(opening.transactionId())
              ? opened(nowNanos)
              : Answer.refused(ErrorCode.ALLOCATION_MISMATCH);
      case TurnRequest _ when !isOwner -> Answer.refused(ErrorCode.WRONG_CREDENTIALS);
      case TurnRequest.Refresh refresh -> refresh(refresh, asker, id, nowNanos);
      case TurnRequest.CreatePermission(var peers) -> answer(createPermission(peers, nowNanos));
      case TurnRequest.ChannelBind(var channel, var peer) -> answer(bind(channel, peer, nowNanos));
      case TurnRequest.Connect(var peer) -> answer(judgeConnect(peer, nowNanos));
      // what has an allocation is no data connection
      case TurnRequest.ConnectionBind _ -> Answer.refused(ErrorCode.BAD_REQUEST);
    };
  }

  private static Answer answer(@Nullable ErrorCode error) {
    return error == null ? Answer.Done.DONE : Answer.refused(error);
  }

  /// What an Allocate is answered that has led to it.
  public Answer opened(long nowNanos) {
    var answer =
        new Answer.Allocated(
            relayedAddresses,
            fiveTuple().client(),
            TimeUnit.NANOSECONDS.toSeconds(relays.remainingNanos(nowNanos)),
            reservationToken,
            opening.missing());
    return mobility == null ? answer : mobility.ticketed(answer);
  }

  /// RFC 8656 §8.2. Without a family it is for all that there is (RFC 8656 §8.1).
  private Answer refresh(
      TurnRequest.Refresh request, Known asker, TransactionId id, long nowNanos) {
    boolean isRelease = request.lifetimeSeconds() == 0;
    if (isRelease && id.equals(lastRelease)) {
      return new Answer.Refreshed(0); // a retransmission
    }
    var family = request.family();
    if (family != null && !relays.has(family)) {
      return Answer.refused(ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH);
    }
    if (!isRelease) {
      owner = asker.endNanos() - owner.endNanos() > 0 ? asker : owner; // a later credential
      long seconds = extend(family, request.lifetimeSeconds(), nowNanos);
      if (seconds == 0) {
        close(); // in its last second
      }
      return new Answer.Refreshed(seconds);
    }
    if (family != null && relays.hasBoth()) {
      lastRelease = id;
      release(family);
    } else {
      close();
    }
    return new Answer.Refreshed(0);
  }

  /// Grants a wish as far as the allocation's age and its owner's credential allow, and returns
  /// what was granted.
  private long extend(@Nullable Family family, long wishSeconds, long nowNanos) {
    var settings = opening.settings();
    long youthNanos = settings.maxAge().toNanos() - (nowNanos - opening.nowNanos());
    long leftNanos = Math.min(youthNanos, owner.endNanos() - nowNanos);
    long leftSeconds = TimeUnit.NANOSECONDS.toSeconds(leftNanos);
    long seconds = Math.min(settings.grantedSeconds(wishSeconds), leftSeconds);
    relays.extend(family, nowNanos + TimeUnit.SECONDS.toNanos(seconds));
    return seconds;
  }

  /// Gives one of two relayed addresses back, with all that belongs to it (RFC 8656 §8.1).
  private void release(Family family) {
    relays.close(family);
    permissions.forget(family);
    channels.forget(family);
  }

  /// From now on the allocation moves with whoever has its ticket and its owner's password.
  ///
  /// @param loop that keeps it
  public void becomeMobile(MobilityTickets tickets, int loop) {
    mobility = new Mobility(tickets, new Ticket(loop, 0, id));
  }

  /// Answers a Refresh that shows a ticket of this allocation (RFC 8016 §3.2.2).
  public Answer move(
      Ticket ticket, TurnRequest.Refresh request, Applicant to, TransactionId id, long nowNanos) {
    if (mobility == null || !to.owner().standsFor(owner)) {
      return Answer.refused(ErrorCode.WRONG_CREDENTIALS);
    }
    var settled = mobility.settled(ticket, to.fiveTuple(), id, nowNanos);
    if (settled != null) {
      return settled;
    }
    if (whereabouts.isAt(to.fiveTuple())) {
      return Answer.refused(ErrorCode.BAD_REQUEST);
    }
    var answer = refresh(request, to.owner(), id, nowNanos);
    if (closed || !(answer instanceof Answer.Refreshed)) {
      return answer;
    }
    whereabouts.move(to, nowNanos);
    return mobility.moved(to.fiveTuple(), id, answer, nowNanos);
  }

  /// A connection of the client is gone. Whether the allocation lives on: at another place of the
  /// client, or because a ticket may bring it back.
  public boolean staysWithout(ClientLink gone) {
    return whereabouts.lost(gone) || mobility != null;
  }

  /// RFC 8656 §10.2: all peers are judged before any is granted.
  private @Nullable ErrorCode createPermission(List<TransportAddress> peers, long nowNanos) {
    var ips = new HashSet<IpAddress>();
    for (var peer : peers) {
      var error = judge(peer);
      if (error != null) {
        return error;
      }
      ips.add(peer.ip());
    }
    if (!permissions.hasRoomFor(ips, nowNanos) || !permissions.spend(ips, nowNanos)) {
      return ErrorCode.INSUFFICIENT_CAPACITY;
    }
    ips.forEach(ip -> grant(ip, nowNanos));
    return null;
  }

  /// RFC 8656 §12.2. A binding installs or refreshes the permission too.
  private @Nullable ErrorCode bind(int number, TransportAddress peer, long nowNanos) {
    if (isTcp || channels.isTaken(number, peer, nowNanos)) {
      return ErrorCode.BAD_REQUEST;
    }
    var error = judgePort(peer);
    if (error != null) {
      return error;
    }
    var ips = Set.of(peer.ip());
    if (!channels.hasRoomFor(number, nowNanos)
        || !permissions.hasRoomFor(ips, nowNanos)
        || !permissions.spend(ips, nowNanos)) {
      return ErrorCode.INSUFFICIENT_CAPACITY;
    }
    channels.bind(number, peer, grant(peer.ip(), nowNanos), nowNanos);
    return null;
  }

  /// RFC 6062 §5.2, up to where the connection is to be made.
  private @Nullable ErrorCode judgeConnect(TransportAddress peer, long nowNanos) {
    var error = isTcp ? judgePort(peer) : ErrorCode.BAD_REQUEST;
    if (error != null) {
      return error;
    }
    if (!permissions.spend(Set.of(peer.ip()), nowNanos)) {
      return ErrorCode.INSUFFICIENT_CAPACITY;
    }
    var _ = permissions.remember(peer.ip(), nowNanos);
    return null;
  }

  private Permission grant(IpAddress ip, long nowNanos) {
    var permission = permissions.remember(ip, nowNanos);
    permission.extend(nowNanos);
    channels.permit(ip, permission);
    return permission;
  }

  /// What stands against a peer, or null. Policy comes before family, so that a denied address is
  /// denied in every encoding.
  private @Nullable ErrorCode judge(TransportAddress peer) {
    if (!opening.policy().allows(peer.ip(), peer.port(), owner.scope())) {
      return ErrorCode.FORBIDDEN;
    }
    return relays.has(peer.ip().family()) ? null : ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH;
  }

  /// What stands against a peer at its port, or null.
  private @Nullable ErrorCode judgePort(TransportAddress peer) {
    boolean allowed = opening.policy().allowsNow(peer.ip(), peer.port(), owner.scope());
    return allowed ? judge(peer) : ErrorCode.FORBIDDEN;
  }

  /// The policy has changed: what it denies by now ends.
  public void judgeAgain(long nowNanos) {
    permissions.endWhere(ip -> judge(new TransportAddress(ip, 0)) != null, nowNanos);
    relays.closePeers(peer -> judgePort(peer) != null);
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

  /// Whether data may pass to or from a port of a peer under a permission for its address.
  public boolean mayPass(Permission permission, int port, long nowNanos) {
    return permission.isLive(nowNanos)
        && (permission.isOwn
            ? opening.policy().allowsNow(permission.ip, port, owner.scope())
            : !opening.policy().deniesPort(port));
  }

  /// Of two relayed addresses, one that has run out before the other goes when this is asked.
  public boolean isLive(long nowNanos) {
    return !closed && (relays.areLive(nowNanos) || outlives(nowNanos));
  }

  private boolean outlives(long nowNanos) {
    boolean lives = relays.remainingNanos(nowNanos) > 0;
    if (lives) {
      relays.ended(nowNanos).forEach(this::release);
    }
    return lives;
  }

  /// Ends what has waited too long: connections with peers, and the client's way from one place to
  /// another.
  public void sweep(long nowNanos) {
    whereabouts.settle(nowNanos);
    relays.sweep(nowNanos);
  }

  /// Whether it has connections with peers, and no datagrams (RFC 6062).
  public boolean isTcp() {
    return isTcp;
  }

  public boolean isClosed() {
    return closed;
  }

  /// Gives back everything. The second call does nothing.
  public void close() {
    if (!closed) {
      closed = true;
      opening.unit().release();
      whereabouts.end();
      relays.close(Family.IPV4);
      relays.close(Family.IPV6);
    }
  }

  /// Which no other allocation of the process has.
  public long id() {
    return id;
  }

  public Known owner() {
    return owner;
  }

  public Traffic traffic() {
    return traffic;
  }

  public Whereabouts whereabouts() {
    return whereabouts;
  }

  /// Where data for the client go.
  public FiveTuple fiveTuple() {
    return whereabouts.fiveTuple();
  }

  public ClientLink client() {
    return whereabouts.link();
  }

  /// The relay socket of a peer's family, or null.
  public @Nullable RelaySocket relayTowards(long high, long low) {
    return relays.towards(high, low);
  }

  /// As they were granted; one of two may be gone by now.
  public List<TransportAddress> relayedAddresses() {
    return relayedAddresses;
  }

  /// Whether it has grown as old as allocations may.
  public boolean isAged(long nowNanos) {
    return nowNanos - opening.nowNanos() >= opening.settings().maxAge().toNanos();
  }

  /// Whether it has relayed nothing for too long, as far as those can tell who ask now and then. A
  /// TCP allocation is not judged.
  public boolean isIdle(long nowNanos) {
    long maxNanos = opening.settings().maxIdle().toNanos();
    return maxNanos > 0 && !isTcp && traffic.idleNanos(nowNanos) >= maxNanos;
  }

  public long openedNanos() {
    return opening.nowNanos();
  }
}

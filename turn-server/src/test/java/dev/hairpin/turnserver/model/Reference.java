package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.model.Expected.Drop;
import dev.hairpin.turnserver.model.Expected.Reply;
import dev.hairpin.turnserver.model.Step.Sign;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a server must do, in maps and seconds: RFC 8656, RFC 8016 and docs/deviations.md, and
/// nothing of how it is done.
final class Reference {
  private static final int NONCE_SECONDS = 600;
  private static final int MEMORY_SECONDS = 40;

  final World.Setup setup;
  final List<Held> held = new ArrayList<>();
  final Ports ports;

  /// Where datagrams from one of this machine's addresses are judged port by port.
  private final List<InetAddress> own;

  private final Map<Ended, Long> releases = new HashMap<>();
  private final Set<Bytes> farReleases = new HashSet<>();
  long now;
  int opened;
  int closed;
  int moved;

  /// A release, by the request that asked for it.
  private record Ended(int client, Bytes transaction) {}

  Reference(World.Setup setup, long now) {
    this.setup = setup;
    this.now = now;
    this.ports = new Ports(this);
    this.own =
        List.of(
            setup.advertisedIpv4().toInetAddress(),
            World.RELAY_IPV4.toInetAddress(),
            World.LISTENER_IPV4.ip().toInetAddress());
  }

  static void check(boolean holds, String complaint, @Nullable Object exhibit) {
    if (!holds) {
      throw new Mismatch(complaint + " " + exhibit);
    }
  }

  int loopOf(int client) {
    return client % setup.loops();
  }

  @Nullable Held at(int client) {
    return held.stream().filter(h -> h.isAt(client)).findFirst().orElse(null);
  }

  @Nullable Held ofRelayed(InetSocketAddress relayed) {
    return held.stream().filter(h -> h.relayed.containsValue(relayed)).findFirst().orElse(null);
  }

  private static boolean isLiveAt(@Nullable Held h, long now) {
    return h != null && h.isLive(now);
  }

  private void end(Held h) {
    held.remove(h);
    closed++;
  }

  boolean hasZombies() {
    return held.stream().anyMatch(h -> h.ends.values().stream().anyMatch(end -> end <= now));
  }

  /// What the server's sweep does.
  void sweep() {
    for (var h : List.copyOf(held)) {
      h.settleFamilies(now);
      if (!h.isLive(now)) {
        end(h);
      }
      h.settle(now);
    }
    ports.sweep();
  }

  /// Whether a peer may be reached at all.
  boolean isAllowed(InetSocketAddress peer) {
    if (ofRelayed(peer) != null) {
      return true;
    }
    for (var site : Peer.Site.values()) {
      if (site.address.equals(peer)) {
        return site.allowed;
      }
    }
    return false;
  }

  private boolean isOwn(InetAddress ip) {
    return ip.isLoopbackAddress() || own.contains(ip);
  }

  private boolean mayPass(Held h, InetSocketAddress peer) {
    return h.isPermitted(peer.getAddress(), now) && (!isOwn(peer.getAddress()) || isAllowed(peer));
  }

  Expected answer(Ask ask) {
    var step = ask.step();
    int client = ask.client();
    if (step instanceof Step.Binding) {
      return new Reply(Set.of(0), false, m -> checkMapped(m, client));
    }
    if (step instanceof Step.Allocate(var by, var wish)
        && by.sign() == Sign.NOT
        && wish.transport() == 0) {
      return Expected.unsigned(400);
    }
    var resident = at(client);
    if (resident != null && !resident.isLive(now)) {
      end(resident);
      if (resident.home != loopOf(client)) {
        return new Drop("NO_ALLOCATION"); // the client asks again
      }
      resident = null;
    }
    if (resident != null) {
      resident.settleFamilies(now);
    }
    var named = ask.ticket() == null ? null : byTicket(ask.ticket());
    Held asked = resident;
    if (ask.ticket() != null) {
      // a ticket of another loop is not looked at where the 5-tuple has an allocation here
      boolean inSight = resident == null || (named != null && named.home == resident.home);
      asked = inSight && isLiveAt(named, now) ? named : null;
    } else if (resident != null) {
      resident.heard(client, false, now);
    }
    var refusal = authenticate(ask, asked);
    return refusal != null ? refusal : decide(ask, resident, named);
  }

  /// RFC 8489 §9.2.4, in the order of docs/deviations.md.
  private @Nullable Reply authenticate(Ask ask, @Nullable Held asked) {
    var sign = ask.step().by().sign();
    boolean remembered = asked != null && asked.owner == ask.user();
    if (sign != Sign.NOT && ask.nonceSeconds() == Clients.NO_NONCE) {
      return Expected.unsigned(438);
    }
    boolean ended = wallSeconds() >= ask.user().endsWallSeconds;
    return switch (sign) {
      case NOT, WRONG_PASSWORD, WRONG_REALM -> Expected.unsigned(401);
      case FOREIGN_NONCE -> Expected.unsigned(438);
      case WELL, OLDEST_NONCE -> {
        if (ended && !remembered) {
          yield Expected.unsigned(401);
        }
        yield now - ask.nonceSeconds() > NONCE_SECONDS ? Expected.unsigned(438) : null;
      }
    };
  }

  private long wallSeconds() {
    var start = new VirtualClock();
    return start.wallSeconds() + now - start.seconds();
  }

  private Expected decide(Ask ask, @Nullable Held resident, @Nullable Held named) {
    return switch (ask.step()) {
      case Step.Binding _ -> throw new AssertionError("needs no authentication");
      case Step.Allocate step -> allocate(ask, step, resident);
      case Step.Refresh step when step.family() == 3 -> Expected.refused(440);
      case Step.Refresh step when ask.ticket() != null -> move(ask, step, resident, named);
      case Step.Refresh step when resident == null -> refreshNothing(ask, step);
      case Step.Refresh step -> refresh(ask, step, Objects.requireNonNull(resident));
      case Step.Bind step when step.channel() < 0x4000 || step.channel() > 0x7fff ->
          Expected.refused(400);
      case Step.ConnectionBind _ when resident == null -> Expected.refused(400);
      case Step.Request _ when resident == null -> Expected.refused(437);
      case Step.Request _ when !Objects.requireNonNull(resident).isOf(ask.user()) ->
          Expected.refused(441);
      case Step.Permit _ -> permit(ask, Objects.requireNonNull(resident));
      case Step.Bind step -> bind(ask, step, Objects.requireNonNull(resident));
      case Step.Connect _, Step.ConnectionBind _ -> Expected.refused(400);
    };
  }

  private Expected allocate(Ask ask, Step.Allocate step, @Nullable Held resident) {
    if (resident != null) {
      boolean again = resident.isOf(ask.user()) && resident.transaction.equals(ask.transaction());
      return again
          ? Expected.granted(m -> checkAllocated(m, resident, ask.client(), remaining(resident)))
          : Expected.refused(437);
    }
    int refusal = Allocations.refusal(step, setup, ask.client());
    return refusal != 0 ? Expected.refused(refusal) : ports.allocate(ask, step);
  }

  private long remaining(Held h) {
    return h.lastEnd() - now;
  }

  void checkMapped(Message message, int client) {
    var mapped = message.address(Attributes.XOR_MAPPED_ADDRESS);
    check(mapped.equals(Clients.address(client)), "mapped to", mapped);
  }

  /// An answer to Allocate tells of an allocation as it is.
  void checkAllocated(Message message, Held h, int client, long seconds) {
    checkMapped(message, client);
    var relayed = message.addresses(Attributes.XOR_RELAYED_ADDRESS);
    check(relayed.containsAll(h.relayed.values()), "relayed at", relayed);
    checkLifetime(message, seconds);
    var token = message.find(Attributes.RESERVATION_TOKEN);
    check(Objects.equals(token == null ? null : token.value(), h.reservation), "token", token);
    var ticket = message.find(Attributes.MOBILITY_TICKET);
    var good = h.tickets.isEmpty() ? null : h.tickets.getLast();
    check(Objects.equals(ticket == null ? null : ticket.value(), good), "ticket", ticket);
  }

  private static void checkLifetime(Message message, long seconds) {
    long told = message.uint32(Attributes.LIFETIME);
    check(told == seconds, "lifetime, instead of " + seconds + ",", told);
  }

  void opened(Held h) {
    held.add(h);
    opened++;
  }

  private Expected refreshNothing(Ask ask, Step.Refresh step) {
    if (step.lifetime() != 0 || !wasReleased(ask)) {
      return Expected.refused(437);
    }
    // where another loop answered, this one does not know of it
    var codes = farReleases.contains(ask.transaction()) ? Set.of(0, 437) : Set.of(0);
    return new Reply(codes, true, m -> checkLifetime(m, 0));
  }

  private boolean wasReleased(Ask ask) {
    var at = releases.get(new Ended(ask.client(), ask.transaction()));
    return at != null && now - at < MEMORY_SECONDS;
  }

  private Expected refresh(Ask ask, Step.Refresh step, Held h) {
    if (!h.isOf(ask.user())) {
      return Expected.refused(441);
    }
    return refreshOwn(ask, step, h, _ -> {});
  }

  private Expected refreshOwn(Ask ask, Step.Refresh step, Held h, Consumer<Message> then) {
    if (step.lifetime() == 0 && Objects.equals(ask.transaction(), h.lastRelease)) {
      return Expected.granted(m -> checkLifetime(m, 0));
    }
    int family = step.family() == 0 ? 0 : step.family() == 1 ? 4 : 6;
    if (family != 0 && !h.ends.containsKey(family)) {
      return Expected.refused(443);
    }
    if (step.lifetime() != 0) {
      long seconds = h.granted(step.lifetime(), now);
      return Expected.granted(
          m -> {
            checkLifetime(m, seconds);
            h.renew(ask.user());
            h.ends.replaceAll((f, end) -> family == 0 || family == f ? now + seconds : end);
            then.accept(m);
          });
    }
    return Expected.granted(
        m -> {
          checkLifetime(m, 0);
          if (family != 0 && h.ends.size() > 1) {
            h.release(family);
            h.lastRelease = ask.transaction();
            then.accept(m);
          } else {
            end(h);
            if (h.home != loopOf(ask.client())) {
              farReleases.add(ask.transaction());
            }
            releases.put(new Ended(ask.client(), ask.transaction()), now);
          }
        });
  }

  private @Nullable Held byTicket(Bytes ticket) {
    return held.stream().filter(h -> h.tickets.contains(ticket)).findFirst().orElse(null);
  }

  /// RFC 8016 §3.2.2.
  private Expected move(Ask ask, Step.Refresh step, @Nullable Held resident, @Nullable Held named) {
    var ticket = Objects.requireNonNull(ask.ticket());
    if (!setup.mobility()) {
      return Expected.refused(405);
    }
    if (!ports.everGiven(ticket)) {
      return Expected.refused(400);
    }
    if (step.lifetime() == 0 && resident == null && wasReleased(ask)) {
      return Expected.granted(m -> checkLifetime(m, 0));
    }
    if (named == null || !named.isLive(now) || (resident != null && resident != named)) {
      return Expected.refused(437);
    }
    if (!named.isOf(ask.user())) {
      return Expected.refused(441);
    }
    var last = named.lastMove;
    if (last != null
        && last.transaction().equals(ask.transaction())
        && last.to() == ask.client()
        && last.shown().equals(ticket)
        && now - last.seconds() < MEMORY_SECONDS) {
      return Expected.granted(
          m -> {
            checkLifetime(m, last.lifetime());
            check(
                m.require(Attributes.MOBILITY_TICKET).equals(named.tickets.getLast()), "ticket", m);
          });
    }
    if (!named.tickets.getLast().equals(ticket)) {
      return Expected.refused(437);
    }
    if (named.isAt(ask.client())) {
      return Expected.refused(400);
    }
    return refreshOwn(ask, step, named, m -> moved(ask, m, named));
  }

  private void moved(Ask ask, Message message, Held h) {
    long seconds = message.uint32(Attributes.LIFETIME);
    h.lastMove = new Held.Move(ask.client(), ask.transaction(), h.tickets.getLast(), seconds, now);
    h.tickets.add(ports.newTicket(message));
    h.move(ask.client(), now);
    moved++;
  }

  private @Nullable Reply judge(Held h, List<InetSocketAddress> peers) {
    for (var peer : peers) {
      if (!isAllowed(peer)) {
        return Expected.refused(403);
      }
      if (!h.ends.containsKey(Held.familyOf(peer.getAddress()))) {
        return Expected.refused(443);
      }
    }
    return null;
  }

  private Expected permit(Ask ask, Held h) {
    var refusal = judge(h, ask.peers());
    return refusal != null
        ? refusal
        : Expected.granted(
            _ -> ask.peers().forEach(p -> h.permissions.put(p.getAddress(), now + 300)));
  }

  private Expected bind(Ask ask, Step.Bind step, Held h) {
    var peer = ask.peers().getFirst();
    for (var channel : h.channels) {
      boolean sameNumber = channel.number() == step.channel();
      if (now < channel.ends() + 300 && sameNumber != channel.peer().equals(peer)) {
        return Expected.refused(400);
      }
    }
    var refusal = judge(h, ask.peers());
    return refusal != null ? refusal : Expected.granted(_ -> h.bind(step.channel(), peer, now));
  }

  Expected send(Step.Send step, InetSocketAddress peer) {
    var h = at(step.client());
    if (step.broken()) {
      return new Drop("MALFORMED_INDICATION");
    }
    if (h == null || !h.isLive(now)) {
      return new Drop("NO_ALLOCATION");
    }
    h.settleFamilies(now);
    h.heard(step.client(), true, now);
    if (!h.isPermitted(peer.getAddress(), now)) {
      return new Drop("NO_PERMISSION_FOR_PEER");
    }
    return mayPass(h, peer) ? toPeer(h, peer) : new Drop("PEER_DENIED");
  }

  private static Expected toPeer(Held h, InetSocketAddress peer) {
    var relayed = h.relayed.get(Held.familyOf(peer.getAddress()));
    return relayed == null ? new Drop("NO_ALLOCATION") : new Expected.ToPeer(relayed, peer);
  }

  Expected onChannel(Step.OnChannel step) {
    if (step.channel() < 0x4000 || step.channel() > 0x7fff) {
      return new Drop(step.channel() < 0x4000 ? "MALFORMED_STUN" : "NOT_STUN_NOR_CHANNEL_DATA");
    }
    var h = at(step.client());
    if (h == null || !h.isLive(now)) {
      return new Drop("NO_ALLOCATION");
    }
    h.settleFamilies(now);
    h.heard(step.client(), true, now);
    if (step.broken()) {
      return new Drop("MALFORMED_CHANNEL_DATA");
    }
    var channel = h.byNumber(step.channel(), now);
    if (channel == null) {
      return new Drop("CHANNEL_UNBOUND");
    }
    return mayPass(h, channel.peer())
        ? toPeer(h, channel.peer())
        : new Drop("NO_PERMISSION_FOR_PEER");
  }

  Expected fromPeer(InetSocketAddress from, InetSocketAddress to) {
    var h = Objects.requireNonNull(ofRelayed(to));
    if (!h.isLive(now)) {
      return new Drop("NO_ALLOCATION");
    }
    h.settleFamilies(now);
    if (!mayPass(h, from)) {
      return new Drop("PEER_NOT_PERMITTED");
    }
    var channel = h.byPeer(from, now);
    return new Expected.ToClient(h.here, from, channel == null ? 0 : channel.number());
  }
}

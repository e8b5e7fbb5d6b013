package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.model.Expected.Reply;
import dev.hairpin.turnserver.model.Step.Even;
import dev.hairpin.turnserver.model.Step.TicketWish;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Which ports are free in the model, and what an Allocate may come to by that. Which port a server
/// draws is its own affair.
final class Ports {
  private static final int RESERVATION_SECONDS = 30;
  private static final int NO_CAPACITY = 508;
  private static final int QUOTA_REACHED = 486;
  private static final int MAX_RESERVED = 2;

  private final Reference model;
  private final List<Reservation> reservations = new ArrayList<>();
  private final Set<Bytes> tickets = new HashSet<>();

  /// Ports of other programs.
  final Set<InetSocketAddress> foreign = new HashSet<>();

  /// So many of the next sockets are not to be had.
  int refused;

  /// Whether an earlier family of the same request may have met a refusal, or not.
  private boolean spentPerhaps;

  private record Reservation(Bytes token, String user, InetSocketAddress address, long ends) {}

  Ports(Reference model) {
    this.model = model;
  }

  void sweep() {
    reservations.removeIf(r -> r.ends() <= model.now);
  }

  boolean everGiven(Bytes ticket) {
    return tickets.contains(ticket);
  }

  Bytes newTicket(Message message) {
    var ticket = message.require(Attributes.MOBILITY_TICKET);
    Reference.check(tickets.add(ticket), "a ticket for the second time", ticket);
    return ticket;
  }

  InetAddress ip(int family) {
    return (family == 4 ? model.setup.advertisedIpv4() : World.RELAY_IPV6).toInetAddress();
  }

  private IntStream range() {
    return IntStream.rangeClosed(model.setup.ports().first(), model.setup.ports().last());
  }

  /// @param strictly whether what has run out but may not be closed yet counts too
  private boolean isTaken(int family, int port, boolean strictly) {
    var address = new InetSocketAddress(ip(family), port);
    for (var h : model.held) {
      for (var relayed : h.relayed.entrySet()) {
        boolean live = h.ends.getOrDefault(relayed.getKey(), 0L) > model.now;
        if (relayed.getValue().equals(address) && (live || strictly)) {
          return true;
        }
      }
    }
    return reservations.stream()
        .anyMatch(r -> r.address().equals(address) && (r.ends() > model.now || strictly));
  }

  private boolean fits(int family, int port, Even even, boolean strictly) {
    boolean free = !isTaken(family, port, strictly);
    return switch (even) {
      case NO -> free;
      case YES -> free && port % 2 == 0;
      case AND_NEXT ->
          free
              && port % 2 == 0
              && port < model.setup.ports().last()
              && !isTaken(family, port + 1, strictly);
    };
  }

  private boolean isForeign(int family, int port, Even even) {
    return foreign.contains(new InetSocketAddress(ip(family), port))
        || (even == Even.AND_NEXT && foreign.contains(new InetSocketAddress(ip(family), port + 1)));
  }

  /// Whether a family's socket can be had.
  private enum Chance {
    SURE,
    PERHAPS,
    NEVER
  }

  private Chance chance(int family, Even even) {
    if (family == 6 && !model.setup.ipv6()) {
      return Chance.NEVER;
    }
    var perhaps = range().filter(p -> fits(family, p, even, false)).toArray();
    var surely = range().filter(p -> fits(family, p, even, true)).toArray();
    if (perhaps.length == 0) {
      return Chance.NEVER;
    }
    if (refused > 0) {
      boolean tried = IntStream.of(surely).anyMatch(p -> !isForeign(family, p, even));
      refused -= tried ? 1 : 0;
      boolean isMet = tried && !spentPerhaps;
      spentPerhaps |= !tried; // it may have met the refusal at another program's port
      return isMet ? Chance.NEVER : Chance.PERHAPS;
    }
    // a port of another program is met once and then passed over
    boolean ours = IntStream.of(surely).anyMatch(p -> !isForeign(family, p, even));
    boolean possible = IntStream.of(perhaps).anyMatch(p -> !isForeign(family, p, even));
    return ours ? Chance.SURE : possible ? Chance.PERHAPS : Chance.NEVER;
  }

  Reply allocate(Ask ask, Step.Allocate step) {
    var wish = step.wish();
    var quota = quota(ask.user().id, wish);
    if (quota == Chance.NEVER) {
      return Expected.refused(QUOTA_REACHED);
    }
    var reply = ask.token() != null ? redeem(ask, step, ask.token()) : draw(ask, step);
    if (quota == Chance.SURE) {
      return reply;
    }
    var codes = new HashSet<>(reply.codes());
    codes.add(QUOTA_REACHED);
    return new Reply(Set.copyOf(codes), true, reply.onSuccess());
  }

  /// What users hold: allocations and reserved ports.
  ///
  /// @param strictly as in `isTaken`
  int heldBy(String user, boolean strictly) {
    long allocations =
        model.held.stream()
            .filter(h -> h.owner.id.equals(user) && (strictly || h.isLive(model.now)))
            .count();
    return (int) allocations + reservedBy(user, strictly);
  }

  private int reservedBy(String user, boolean strictly) {
    return (int)
        reservations.stream()
            .filter(r -> r.user().equals(user) && (strictly || r.ends() > model.now))
            .count();
  }

  int reserved() {
    return reservations.size();
  }

  private Chance quota(String user, Step.Wish wish) {
    boolean surely = hasQuota(user, wish, true);
    return surely ? Chance.SURE : hasQuota(user, wish, false) ? Chance.PERHAPS : Chance.NEVER;
  }

  /// A token takes the place of a reserved port, and a pair needs room for two.
  private boolean hasQuota(String user, Step.Wish wish, boolean strictly) {
    boolean pair = wish.even() == Even.AND_NEXT;
    int needs = wish.token() != Step.NONE ? 0 : pair ? 2 : 1;
    return heldBy(user, strictly) + needs <= World.Setup.QUOTA
        && (!pair || reservedBy(user, strictly) < MAX_RESERVED);
  }

  private Reply draw(Ask ask, Step.Allocate step) {
    spentPerhaps = false;
    var wish = step.wish();
    var families = Allocations.families(wish);
    var chances = families.stream().map(family -> chance(family, wish.even())).toList();
    var codes = new HashSet<Integer>();
    if (chances.stream().anyMatch(c -> c != Chance.NEVER)) {
      codes.add(0);
    }
    if (chances.stream().noneMatch(c -> c == Chance.SURE)) {
      codes.add(families.equals(List.of(6)) && !model.setup.ipv6() ? 440 : NO_CAPACITY);
    }
    return new Reply(
        Set.copyOf(codes),
        true,
        m -> {
          var relayed = m.addresses(Attributes.XOR_RELAYED_ADDRESS);
          for (int i = 0; i < families.size(); i++) {
            int family = families.get(i);
            var given = ofFamily(relayed, family);
            Reference.check(given == null || chances.get(i) != Chance.NEVER, "no port for", given);
            Reference.check(given != null || chances.get(i) != Chance.SURE, "no address in", m);
            if (given != null) {
              checkPort(given, family, wish.even());
            }
          }
          boolean missing = relayed.size() < families.size();
          Reference.check(m.has(Attributes.ADDRESS_ERROR_CODE) == missing, "missing family", m);
          open(ask, step, m, wish.even() == Even.AND_NEXT);
        });
  }

  private static @Nullable InetSocketAddress ofFamily(List<InetSocketAddress> all, int family) {
    return all.stream()
        .filter(a -> Held.familyOf(a.getAddress()) == family)
        .findFirst()
        .orElse(null);
  }

  private void checkPort(InetSocketAddress given, int family, Even even) {
    int port = given.getPort();
    boolean inRange = range().anyMatch(p -> p == port) && given.getAddress().equals(ip(family));
    Reference.check(inRange, "out of range", given);
    Reference.check(fits(family, port, even, false), "taken, or of the wrong parity", given);
    Reference.check(!isForeign(family, port, even), "another program's", given);
  }

  private Reply redeem(Ask ask, Step.Allocate step, Bytes token) {
    var reservation =
        reservations.stream()
            .filter(r -> r.token().equals(token) && r.ends() > model.now)
            .filter(r -> r.user().equals(ask.user().id))
            .findFirst()
            .orElse(null);
    if (reservation == null) {
      return Expected.refused(NO_CAPACITY);
    }
    reservations.remove(reservation);
    if (refused > 0) {
      refused--;
      return Expected.refused(NO_CAPACITY);
    }
    return Expected.granted(
        m -> {
          var relayed = m.addresses(Attributes.XOR_RELAYED_ADDRESS);
          Reference.check(relayed.equals(List.of(reservation.address())), "reserved", relayed);
          open(ask, step, m, false);
        });
  }

  private void open(Ask ask, Step.Allocate step, Message message, boolean reserves) {
    var relayed = message.addresses(Attributes.XOR_RELAYED_ADDRESS);
    var token = reserves ? message.require(Attributes.RESERVATION_TOKEN) : null;
    if (token != null) {
      var first = relayed.getFirst();
      var next = new InetSocketAddress(first.getAddress(), first.getPort() + 1);
      long ends = model.now + RESERVATION_SECONDS;
      reservations.add(new Reservation(token, ask.user().id, next, ends));
    }
    int home = model.loopOf(ask.client());
    var h = new Held(ask.user(), ask.transaction(), home, ask.client(), token, model.now);
    long seconds = h.granted(step.wish().lifetime(), model.now);
    for (var address : relayed) {
      h.relayed.put(Held.familyOf(address.getAddress()), address);
      h.ends.put(Held.familyOf(address.getAddress()), model.now + seconds);
    }
    if (step.wish().ticket() == TicketWish.YES) {
      h.tickets.add(newTicket(message));
    }
    model.checkAllocated(message, h, ask.client(), seconds);
    model.opened(h);
  }
}

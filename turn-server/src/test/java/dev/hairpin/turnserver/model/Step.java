package dev.hairpin.turnserver.model;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What happens next in a world. Clients, tickets and the like are told by small numbers, so that a
/// step means something whatever other steps are left out.
sealed interface Step {
  /// No ticket, or no token.
  int NONE = -1;

  /// No LIFETIME.
  long NO_LIFETIME = -1;

  /// Steps that do less, the simplest first.
  default List<Step> simpler() {
    return List.of();
  }

  /// How a request is signed.
  enum Sign {
    WELL,
    NOT,
    WRONG_PASSWORD,
    WRONG_REALM,
    FOREIGN_NONCE,
    /// By the first nonce that the client got.
    OLDEST_NONCE
  }

  record By(int client, User user, Sign sign) {
    By well() {
      return new By(client, user, Sign.WELL);
    }
  }

  sealed interface Request extends Step {
    By by();
  }

  enum Even {
    NO,
    YES,
    AND_NEXT
  }

  enum TicketWish {
    NO,
    YES,
    WITH_CONTENT
  }

  /// What an Allocate asks for.
  ///
  /// @param transport a protocol number, 0 for none
  /// @param family a family's code, 0 for none, 3 for one that there is not
  /// @param token counts reservations back from the newest
  record Wish(
      int transport,
      int family,
      boolean additional,
      Even even,
      int token,
      long lifetime,
      boolean dontFragment,
      TicketWish ticket) {
    static final Wish PLAIN =
        new Wish(17, 0, false, Even.NO, NONE, NO_LIFETIME, false, TicketWish.NO);

    List<Wish> simpler() {
      return Stream.of(
              PLAIN,
              new Wish(transport, family, additional, even, token, NO_LIFETIME, false, ticket),
              new Wish(
                  transport, family, additional, even, token, lifetime, dontFragment, PLAIN.ticket),
              new Wish(transport, 0, false, even, token, lifetime, dontFragment, ticket),
              new Wish(
                  transport, family, additional, Even.NO, NONE, lifetime, dontFragment, ticket))
          .filter(wish -> !wish.equals(this))
          .toList();
    }
  }

  record Allocate(By by, Wish wish) implements Request {
    @Override
    public List<Step> simpler() {
      return wish.simpler().stream().<Step>map(w -> new Allocate(by, w)).toList();
    }
  }

  /// A client refreshes its allocation, or moves it.
  ///
  /// @param family as in [Wish]
  /// @param ticket counts tickets back from the newest; beyond the oldest it is garbage
  record Refresh(By by, long lifetime, int family, int ticket) implements Request {
    @Override
    public List<Step> simpler() {
      var simpler = new ArrayList<Step>();
      if (ticket != NONE) {
        simpler.add(new Refresh(by, lifetime, family, NONE));
      }
      if (family != 0) {
        simpler.add(new Refresh(by, lifetime, 0, ticket));
      }
      if (lifetime > 0) {
        simpler.add(new Refresh(by, NO_LIFETIME, family, ticket));
      }
      return simpler;
    }
  }

  record Permit(By by, List<Peer> peers) implements Request {
    @Override
    public List<Step> simpler() {
      return peers.size() < 2
          ? List.of()
          : peers.stream().<Step>map(peer -> new Permit(by, List.of(peer))).toList();
    }
  }

  record Bind(By by, int channel, Peer peer) implements Request {}

  record Connect(By by, Peer peer) implements Request {}

  record ConnectionBind(By by) implements Request {}

  record Binding(By by) implements Request {}

  /// The same bytes as last time from the same client.
  record Retransmit(int client) implements Step {}

  record Send(int client, Peer peer, int length, boolean dontFragment, boolean broken)
      implements Step {
    @Override
    public List<Step> simpler() {
      return dontFragment || length > 4
          ? List.of(new Send(client, peer, 4, false, broken))
          : List.of();
    }
  }

  record OnChannel(int client, int channel, int length, boolean broken) implements Step {
    @Override
    public List<Step> simpler() {
      return length > 4 ? List.of(new OnChannel(client, channel, 4, broken)) : List.of();
    }
  }

  /// A peer sends a datagram.
  ///
  /// @param to whose client's relayed address gets it
  record FromPeer(Peer peer, Peer.Relayed to, int length) implements Step {
    @Override
    public List<Step> simpler() {
      return length > 4 ? List.of(new FromPeer(peer, to, 4)) : List.of();
    }
  }

  record Icmp(Peer peer, Peer.Relayed to) implements Step {}

  enum Trash {
    EMPTY("", "NOT_STUN_NOR_CHANNEL_DATA"),
    TLS("160301", "MALFORMED_STUN"),
    OTHER("ff0102", "NOT_STUN_NOR_CHANNEL_DATA"),
    CUT_HEADER("000100002112a442", "MALFORMED_STUN"),
    WRONG_LENGTH("000100082112a442000102030405060708090a0b", "MALFORMED_STUN"),
    RESPONSE("010300002112a442000102030405060708090a0b", "NOT_FOR_A_SERVER"),
    UNKNOWN_METHOD("000f00002112a442000102030405060708090a0b", "NOT_FOR_A_SERVER"),
    KEEP_ALIVE("001100002112a442000102030405060708090a0b", "");

    final String hex;

    /// Empty where it is taken in silence.
    final String drop;

    Trash(String hex, String drop) {
      this.hex = hex;
      this.drop = drop;
    }
  }

  record Junk(int client, Trash trash) implements Step {}

  /// Time passes.
  ///
  /// @param sweeps whether the server looks for what has run out before the next step
  record Advance(long seconds, boolean sweeps) implements Step {
    @Override
    public List<Step> simpler() {
      return sweeps ? List.of() : List.of(new Advance(seconds, true));
    }
  }

  record RefuseSockets(int count) implements Step {
    @Override
    public List<Step> simpler() {
      return count > 1 ? List.of(new RefuseSockets(1)) : List.of();
    }
  }

  record RefuseSends(int count) implements Step {
    @Override
    public List<Step> simpler() {
      return count > 1 ? List.of(new RefuseSends(1)) : List.of();
    }
  }

  /// Another program takes one of the relay ports.
  record TakePort(int offset, boolean ipv6) implements Step {}
}

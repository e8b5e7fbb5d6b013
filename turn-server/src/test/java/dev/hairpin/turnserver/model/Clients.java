package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.MessageClass;
import dev.hairpin.turnserver.testkit.Methods;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What clients know, and the bytes that they make of it: nonces by client, and the tickets and
/// tokens that anybody was given.
final class Clients {
  private static final int TICKET_BYTES = 44;

  /// Of a client whose challenge was lost.
  static final long NO_NONCE = Long.MIN_VALUE;

  private static final Bytes WRONG_KEY = Bytes.of(new byte[16]);

  private final RandomGenerator random;
  private final Map<Integer, List<Nonce>> nonces = new HashMap<>();
  private final Map<Integer, Ask> last = new HashMap<>();
  private final List<Bytes> tickets = new ArrayList<>();
  private final List<Bytes> tokens = new ArrayList<>();

  private record Nonce(Bytes value, long seconds) {}

  Clients(RandomGenerator random) {
    this.random = random;
  }

  /// All are on loopback, where limits by source do not hold. The fourth speaks IPv6.
  static InetSocketAddress address(int client) {
    String ip =
        switch (client) {
          case 0, 1 -> "127.0.1.1";
          case 3 -> "::1";
          default -> "127.0.1." + client;
        };
    return new InetSocketAddress(InetAddress.ofLiteral(ip), 4_000 + client);
  }

  /// Whose address it is, or -1.
  static int at(IpAddress ip, int port) {
    int client = port - 4_000;
    return client >= 0 && client < 100 && IpAddress.of(address(client).getAddress()).equals(ip)
        ? client
        : -1;
  }

  boolean needsNonce(Step.Request step, long now) {
    var by = step.by();
    var known = nonces.getOrDefault(by.client(), List.of());
    boolean old = known.isEmpty() || now - known.getLast().seconds() > 600;
    return !(step instanceof Step.Binding) && by.sign() != Step.Sign.NOT && old;
  }

  /// A request that asks for a challenge.
  Step.Request stranger(int client) {
    return new Step.Allocate(new Step.By(client, User.ALICE, Step.Sign.NOT), Step.Wish.PLAIN);
  }

  @Nullable Ask lastOf(int client) {
    return last.get(client);
  }

  private static @Nullable Bytes newest(List<Bytes> all, int back) {
    return back < all.size() ? all.get(all.size() - 1 - back) : null;
  }

  private Bytes garbage(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.of(bytes);
  }

  private Bytes token(int back) {
    var token = newest(tokens, back);
    return token == null ? garbage(8) : token;
  }

  private Bytes ticket(int back) {
    var ticket = newest(tickets, back);
    return ticket == null ? garbage(TICKET_BYTES) : ticket;
  }

  /// Remembers what an answer tells the client.
  void learn(int client, Message answer, long now) {
    var nonce = answer.find(Attributes.NONCE);
    if (nonce != null && answer.has(Attributes.PASSWORD_ALGORITHMS)) { // others are never taken
      nonces.computeIfAbsent(client, _ -> new ArrayList<>()).add(new Nonce(nonce.value(), now));
    }
    learn(tickets, answer.find(Attributes.MOBILITY_TICKET));
    learn(tokens, answer.find(Attributes.RESERVATION_TOKEN));
  }

  private static void learn(List<Bytes> known, Message.@Nullable Attribute attribute) {
    if (attribute != null && !known.contains(attribute.value())) {
      known.add(attribute.value());
    }
  }

  Ask ask(Step.Request step, List<InetSocketAddress> peers, List<Bytes> peerBytes, long now) {
    var transaction = garbage(12);
    var message = MessageBuilder.of(MessageClass.REQUEST, method(step), transaction);
    Bytes token = null;
    Bytes ticket = null;
    switch (step) {
      case Step.Allocate(_, var wish) -> {
        token = wish.token() == Step.NONE ? null : token(wish.token());
        wish(message, wish, token);
      }
      case Step.Refresh refresh -> {
        ticket = refresh.ticket() == Step.NONE ? null : ticket(refresh.ticket());
        refresh(message, refresh, ticket);
      }
      case Step.Bind bind -> message.channel(bind.channel());
      case Step.ConnectionBind _ -> message.connectionId(7);
      case Step.Permit _, Step.Connect _, Step.Binding _ -> {}
    }
    for (int i = 0; i < peers.size(); i++) {
      message.peer(peerBytes.get(i), peers.get(i).getPort());
    }
    long nonceSeconds = sign(message, step, now);
    var ask = new Ask(step, message.build(), transaction, nonceSeconds, peers, token, ticket);
    last.put(step.by().client(), ask);
    return ask;
  }

  private static int method(Step.Request step) {
    return switch (step) {
      case Step.Allocate _ -> Methods.ALLOCATE;
      case Step.Refresh _ -> Methods.REFRESH;
      case Step.Permit _ -> Methods.CREATE_PERMISSION;
      case Step.Bind _ -> Methods.CHANNEL_BIND;
      case Step.Connect _ -> Methods.CONNECT;
      case Step.ConnectionBind _ -> Methods.CONNECTION_BIND;
      case Step.Binding _ -> Methods.BINDING;
    };
  }

  private static void wish(MessageBuilder message, Step.Wish wish, @Nullable Bytes token) {
    if (wish.transport() != 0) {
      message.requestedTransport(wish.transport());
    }
    if (wish.family() != 0) {
      message.requestedFamily(wish.family());
    }
    if (wish.additional()) {
      message.additionalFamily(2);
    }
    if (wish.even() != Step.Even.NO) {
      int bits = wish.even() == Step.Even.AND_NEXT ? 0x80 : 0;
      message.attribute(Attributes.EVEN_PORT, Bytes.octets(bits));
    }
    if (token != null) {
      message.attribute(Attributes.RESERVATION_TOKEN, token);
    }
    if (wish.lifetime() != Step.NO_LIFETIME) {
      message.lifetime(wish.lifetime());
    }
    if (wish.dontFragment()) {
      message.flag(Attributes.DONT_FRAGMENT);
    }
    if (wish.ticket() != Step.TicketWish.NO) {
      boolean odd = wish.ticket() == Step.TicketWish.WITH_CONTENT;
      message.ticket(odd ? Bytes.octets(1, 2, 3, 4) : Bytes.EMPTY);
    }
  }

  private static void refresh(MessageBuilder message, Step.Refresh step, @Nullable Bytes ticket) {
    if (step.lifetime() != Step.NO_LIFETIME) {
      message.lifetime(step.lifetime());
    }
    if (step.family() != 0) {
      message.requestedFamily(step.family());
    }
    if (ticket != null) {
      message.ticket(ticket);
    }
  }

  /// Returns when the nonce was made.
  private long sign(MessageBuilder message, Step.Request step, long now) {
    var by = step.by();
    if (by.sign() == Step.Sign.NOT || step instanceof Step.Binding) {
      return now;
    }
    var known = nonces.getOrDefault(by.client(), List.of());
    boolean oldest = by.sign() == Step.Sign.OLDEST_NONCE;
    var nonce =
        known.isEmpty()
            ? new Nonce(Bytes.utf8("none"), NO_NONCE)
            : oldest ? known.getFirst() : known.getLast();
    boolean foreign = by.sign() == Step.Sign.FOREIGN_NONCE;
    String realm = by.sign() == Step.Sign.WRONG_REALM ? "elsewhere" : User.REALM;
    message
        .text(Attributes.USERNAME, by.user().username)
        .text(Attributes.REALM, realm)
        .attribute(Attributes.NONCE, foreign ? foreign(nonce.value()) : nonce.value())
        .integrity(by.sign() == Step.Sign.WRONG_PASSWORD ? WRONG_KEY : by.user().key);
    return nonce.seconds();
  }

  /// A nonce that was never given: one character is another.
  private static Bytes foreign(Bytes nonce) {
    int at = nonce.length() - 3;
    return nonce.with(at, Bytes.octets(nonce.at(at) == 'A' ? 'B' : 'A'));
  }
}

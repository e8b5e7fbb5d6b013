package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One client's stay in the soak: it allocates in one of the ways there are, talks, refreshes,
/// moves, and leaves with a word or without.
final class SoakCall implements AutoCloseable {
  private static final int CHANNEL = 0x4000;

  private final Soak soak;
  private final SplittableRandom random;
  private final Kind kind;
  private TestTurnClient client;
  private final TurnCredential credential;
  private @Nullable Bytes ticket;
  private boolean abandoned;

  private enum Kind {
    PLAIN,
    PLAIN_TOO,
    DUAL,
    EVEN_AND_NEXT,
    MOBILE,
    BY_TCP,
    TCP_RELAY
  }

  SoakCall(Soak soak, SplittableRandom random) {
    this.soak = soak;
    this.random = random;
    this.kind = Kind.values()[random.nextInt(Kind.values().length)];
    boolean stream = kind == Kind.BY_TCP || kind == Kind.TCP_RELAY;
    Message answer;
    do {
      client = soak.client(stream ? Soak.TCP : Soak.UDP, soak.anyUser());
      answer = client.call(Methods.ALLOCATE, this::wish);
      if (!answer.isSuccess()) {
        client.close();
        // the port was that of somebody who left without a word, or the user reserves too much
        expect(answer.errorCode() == 437 || answer.errorCode() == 486);
      }
    } while (!answer.isSuccess());
    this.credential = client.credential();
    var given = answer.find(Attributes.MOBILITY_TICKET);
    this.ticket = given == null ? null : given.value();
    if (kind == Kind.TCP_RELAY) {
      throughTcp();
    } else {
      client.bind(CHANNEL, soak.peer().address());
      talk();
    }
  }

  private void wish(MessageBuilder request) {
    if (kind == Kind.TCP_RELAY) {
      request.requestedTcp();
      return;
    }
    request.requestedTransport();
    switch (kind) {
      case DUAL -> request.additionalFamily(2);
      case EVEN_AND_NEXT -> request.attribute(Attributes.EVEN_PORT, Bytes.octets(0x80));
      case MOBILE -> request.ticket(Bytes.EMPTY);
      case PLAIN, PLAIN_TOO, BY_TCP, TCP_RELAY -> request.lifetime(random.nextInt(4_000));
    }
  }

  /// By the channel there and back, and to an address that is not permitted.
  private void talk() {
    var payload = Soak.payload(random.nextInt());
    client.sendOnChannel(CHANNEL, payload);
    assertEquals(new Delivery.OnChannel(CHANNEL, payload), client.receive());
    client.send(new InetSocketAddress("127.0.0.9", 9), payload);
  }

  private void throughTcp() {
    var address = (InetSocketAddress) soak.tcpPeer().getLocalSocketAddress();
    client.permit(address);
    long id = client.connect(address);
    try (var accepted = soak.tcpPeer().accept()) {
      if (random.nextInt(4) == 0) {
        return; // never bound
      }
      try (var data = client.bindConnection(id)) {
        data.send(Bytes.utf8("hello"));
        assertEquals(Bytes.utf8("hello"), Bytes.of(accepted.getInputStream().readNBytes(5)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Half a minute has passed; false where the call is over.
  boolean goesOn() {
    boolean over =
        abandoned
            || switch (random.nextInt(20)) {
              case 0, 1, 2 -> released();
              case 3 -> true;
              case 4, 5, 6, 7 -> refreshed();
              case 8, 9 -> ticket != null && moved(ticket);
              case 10 -> retransmits();
              case 11, 12 -> speaks();
              default -> false;
            };
    if (over) {
      close();
    }
    return !over;
  }

  private boolean released() {
    var answer = client.call(Methods.REFRESH, m -> m.lifetime(0));
    return expect(answer.isSuccess() || answer.errorCode() == 437);
  }

  private boolean refreshed() {
    var answer = client.call(Methods.REFRESH, m -> m.lifetime(random.nextInt(1, 4_000)));
    expect(answer.isSuccess() || answer.errorCode() == 437);
    return !answer.isSuccess();
  }

  private static boolean expect(boolean holds) {
    if (!holds) {
      throw new AssertionError("an answer that could not be");
    }
    return true;
  }

  private boolean moved(Bytes shown) {
    var to = soak.client(Soak.UDP, "").with(credential);
    var answer = to.call(Methods.REFRESH, m -> m.ticket(shown));
    if (!answer.isSuccess()) {
      to.close();
      return expect(answer.errorCode() == 437);
    }
    ticket = answer.require(Attributes.MOBILITY_TICKET);
    client.close();
    client = to;
    return false;
  }

  private boolean retransmits() {
    var request = client.signed(Methods.CREATE_PERMISSION, m -> m.peer(soak.peer().address()));
    var first = client.exchange(request);
    var second = client.exchange(request);
    return !expect(first.messageClass() == second.messageClass());
  }

  /// Data that may find channel and permission gone by now.
  private boolean speaks() {
    client.sendOnChannel(CHANNEL, Soak.payload(1));
    client.sendOnChannel(CHANNEL + 1, Soak.payload(2));
    return false;
  }

  @Override
  public void close() {
    abandoned = true;
    client.close();
  }
}

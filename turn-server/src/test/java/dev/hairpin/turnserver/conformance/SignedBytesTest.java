package dev.hairpin.turnserver.conformance;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Only what is signed has an effect, and what is not signed leaves no trace.
class SignedBytesTest {
  private static final int DEFAULT_LIFETIME = 600;
  private static final int LONGER = 1_200;
  private static final int TO_BE_IGNORED = 0xFFFE;

  private static @Nullable TurnServer server;

  private final TestTurnClient alice = Venue.alice(requireNonNull(server));
  private final EchoPeer peer = EchoPeer.at(Venue.IPV4);

  @BeforeAll
  static void open() {
    server = TurnServer.start(Venue.settings(Venue.IPV4));
  }

  @AfterAll
  static void closeServer() {
    requireNonNull(server).close();
  }

  @AfterEach
  void close() {
    alice.close();
    peer.close();
  }

  /// LIFETIME, two integrities and an attribute to be ignored in all 24 orders, all of them rightly
  /// signed.
  @Test
  void anAttributeCountsOnlyInFrontOfTheFirstIntegrity() {
    alice.allocate();
    for (var order : orders(List.of("LIFETIME", "SHA1", "SHA256", "OTHER"))) {
      var request = named(Methods.REFRESH);
      order.forEach(part -> add(request, part));
      var response = exchange(request.build());
      int first = Math.min(order.indexOf("SHA1"), order.indexOf("SHA256"));
      boolean counts = order.indexOf("LIFETIME") < first;
      assertEquals(
          counts ? LONGER : DEFAULT_LIFETIME,
          response.uint32(Attributes.LIFETIME),
          order::toString);
    }
  }

  @Test
  void whatIsAppendedToASignedRequestHasNoEffect() {
    alice.allocate();
    var refresh = named(Methods.REFRESH);
    add(refresh, "SHA1");
    var unsigned = refresh.lifetime(0).fingerprint().build();
    assertEquals(DEFAULT_LIFETIME, exchange(unsigned).uint32(Attributes.LIFETIME));
    try (var other = EchoPeer.at(java.net.InetAddress.ofLiteral("127.0.0.2"))) {
      var permission = named(Methods.CREATE_PERMISSION).peer(peer.address());
      add(permission, "SHA1");
      assertTrue(exchange(permission.peer(other.address()).build()).isSuccess());
      alice.send(other.address(), Bytes.utf8("not permitted"));
      alice.send(peer.address(), Bytes.utf8("permitted"));
      assertEquals(Bytes.utf8("permitted"), alice.receive().payload());
      assertEquals(List.of(), alice.deliveries());
    }
    var bind = named(Methods.CHANNEL_BIND);
    add(bind, "SHA1");
    assertTrue(exchange(bind.channel(0x4000).peer(peer.address()).build()).isError(400));
  }

  @Test
  void whatAStrangerSaysOfItselfIsForgotten() {
    var realm = alice.challenge().realm();
    var poisoned =
        MessageBuilder.request(Methods.ALLOCATE)
            .requestedTransport()
            .text(Attributes.USERNAME, "1:mallory")
            .text(Attributes.REALM, "elsewhere")
            .text(0x802F, "https://evil.example") // ORIGIN, as coturn reads it
            .attribute(Attributes.NONCE, Bytes.utf8("a nonce of mallory's"))
            .build();
    var refusal = alice.exchange(poisoned);
    assertEquals(401, refusal.errorCode());
    assertEquals(realm, refusal.require(Attributes.REALM).asUtf8());
    alice.allocate();
    assertEquals(DEFAULT_LIFETIME, alice.refresh(DEFAULT_LIFETIME));
  }

  @Test
  void aChallengeHasWhatItNeedsAndABadRequestNothing() {
    var challenge = alice.exchange(MessageBuilder.request(Methods.REFRESH).lifetime(1).build());
    assertEquals(
        List.of(
            Attributes.ERROR_CODE,
            Attributes.REALM,
            Attributes.NONCE,
            Attributes.PASSWORD_ALGORITHMS),
        types(challenge));
    assertEquals(Bytes.hex("00000401"), challenge.require(Attributes.ERROR_CODE));
    alice.challenge();
    for (int absent : List.of(Attributes.USERNAME, Attributes.REALM, Attributes.NONCE)) {
      var request = MessageBuilder.request(Methods.REFRESH);
      name(request, absent);
      request.integrity(alice.credential().key(alice.challenge().realm()));
      var refusal = exchange(request.build());
      var expected =
          Bytes.hex("01140008")
              .plus(refusal.bytes().slice(4, 20))
              .plus(Bytes.hex("00090004"))
              .plus(Bytes.hex("00000400"));
      assertEquals(expected, refusal.bytes());
    }
  }

  @Test
  void aBindingWithCredentialsIsAnsweredAsWithout() {
    alice.challenge();
    for (boolean right : List.of(true, false)) {
      var request = named(Methods.BINDING);
      var key = right ? alice.credential().key(alice.challenge().realm()) : Bytes.utf8("guess");
      var response = exchange(request.integrity(key).build());
      assertTrue(response.isSuccess(), response::toString);
      assertEquals(List.of(Attributes.XOR_MAPPED_ADDRESS), types(response));
    }
  }

  /// Seven times the same bytes: one allocation.
  @Test
  void aRetransmittedAllocateIsOneAllocation() {
    alice.challenge();
    var request = alice.signed(Methods.ALLOCATE, MessageBuilder::requestedTransport);
    var first = alice.exchange(request);
    for (int i = 0; i < 6; i++) {
      var again = alice.exchange(request);
      assertEquals(
          first.address(Attributes.XOR_RELAYED_ADDRESS),
          again.address(Attributes.XOR_RELAYED_ADDRESS));
    }
    assertEquals(437, alice.call(Methods.ALLOCATE, m -> m.requestedTransport()).errorCode());
  }

  @Test
  void aCapturedRequestIsOfNoUseElsewhere() {
    alice.allocate();
    var captured = alice.signed(Methods.REFRESH, m -> m.lifetime(0));
    try (var thief = alice.another().with(alice.credential())) {
      assertTrue(thief.exchange(captured).isError(438));
    }
    assertEquals(DEFAULT_LIFETIME, alice.refresh(DEFAULT_LIFETIME));
  }

  private Message exchange(Bytes request) {
    alice.sendRaw(request);
    var bytes = alice.receiveRaw(Duration.ofSeconds(5));
    assertTrue(bytes != null, "no answer");
    return Message.decode(bytes);
  }

  private MessageBuilder named(int method) {
    var request = MessageBuilder.request(method);
    name(request, -1);
    return request;
  }

  private void name(MessageBuilder request, int absent) {
    if (absent != Attributes.USERNAME) {
      request.text(Attributes.USERNAME, alice.credential().username());
    }
    if (absent != Attributes.REALM) {
      request.text(Attributes.REALM, alice.challenge().realm());
    }
    if (absent != Attributes.NONCE) {
      request.attribute(Attributes.NONCE, alice.challenge().nonce());
    }
  }

  private void add(MessageBuilder request, String part) {
    var key = alice.credential().key(alice.challenge().realm());
    switch (part) {
      case "LIFETIME" -> request.lifetime(LONGER);
      case "SHA1" -> request.integrity(key);
      case "SHA256" -> request.integritySha256(key);
      default -> request.attribute(TO_BE_IGNORED, Bytes.utf8("four"));
    }
  }

  private static List<Integer> types(Message message) {
    return message.attributes().stream().map(a -> a.type()).toList();
  }

  private static <T> List<List<T>> orders(List<T> items) {
    if (items.isEmpty()) {
      return List.of(List.of());
    }
    var all = new ArrayList<List<T>>();
    for (var first : items) {
      var rest = new ArrayList<>(items);
      rest.remove(first);
      for (var order : orders(rest)) {
        var whole = new ArrayList<>(List.of(first));
        whole.addAll(order);
        all.add(whole);
      }
    }
    return all;
  }
}

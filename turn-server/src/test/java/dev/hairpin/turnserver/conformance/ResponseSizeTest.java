package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Strangers get short answers, and broken messages none: nobody gains by sending through us under
/// a forged address.
class ResponseSizeTest {
  private static final int HEADER = 20;
  private static final int FINGERPRINT = 8;
  private static final int CHANNEL = 0x4000;
  private static final int UNKNOWN_OPTIONAL = 0xFFFF;

  @Test
  void aBindingSuccessCarriesTheAddressAndNothingElse() {
    try (var ipv4 = TurnServer.start(Venue.settings(Venue.IPV4));
        var ipv6 = TurnServer.start(Venue.settings(Venue.IPV6))) {
      assertEquals(HEADER + 12, bindingSize(ipv4, MessageBuilder.request(Methods.BINDING)));
      assertEquals(HEADER + 24, bindingSize(ipv6, MessageBuilder.request(Methods.BINDING)));
    }
  }

  @Test
  void aFingerprintIsAnsweredByAFingerprint() {
    try (var server = TurnServer.start(Venue.settings(Venue.IPV4))) {
      var request = MessageBuilder.request(Methods.BINDING).fingerprint();
      assertEquals(HEADER + 12 + FINGERPRINT, bindingSize(server, request));
    }
  }

  @Test
  void theChallengeToAPlainAllocateIsThreeTimesAsLong() {
    try (var server = TurnServer.start(Venue.knowingUsernames(Venue.settings(Venue.IPV4)));
        var client = Venue.alice(server)) {
      var request = MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build();
      var challenge = client.exchange(request);
      assertTrue(challenge.isError(401));
      assertEquals(28, request.length());
      assertEquals(84, challenge.bytes().length());
      assertTrue(challenge.has(Attributes.PASSWORD_ALGORITHMS));
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {Methods.ALLOCATE, Methods.REFRESH, Methods.CREATE_PERMISSION, Methods.CHANNEL_BIND})
  void noAnswerToAStrangerIsLongerThanThreeTimesTheRequest(int method) {
    try (var server = TurnServer.start(Venue.knowingUsernames(Venue.settings(Venue.IPV4)));
        var client = Venue.alice(server)) {
      for (int size = -4; size <= 64; size++) {
        for (boolean fingerprint : new boolean[] {false, true}) {
          var request = MessageBuilder.request(method);
          if (size >= 0) {
            request.attribute(UNKNOWN_OPTIONAL, Bytes.random(size));
          }
          var bytes = (fingerprint ? request.fingerprint() : request).build();
          var answer = client.exchange(bytes);
          assertTrue(answer.bytes().length() <= 3 * bytes.length(), answer::toString);
        }
      }
    }
  }

  /// What fits into 576 bytes beside the headers of IPv4 and UDP passes every path (RFC 8489 §6.1).
  @Test
  void noAnswerIsLongerThan548Bytes() {
    var auth = AuthSettings.of("€".repeat(127), SharedSecrets.of(Venue.SECRET));
    for (var ip : List.of(Venue.IPV4, Venue.IPV6)) {
      try (var server = TurnServer.start(Venue.settings(ip).but(d -> d.auth = auth));
          var client = Venue.alice(server)) {
        var stranger = MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build();
        var answers =
            List.of(
                client.exchange(stranger),
                client.call(
                    Methods.REFRESH,
                    m -> IntStream.range(0x7000, 0x7000 + 59).forEach(type -> m.flag(type))),
                client.call(
                    Methods.ALLOCATE,
                    m ->
                        m.requestedTransport()
                            .requestedFamily(ip.equals(Venue.IPV4) ? 1 : 2)
                            .attribute(Attributes.EVEN_PORT, Bytes.octets(0x80))));
        assertEquals(List.of(401, 420, 0), answers.stream().map(ResponseSizeTest::codeOf).toList());
        for (var answer : answers) {
          assertTrue(answer.bytes().length() < 548, answer::toString);
        }
      }
    }
  }

  private static int codeOf(Message answer) {
    return answer.isSuccess() ? 0 : answer.errorCode();
  }

  @Test
  void noPartOfAMessageIsAnswered() {
    try (var server = TurnServer.start(Venue.settings(Venue.IPV4));
        var client = Venue.alice(server);
        var peer = Canary.at(Venue.IPV4)) {
      var _ = client.allocate();
      client.bind(CHANNEL, peer.address());
      var payload = Bytes.random(40);
      var messages =
          List.of(
              MessageBuilder.request(Methods.BINDING).build(),
              MessageBuilder.request(Methods.BINDING).fingerprint().build(),
              MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build(),
              client.signed(Methods.ALLOCATE, m -> m.requestedTransport().lifetime(900)),
              client.signed(Methods.REFRESH, m -> m.lifetime(0)),
              client.signed(Methods.CREATE_PERMISSION, m -> m.peer(peer.address())),
              client.signed(Methods.CHANNEL_BIND, m -> m.channel(CHANNEL).peer(peer.address())),
              MessageBuilder.indication(Methods.SEND).peer(peer.address()).data(payload).build(),
              Bytes.uint16(CHANNEL).plus(Bytes.uint16(payload.length())).plus(payload));
      for (var message : messages) {
        for (int length = 0; length < message.length(); length++) {
          client.sendRaw(message.slice(0, length));
        }
        assertEquals(List.of(), client.deliveries());
      }
      assertEquals(List.of(), peer.received());
      assertEquals(600, client.refresh(600));
    }
  }

  private static int bindingSize(TurnServer server, MessageBuilder request) {
    try (var client = Venue.alice(server)) {
      return client.exchange(request.build()).bytes().length();
    }
  }
}

package dev.hairpin.turnserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.server.LoneLoop;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.MessageClass;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// A datagram to a whole server from a client that has an allocation, a permission and a channel.
/// The first byte says what is done to the rest: signed, told its right length, closed by
/// FINGERPRINT. Each request has at most one answer, of bounded size, sound by the test kit's
/// reading.
final class ServerTarget implements FuzzTarget {
  static final int SIGN = 1;
  static final int FIT = 2;
  static final int FINGERPRINT = 4;
  static final int CHANNEL = 0x4000;

  private static final int HEADER = 20;
  private static final Bytes COOKIE = Bytes.hex("2112a442");
  private static final int MAX_ANSWER = 548; // RFC 8489 §6.1
  private static final int AMPLIFICATION = 3;
  private static final InetSocketAddress PEER = new InetSocketAddress(LoneLoop.PEER, 9);

  private final LoneLoop loop = new LoneLoop();
  private final TestTurnClient client = loop.client();

  /// Takes inputs on the server's own loop, which spares a change of threads for each.
  void run(Runnable inputs) {
    loop.run(
        () -> {
          inputs.run();
          return true;
        });
  }

  @Override
  public void take(byte[] input) {
    if (input.length == 0) {
      return;
    }
    var datagram = datagram(input[0], Bytes.of(input).slice(1, input.length));
    judge(datagram, loop.exchange(datagram), (input[0] & SIGN) != 0);
  }

  @Override
  public void prepare() {
    if (loop.hasAllocation()) {
      return;
    }
    loop.advance(Duration.ofSeconds(1));
    var _ = client.allocate();
    client.permit(PEER);
    client.bind(CHANNEL, PEER);
  }

  private Bytes datagram(byte mode, Bytes rest) {
    if (rest.length() < HEADER) {
      return rest;
    }
    var message = rest;
    if ((mode & FIT) != 0) {
      int whole = message.length() & ~3;
      message = message.slice(0, whole).with(2, Bytes.uint16(whole - HEADER));
    }
    if ((mode & SIGN) != 0) {
      message =
          MessageBuilder.continuing(message)
              .signedBy(client.credential(), client.challenge())
              .build();
    }
    return (mode & FINGERPRINT) != 0
        ? MessageBuilder.continuing(message).fingerprint().build()
        : message;
  }

  private static void judge(Bytes datagram, List<Bytes> answers, boolean signed) {
    assertTrue(answers.size() <= 1, () -> datagram + " was answered by " + answers);
    for (var bytes : answers) {
      // a client of RFC 3489 has 32 bits more of transaction id where the cookie stands
      assertEquals(datagram.slice(4, 8), bytes.slice(4, 8));
      var answer = Message.decode(bytes.with(4, COOKIE));
      assertEquals(datagram.slice(8, HEADER), answer.transaction());
      assertTrue(
          answer.messageClass() == MessageClass.SUCCESS
              || answer.messageClass() == MessageClass.ERROR,
          answer::toString);
      assertEquals(0, datagram.uint16At(0) & 0x0110, () -> "no request: " + datagram);
      int most = signed ? MAX_ANSWER : Math.min(MAX_ANSWER, AMPLIFICATION * datagram.length());
      assertTrue(bytes.length() <= most, () -> datagram + " was answered by " + answer);
    }
  }
}

package dev.hairpin.turnserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.Message.Attribute;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The server's reading of a message against the test kit's, which shares no code with it: both
/// take the same messages, and see the same in them.
class DifferentialTest {
  private static final Bytes KEY = Bytes.utf8("sixteen bytes!!!");
  private static final int MAX_ATTRIBUTES = 64;
  private static final int BEFORE = 12; // other bytes of the buffer

  private final StunMessage message = new StunMessage();
  private final MessageIntegrity integrity = new MessageIntegrity();
  private int taken;
  private int verified;

  @Test
  void bothReadersAgreeOnAMillionMessages() {
    compare(1_000_000);
  }

  @Tag("nightly")
  @Test
  void bothReadersAgreeOnTenMillionMessages() {
    compare(10_000_000);
  }

  private void compare(int inputs) {
    var mutator = new Mutator(Targets.MESSAGE.seeds(), 0, Long.getLong("fuzz.seed", 8489));
    for (int i = 0; i < inputs; i++) {
      compare(mutator.next());
    }
    assertTrue(taken > inputs / 5 && taken < inputs, () -> "a blind test: " + taken + " taken");
    assertTrue(verified > inputs / 500, () -> "a blind test: " + verified + " verified");
  }

  private void compare(byte[] input) {
    var buffer = Unpooled.buffer(BEFORE + input.length, BEFORE + input.length);
    buffer.writeZero(BEFORE).writeBytes(input);
    boolean ours = message.decode(buffer, BEFORE, input.length);
    var bytes = Bytes.of(input);
    var theirs = Message.isWellFormed(bytes) ? Message.decode(bytes) : null;
    boolean expected = theirs != null && isSound(theirs);
    assertEquals(expected, ours, () -> HexFormat.of().formatHex(input));
    if (theirs != null && ours) {
      taken++;
      assertEquals(seenIn(theirs), seen(buffer), theirs::toString);
      compareIntegrity(theirs);
    }
  }

  /// What a receiver demands beyond the form (RFC 8489 §14.5, §14.7), and our bound.
  private static boolean isSound(Message message) {
    var all = message.attributes();
    boolean covered = false;
    for (int i = 0; i < all.size(); i++) {
      var attribute = all.get(i);
      if (attribute.type() == Attributes.FINGERPRINT
          && (i != all.size() - 1 || !message.isFingerprintValid())) {
        return false;
      }
      if (attribute.type() == Attributes.MESSAGE_INTEGRITY && !covered) {
        covered = true;
        if (attribute.value().length() != 20) {
          return false;
        }
      }
      covered |= attribute.type() == Attributes.MESSAGE_INTEGRITY_SHA256;
    }
    return all.size() <= MAX_ATTRIBUTES;
  }

  /// The attributes before the first integrity, which are those that count.
  private static List<Attribute> counting(Message message) {
    return message.attributes().stream()
        .takeWhile(
            a ->
                a.type() != Attributes.MESSAGE_INTEGRITY
                    && a.type() != Attributes.MESSAGE_INTEGRITY_SHA256
                    && a.type() != Attributes.FINGERPRINT)
        .toList();
  }

  private static List<Object> seenIn(Message message) {
    var seen = new ArrayList<Object>();
    seen.add(message.messageClass().name());
    seen.add(message.method());
    seen.add(message.transaction());
    seen.add(message.has(Attributes.FINGERPRINT));
    for (var attribute : counting(message)) {
      seen.add(attribute.type());
      seen.add(attribute.value());
      seen.add(addressIn(attribute.value(), message));
    }
    return seen;
  }

  private static String addressIn(Bytes value, Message message) {
    boolean ipv4 = value.length() == 8 && value.at(1) == 1;
    boolean ipv6 = value.length() == 20 && value.at(1) == 2;
    if (!ipv4 && !ipv6) {
      return "no address";
    }
    var mask = Bytes.hex("2112a442").plus(message.transaction());
    var ip = value.slice(4, value.length()).xor(mask);
    var whole = ipv4 ? Bytes.hex("00000000000000000000ffff").plus(ip) : ip;
    return whole + " " + value.slice(2, 4).xor(mask);
  }

  private List<Object> seen(ByteBuf buffer) {
    var seen = new ArrayList<Object>();
    seen.add(message.messageClass().name());
    seen.add(message.method());
    seen.add(bytes(buffer, BEFORE + 8, 12));
    seen.add(message.hasFingerprint());
    for (int i = 0; i < message.attributes(); i++) {
      seen.add(message.typeOf(i));
      seen.add(bytes(buffer, message.offsetOf(i), message.lengthOf(i)));
      var address = new XorAddress();
      seen.add(
          address.read(message, i)
              ? "%016x%016x %04x".formatted(address.high(), address.low(), address.port())
              : "no address");
    }
    return seen;
  }

  private static Bytes bytes(ByteBuf buffer, int at, int length) {
    var copy = new byte[length];
    buffer.getBytes(at, copy);
    return Bytes.of(copy);
  }

  private void compareIntegrity(Message theirs) {
    boolean signed =
        theirs.has(Attributes.MESSAGE_INTEGRITY_SHA256)
            ? theirs.isIntegritySha256Valid(KEY)
            : theirs.isIntegrityValid(KEY);
    assertEquals(signed, integrity.verify(message, KEY.toArray()), theirs::toString);
    verified += signed ? 1 : 0;
  }
}

package dev.hairpin.turnserver.auth;

import static dev.hairpin.turnserver.auth.Requests.CLIENT;
import static dev.hairpin.turnserver.auth.Requests.REALM;
import static dev.hairpin.turnserver.auth.Requests.WALL_SECONDS;
import static dev.hairpin.turnserver.auth.Requests.after;
import static dev.hairpin.turnserver.auth.Requests.codeOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.Credential;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import io.netty.buffer.Unpooled;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No attribute has a place of its own: any may be the first of a request.
class AttributeOrderTest {
  private static final Moment NOW = after(Duration.ZERO);
  private static final SharedSecrets SECRETS = SharedSecrets.of("secret");
  private static final byte[] ALGORITHMS = {0, 2, 0, 0, 0, 1, 0, 0};
  private static final byte[] SHA_256 = {0, 2, 0, 0};

  private final Requests requests = new Requests();
  private final IssuedUsernames issued = new IssuedUsernames(REALM);
  private final Credential alice =
      new CredentialIssuer(SECRETS, issued)
          .issue(new UserId("alice"), Duration.ofHours(1), Instant.ofEpochSecond(WALL_SECONDS));
  private final Authenticator authenticator;

  AttributeOrderTest() {
    var settings = AuthSettings.of(REALM, SECRETS).withIssued(issued);
    authenticator =
        new Authenticator(
            settings, settings.verifier(WALL_SECONDS), new ProcessKeys(), new MessageIntegrity());
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        Attribute.USERNAME,
        Attribute.REALM,
        Attribute.NONCE,
        Attribute.PASSWORD_ALGORITHMS,
        Attribute.PASSWORD_ALGORITHM
      })
  void anyAttributeOfACredentialMayBeTheFirst(int first) {
    var algorithms = List.of(Attribute.PASSWORD_ALGORITHMS, Attribute.PASSWORD_ALGORITHM);
    var plain = List.of(Attribute.USERNAME, Attribute.REALM, Attribute.NONCE);
    var all = new ArrayList<>(plain);
    all.addAll(algorithms);
    assertEquals(0, ask(beginningWith(first, all)));
    if (!algorithms.contains(first)) {
      assertEquals(0, ask(beginningWith(first, plain)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Attribute.USERHASH, Attribute.REALM, Attribute.NONCE})
  void soMayTheHashOfAName(int first) {
    var all = List.of(Attribute.REALM, Attribute.NONCE, Attribute.USERHASH);
    assertEquals(0, ask(beginningWith(first, all)));
  }

  @ParameterizedTest
  @ValueSource(ints = {Attribute.PASSWORD_ALGORITHMS, Attribute.PASSWORD_ALGORITHM})
  void oneOfTheTwoOfAlgorithmsIsABadRequestEvenAsTheFirst(int alone) {
    assertEquals(400, ask(List.of(alone, Attribute.USERNAME, Attribute.REALM, Attribute.NONCE)));
  }

  private static List<Integer> beginningWith(int first, List<Integer> others) {
    var ordered = new ArrayList<>(List.of(first));
    others.stream().filter(other -> other != first).forEach(ordered::add);
    return ordered;
  }

  private int ask(List<Integer> attributes) {
    var values =
        Map.of(
            Attribute.USERNAME, alice.username().getBytes(UTF_8),
            Attribute.USERHASH, IssuedUsernames.hash(alice.username(), REALM),
            Attribute.REALM, REALM.getBytes(UTF_8),
            Attribute.NONCE, requests.nonce(authenticator, NOW),
            Attribute.PASSWORD_ALGORITHMS, ALGORITHMS,
            Attribute.PASSWORD_ALGORITHM, SHA_256);
    boolean chooses = attributes.contains(Attribute.PASSWORD_ALGORITHM);
    var bytes = Unpooled.buffer();
    var writer =
        new StunWriter(bytes, MessageClass.REQUEST, Method.REFRESH, new TransactionId(1, 2));
    for (int attribute : attributes) {
      writer.bytes(attribute, values.getOrDefault(attribute, new byte[0]));
    }
    var algorithm = chooses ? IntegrityAlgorithm.SHA256 : IntegrityAlgorithm.SHA1;
    writer.integrity(
        new MessageIntegrity(), new IntegrityKey(algorithm, key(chooses ? "SHA-256" : "MD5")));
    var message = new StunMessage();
    assertTrue(message.decode(bytes, 0, bytes.readableBytes()));
    return codeOf(Requests.authenticate(authenticator, message, CLIENT, null, NOW));
  }

  private byte[] key(String digest) {
    String text = alice.username() + ":" + REALM + ":" + alice.password();
    try {
      return MessageDigest.getInstance(digest).digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}

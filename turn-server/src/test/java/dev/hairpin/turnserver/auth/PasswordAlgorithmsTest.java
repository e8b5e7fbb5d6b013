package dev.hairpin.turnserver.auth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What RFC 8489 added to long-term credentials: each branch of its §9.2.4.
class PasswordAlgorithmsTest {
  private static final String REALM = "example.org";
  private static final SharedSecrets SECRETS = SharedSecrets.of("secret");
  private static final TransportAddress CLIENT =
      new TransportAddress(IpAddress.parse("192.0.2.1"), 40_000);
  private static final long WALL_SECONDS = 1_800_000_000;
  private static final String SHA256_THEN_MD5 = "0002000000010000";
  private static final String SHA256 = "00020000";
  private static final String MD5 = "00010000";

  private final MessageIntegrity integrity = new MessageIntegrity();
  private final IssuedUsernames issued = new IssuedUsernames(REALM);
  private final ProcessKeys nonceKey = new ProcessKeys();
  private final AuthSettings settings = AuthSettings.of(REALM, SECRETS);
  private final Authenticator plain = authenticator(settings);
  private final Authenticator anonymous = authenticator(settings.withIssued(issued));
  private final String username;
  private final String password;

  PasswordAlgorithmsTest() {
    var credential =
        new CredentialIssuer(SECRETS, issued)
            .issue(new UserId("alice"), Duration.ofHours(1), Instant.ofEpochSecond(WALL_SECONDS));
    username = credential.username();
    password = credential.password();
  }

  @Test
  void aChallengeOffersAlgorithmsAndItsNonceSaysSo() {
    var challenge = challenge(plain, 0);
    assertEquals(SHA256_THEN_MD5, hex(challenge.passwordAlgorithms()));
    assertEquals(0x800000, features(challenge));
    assertEquals(28, challenge.nonce().length);
    assertEquals(0xc00000, features(challenge(anonymous, 0)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 8, 12})
  void anyRequestThatCanSucceedIsLongEnoughForTheOffer(int more) {
    var challenge = challenged(401, plain, decode(writer(new byte[more])), 0);
    boolean isOffered = 20 + 4 + more >= 28;
    assertEquals(isOffered ? 8 : 0, challenge.passwordAlgorithms().length);
    assertEquals(isOffered, new String(challenge.nonce()).startsWith("obMatJos2"));
  }

  @Test
  void theFingerprintDoesNotCount() {
    var challenge = challenged(401, plain, decode(writer(new byte[0]).fingerprint()), 0);
    assertEquals(0, challenge.passwordAlgorithms().length);
  }

  @Test
  void theNonceOfAShortChallengeIsOnlyGoodForAnother() {
    byte[] nonce = challenged(401, plain, decode(writer(new byte[0])), 0).nonce();
    assertEquals(15, nonce.length);
    var again = challenged(438, plain, legacy(nonce, IntegrityAlgorithm.SHA1), 0);
    assertEquals(0x800000, features(again));
  }

  @Test
  void everyChallengeToSomebodyWhoSignsOffersAlgorithms() {
    var rightKey = sha256(keyBy("SHA-256"));
    var wrongKey = sha256(new byte[1]);
    for (var challenge :
        List.of(
            challenged(401, plain, hashed(username, 0), 0),
            challenged(401, plain, request(SHA256_THEN_MD5, SHA256, wrongKey), 0),
            challenged(438, plain, legacy(new byte[28], IntegrityAlgorithm.SHA1), 0),
            challenged(438, plain, request(SHA256_THEN_MD5, SHA256, rightKey), 601))) {
      assertEquals(SHA256_THEN_MD5, hex(challenge.passwordAlgorithms()));
      assertEquals(0x800000, features(challenge));
    }
  }

  @Test
  void whoKnowsNoAlgorithmsIsTakenForMd5AndAnsweredByMessageIntegrity() {
    for (var algorithm : IntegrityAlgorithm.values()) {
      var key = known(plain, legacy(nonce(plain), algorithm), null, 0).key();
      assertEquals(IntegrityAlgorithm.SHA1, key.algorithm());
      assertArrayEquals(keyBy("MD5"), key.bytes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SHA256, MD5})
  void whoChoosesAnAlgorithmIsAnsweredByMessageIntegritySha256(String chosen) {
    byte[] expected = keyBy(chosen.equals(MD5) ? "MD5" : "SHA-256");
    for (var algorithm : IntegrityAlgorithm.values()) {
      var request = request(SHA256_THEN_MD5, chosen, new IntegrityKey(algorithm, expected));
      var key = known(plain, request, null, 0).key();
      assertEquals(IntegrityAlgorithm.SHA256, key.algorithm());
      assertArrayEquals(expected, key.bytes());
    }
  }

  @Test
  void theKeyIsThatOfTheChosenAlgorithm() {
    challenged(401, plain, request(SHA256_THEN_MD5, SHA256, sha256(keyBy("MD5"))), 0);
    challenged(401, plain, request(SHA256_THEN_MD5, MD5, sha256(keyBy("SHA-256"))), 0);
    challenged(401, plain, request(null, null, sha256(keyBy("SHA-256"))), 0);
  }

  @Test
  void oneOfTheTwoAttributesAloneIsABadRequest() {
    refused(request(SHA256_THEN_MD5, null, sha256(keyBy("MD5"))));
    refused(request(null, MD5, sha256(keyBy("MD5"))));
    refused(request(null, SHA256, sha256(keyBy("SHA-256"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", MD5, SHA256, "0001000000020000", "000200000001000000030000", "0002"})
  void aListOtherThanTheNoncesIsABadRequest(String list) {
    refused(request(list, MD5, sha256(keyBy("MD5"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0002", "00000000", "00030000", "00020004", "0002000000000000"})
  void anAlgorithmOutsideOfTheListIsABadRequest(String chosen) {
    refused(request(SHA256_THEN_MD5, chosen, sha256(keyBy("SHA-256"))));
  }

  @Test
  void theChecksOfTheAlgorithmsComeBetweenThoseOfNonceAndUser() {
    var foreign = signed(this::username, "foreign".getBytes(), null, MD5, sha256(keyBy("MD5")));
    challenged(438, plain, decode(foreign), 0);
    var unknown = "1:mallory".getBytes(StandardCharsets.UTF_8);
    var guess =
        signed(
            w -> w.bytes(Attribute.USERNAME, unknown),
            nonce(plain),
            null,
            MD5,
            sha256(new byte[16]));
    refused(decode(guess));
    byte[] stale = challenge(plain, 0).nonce();
    var late = signed(this::username, stale, null, MD5, sha256(keyBy("MD5")));
    refused(plain, decode(late), 700);
  }

  @Test
  void anIntegrityThatIsNotFullIsABadRequest() {
    for (int length = 0; length <= 40; length++) {
      if (length != 32) {
        var writer = writer(new byte[4]);
        username(writer).bytes(Attribute.REALM, REALM.getBytes());
        writer.bytes(Attribute.NONCE, nonce(plain));
        refused(decode(writer.bytes(Attribute.MESSAGE_INTEGRITY_SHA256, new byte[length])));
      }
    }
  }

  @Test
  void ofBothIntegritiesThatBySha256Counts() {
    byte[] key = keyBy("SHA-256");
    for (byte[] sha1Key : List.of(key, new byte[1])) {
      var both = signed(this::username, nonce(plain), SHA256_THEN_MD5, SHA256, sha1(sha1Key));
      known(plain, decode(both.integrity(integrity, sha256(key))), null, 0);
    }
    var wrong = signed(this::username, nonce(plain), SHA256_THEN_MD5, SHA256, sha1(key));
    challenged(401, plain, decode(wrong.integrity(integrity, sha256(new byte[1]))), 0);
  }

  @Test
  void noFeatureCanBeTakenOutOfANonceOrPutIn() {
    for (String cookie : new String[] {"gAAA", "wAAA", "AAAA", "QAAA", "/AAA", "gAAB", "gAA="}) {
      for (var authenticator : List.of(plain, anonymous)) {
        byte[] nonce = nonce(authenticator);
        boolean isSame = new String(nonce, 9, 4).equals(cookie);
        System.arraycopy(cookie.getBytes(), 0, nonce, 9, 4);
        var request = legacy(nonce, IntegrityAlgorithm.SHA1);
        if (isSame) {
          known(authenticator, request, null, 0);
        } else {
          challenged(438, authenticator, request, 0);
        }
      }
    }
  }

  @Test
  void aHashNamesWhomThisProcessKnows() {
    var known = known(anonymous, hashed(username, 0), null, 0);
    assertEquals(username, known.username());
    assertEquals(new UserId("alice"), known.credential().user());
    challenged(401, plain, hashed(username, 0), 0);
  }

  @Test
  void anUnknownHashAndAWrongPasswordAreAnsweredAlike() {
    var unknown = challenged(401, anonymous, hashed("1800003600:mallory", 0), 0);
    var writer = signed(hash(username), nonce(anonymous), null, null, sha256(new byte[16]));
    var wrong = challenged(401, anonymous, decode(writer), 0);
    assertArrayEquals(unknown.nonce(), wrong.nonce());
    assertEquals(0x800000, features(unknown)); // so that the client says its name
    known(anonymous, legacy(unknown.nonce(), IntegrityAlgorithm.SHA1), null, 0);
  }

  @Test
  void nobodyAuthenticatesByTheUsernameThatStandsInForAnUnknownHash() {
    String standIn = Long.toString(WALL_SECONDS + 1);
    var credential =
        new CredentialIssuer(SECRETS)
            .issue(UserId.NOBODY, Duration.ofSeconds(1), Instant.ofEpochSecond(WALL_SECONDS));
    assertEquals(standIn, credential.username());
    byte[] key = digest("MD5", standIn + ":" + REALM + ":" + credential.password());
    var request = signed(hash("unknown"), nonce(anonymous), null, null, sha1(key));
    challenged(401, anonymous, decode(request), 0);
  }

  @Test
  void theOwnerOfAnAllocationStaysKnownByItsHash() {
    var owner = known(anonymous, hashed(username, 0), null, 0);
    for (var authenticator : List.of(anonymous, plain)) {
      assertEquals(
          username, known(authenticator, hashed(username, 3_600), owner, 3_600).username());
    }
    challenged(401, plain, hashed(username, 3_600), 3_600);
  }

  @Test
  void aHashOfAnotherLengthIsABadRequest() {
    for (int length : new int[] {0, 31, 33}) {
      var writer =
          signed(
              w -> w.bytes(Attribute.USERHASH, new byte[length]),
              nonce(anonymous),
              null,
              null,
              sha1(keyBy("MD5")));
      refused(anonymous, decode(writer), 0);
    }
  }

  @Test
  void aStaleNonceIsFollowedByOneOfTheSameFeatures() {
    assertEquals(0xc00000, features(challenged(438, anonymous, hashed(username, 0), 601)));
    var byName = legacy(nonce(anonymous), IntegrityAlgorithm.SHA1);
    assertEquals(0x800000, features(challenged(438, anonymous, byName, 601)));
  }

  @Test
  void textsAreReadUpTo763Bytes() {
    for (int attribute : new int[] {Attribute.USERNAME, Attribute.REALM, Attribute.NONCE}) {
      for (int length : new int[] {763, 764}) {
        var writer = writer(new byte[4]).bytes(attribute, new byte[length]);
        username(writer).bytes(Attribute.REALM, REALM.getBytes());
        writer.bytes(Attribute.NONCE, nonce(plain)).integrity(integrity, sha1(keyBy("MD5")));
        var result = Requests.authenticate(plain, decode(writer), CLIENT, null, moment(0));
        assertEquals(length == 764, result instanceof AuthResult.Refused, length + "");
        assertFalse(result instanceof AuthResult.Known);
      }
    }
  }

  @Test
  void aRealmMustBeWhatClientsMakeOfIt() {
    assertThrows(IllegalArgumentException.class, () -> AuthSettings.of("e\u0301", SECRETS));
    assertThrows(
        IllegalArgumentException.class,
        () -> AuthSettings.of("another", SECRETS).withIssued(issued));
  }

  private Authenticator authenticator(AuthSettings by) {
    return new Authenticator(by, by.verifier(WALL_SECONDS), nonceKey, integrity);
  }

  private StunWriter username(StunWriter writer) {
    return writer.bytes(Attribute.USERNAME, username.getBytes(StandardCharsets.UTF_8));
  }

  private static UnaryOperator<StunWriter> hash(String name) {
    return w -> w.bytes(Attribute.USERHASH, digest("SHA-256", name + ":" + REALM));
  }

  private StunMessage legacy(byte[] nonce, IntegrityAlgorithm algorithm) {
    var key = new IntegrityKey(algorithm, keyBy("MD5"));
    return decode(signed(this::username, nonce, null, null, key));
  }

  private StunMessage request(@Nullable String list, @Nullable String chosen, IntegrityKey key) {
    return decode(signed(this::username, nonce(plain), list, chosen, key));
  }

  private StunMessage hashed(String name, long seconds) {
    byte[] nonce = challenge(anonymous, seconds).nonce();
    return decode(signed(hash(name), nonce, SHA256_THEN_MD5, SHA256, sha256(keyBy("SHA-256"))));
  }

  private StunWriter signed(
      UnaryOperator<StunWriter> user,
      byte[] nonce,
      @Nullable String list,
      @Nullable String chosen,
      IntegrityKey key) {
    var writer = user.apply(writer(new byte[4])).bytes(Attribute.REALM, REALM.getBytes());
    writer.bytes(Attribute.NONCE, nonce);
    if (list != null) {
      writer.bytes(Attribute.PASSWORD_ALGORITHMS, HexFormat.of().parseHex(list));
    }
    if (chosen != null) {
      writer.bytes(Attribute.PASSWORD_ALGORITHM, HexFormat.of().parseHex(chosen));
    }
    return writer.integrity(integrity, key);
  }

  private final io.netty.buffer.ByteBuf bytes = Unpooled.buffer();

  /// A request with one attribute to be ignored.
  private StunWriter writer(byte[] ignored) {
    bytes.clear();
    return new StunWriter(bytes, MessageClass.REQUEST, Method.REFRESH, new TransactionId(1, 2))
        .bytes(0xFFFF, ignored);
  }

  private StunMessage decode(StunWriter written) {
    var message = new StunMessage();
    var copy = bytes.copy();
    assertTrue(message.decode(copy, 0, copy.readableBytes()), written::toString);
    return message;
  }

  private Answer.Challenge challenge(Authenticator authenticator, long seconds) {
    return challenged(401, authenticator, decode(writer(new byte[4])), seconds);
  }

  private byte[] nonce(Authenticator authenticator) {
    var saved = bytes.copy();
    byte[] nonce = challenge(authenticator, 0).nonce();
    bytes.clear().writeBytes(saved);
    return nonce;
  }

  private static int features(Answer.Challenge challenge) {
    String nonce = new String(challenge.nonce(), StandardCharsets.US_ASCII);
    assertTrue(nonce.startsWith("obMatJos2"), nonce);
    byte[] bits = Base64.getDecoder().decode(nonce.substring(9, 13));
    return Integer.parseInt(hex(bits), 16);
  }

  private static IntegrityKey sha1(byte[] key) {
    return new IntegrityKey(IntegrityAlgorithm.SHA1, key);
  }

  private static IntegrityKey sha256(byte[] key) {
    return new IntegrityKey(IntegrityAlgorithm.SHA256, key);
  }

  private byte[] keyBy(String digest) {
    return digest(digest, username + ":" + REALM + ":" + password);
  }

  private static byte[] digest(String algorithm, String text) {
    try {
      return MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String hex(byte[] value) {
    return HexFormat.of().formatHex(value);
  }

  private AuthResult.Known known(
      Authenticator authenticator,
      StunMessage request,
      AuthResult.@Nullable Known remembered,
      long seconds) {
    var result = Requests.authenticate(authenticator, request, CLIENT, remembered, moment(seconds));
    return assertInstanceOf(AuthResult.Known.class, result);
  }

  private static Answer.Challenge challenged(
      int code, Authenticator authenticator, StunMessage request, long seconds) {
    var result = Requests.authenticate(authenticator, request, CLIENT, null, moment(seconds));
    var challenge = assertInstanceOf(AuthResult.Challenge.class, result).answer();
    assertEquals(code, challenge.error().code());
    return challenge;
  }

  private void refused(StunMessage request) {
    refused(plain, request, 0);
  }

  private static void refused(Authenticator authenticator, StunMessage request, long seconds) {
    var result = Requests.authenticate(authenticator, request, CLIENT, null, moment(seconds));
    assertEquals(ErrorCode.BAD_REQUEST, assertInstanceOf(AuthResult.Refused.class, result).error());
  }

  private static Moment moment(long seconds) {
    return new Moment(TimeUnit.SECONDS.toNanos(seconds), WALL_SECONDS + seconds);
  }
}

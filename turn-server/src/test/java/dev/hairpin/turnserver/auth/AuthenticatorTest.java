package dev.hairpin.turnserver.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.CredentialVerifier;
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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticatorTest {
  private static final String REALM = "example.org";
  private static final SharedSecrets SECRETS = SharedSecrets.of("secret");
  private static final TransportAddress CLIENT = client("192.0.2.1", 40_000);
  private static final long WALL_SECONDS = 1_800_000_000;

  private final MessageIntegrity integrity = new MessageIntegrity();
  private final Authenticator authenticator = authenticator();
  private final String username;
  private final String password;

  AuthenticatorTest() {
    var credential =
        new CredentialIssuer(SECRETS)
            .issue(new UserId("alice"), Duration.ofHours(1), Instant.ofEpochSecond(WALL_SECONDS));
    username = credential.username();
    password = credential.password();
  }

  @Test
  void aRequestWithoutIntegrityIsChallenged() {
    var challenge = challenged(ErrorCode.UNAUTHENTICATED, ask(null, null, null, null, CLIENT, 0));
    assertEquals(REALM, challenge.realm());
  }

  @Test
  void theRightPasswordIsKnown() throws Exception {
    var known = known(ask(username, REALM, nonce(CLIENT, 0), password, CLIENT, 0));
    assertEquals(new UserId("alice"), known.credential().user());
    assertEquals(username, known.username());
  }

  @Test
  void anythingMissingBesideTheIntegrityIsABadRequest() throws Exception {
    byte[] nonce = nonce(CLIENT, 0);
    refused(ask(null, REALM, nonce, password, CLIENT, 0));
    refused(ask(username, null, nonce, password, CLIENT, 0));
    refused(ask(username, REALM, null, password, CLIENT, 0));
  }

  @Test
  void aWrongPasswordAnUnknownUserAndAWrongRealmAreAllTheSame() throws Exception {
    byte[] nonce = nonce(CLIENT, 0);
    challenged(ErrorCode.UNAUTHENTICATED, ask(username, REALM, nonce, "guess", CLIENT, 0));
    challenged(ErrorCode.UNAUTHENTICATED, ask("mallory", REALM, nonce, password, CLIENT, 0));
    challenged(ErrorCode.UNAUTHENTICATED, ask(username, "elsewhere", nonce, password, CLIENT, 0));
  }

  @Test
  void aCredentialEndsAtItsExpiryButNotForTheAllocationThatItOpened() throws Exception {
    byte[] nonce = nonce(CLIENT, 3_600);
    challenged(ErrorCode.UNAUTHENTICATED, ask(username, REALM, nonce, password, CLIENT, 3_600));
    var remembered = known(ask(username, REALM, nonce(CLIENT, 0), password, CLIENT, 0));
    var message = request(username, REALM, nonce, password);
    var later = Requests.authenticate(authenticator, message, CLIENT, remembered, moment(3_600));
    assertEquals(remembered.username(), known(later).username());
  }

  @Test
  void aRememberedOwnerStillHasToShowThePassword() throws Exception {
    var remembered = known(ask(username, REALM, nonce(CLIENT, 0), password, CLIENT, 0));
    var forged = request(username, REALM, nonce(CLIENT, 0), "guess");
    challenged(
        ErrorCode.UNAUTHENTICATED,
        Requests.authenticate(authenticator, forged, CLIENT, remembered, moment(0)));
  }

  @Test
  void aNonceBelongsToOneAddressAndPort() throws Exception {
    byte[] nonce = nonce(CLIENT, 0);
    for (var other :
        new TransportAddress[] {client("192.0.2.1", 40_001), client("192.0.2.2", 40_000)}) {
      challenged(ErrorCode.STALE_NONCE, ask(username, REALM, nonce, password, other, 0));
    }
  }

  @Test
  void aNonceIsStaleAfterItsLifetimeForThoseWhoKnowThePassword() throws Exception {
    byte[] nonce = nonce(CLIENT, 100);
    known(ask(username, REALM, nonce, password, CLIENT, 700));
    challenged(ErrorCode.STALE_NONCE, ask(username, REALM, nonce, password, CLIENT, 701));
    challenged(ErrorCode.UNAUTHENTICATED, ask(username, REALM, nonce, "guess", CLIENT, 701));
  }

  @Test
  void theNonceOfAStaleAnswerIsGood() throws Exception {
    var stale = ask(username, REALM, nonce(CLIENT, 0), password, CLIENT, 601);
    byte[] fresh = challenged(ErrorCode.STALE_NONCE, stale).nonce();
    known(ask(username, REALM, fresh, password, CLIENT, 601));
  }

  @Test
  void anOwnerIsRememberedByItsKeyAlone() throws Exception {
    var known = known(ask(username, REALM, nonce(CLIENT, 0), password, CLIENT, 0));
    assertArrayEquals(key(username + ":" + REALM + ":" + password), known.key().bytes());
    for (var component : AuthResult.Known.class.getRecordComponents()) {
      assertNotEquals(password, String.valueOf(component.getAccessor().invoke(known)));
    }
  }

  /// A user is too long long before, but that is no malformed request (RFC 8489 §14.3).
  @Test
  void aUsernameOf763BytesIsRead() throws Exception {
    byte[] nonce = nonce(CLIENT, 0);
    challenged(ErrorCode.UNAUTHENTICATED, ask("x".repeat(763), REALM, nonce, password, CLIENT, 0));
    refused(ask("x".repeat(764), REALM, nonce, password, CLIENT, 0));
  }

  @Test
  void aKnownClientIsPrintedWithoutItsKey() throws Exception {
    var known = known(ask(username, REALM, nonce(CLIENT, 0), password, CLIENT, 0));
    assertEquals("Known[" + username + "]", known.toString());
  }

  @Test
  void aRealmHasAtMost127Characters() {
    assertEquals(127, AuthSettings.of("x".repeat(127), SECRETS).realm().length());
    assertEquals("a realm", AuthSettings.of("a realm", SECRETS).realm());
    for (String bad : new String[] {"", "x".repeat(128), "a \"realm\"", "a\trealm"}) {
      assertThrows(IllegalArgumentException.class, () -> AuthSettings.of(bad, SECRETS));
    }
  }

  @Test
  void noAlteredNonceIsTaken() throws Exception {
    byte[] nonce = nonce(CLIENT, 0);
    for (int i = 0; i < nonce.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] altered = nonce.clone();
        altered[i] ^= (byte) (1 << bit);
        challenged(ErrorCode.STALE_NONCE, ask(username, REALM, altered, password, CLIENT, 0));
      }
    }
    for (String foreign : new String[] {"", "f//499k954d6OL34oL9FSTvy64sA", "x".repeat(763)}) {
      challenged(
          ErrorCode.STALE_NONCE, ask(username, REALM, foreign.getBytes(), password, CLIENT, 0));
    }
    refused(ask(username, REALM, "x".repeat(764).getBytes(), password, CLIENT, 0));
  }

  @Test
  void noncesOfDifferentClientsAndSecondsDiffer() {
    var seen = new HashSet<String>();
    for (int port = 1; port <= 1_000; port++) {
      seen.add(new String(nonce(client("192.0.2.1", port), port % 10)));
    }
    assertEquals(1_000, seen.size());
    var elsewhere = authenticator();
    var answer =
        Requests.authenticate(elsewhere, request(null, null, null, null), CLIENT, null, moment(0));
    byte[] foreign = challenged(ErrorCode.UNAUTHENTICATED, answer).nonce();
    assertNotEquals(new String(nonce(CLIENT, 0)), new String(foreign));
  }

  /// The order of the checks: whether the nonce is ours, who signs, how old the nonce is.
  @ParameterizedTest
  @CsvSource({
    "fresh,          none,  401",
    "fresh,          wrong, 401",
    "fresh,          right, 0",
    "stale,          none,  401",
    "stale,          wrong, 401",
    "stale,          right, 438",
    "of the future,  wrong, 401",
    "of the future,  right, 438",
    "slightly ahead, right, 0",
    "of another,     none,  401",
    "of another,     wrong, 438",
    "of another,     right, 438",
    "altered,        none,  401",
    "altered,        wrong, 438",
    "altered,        right, 438"
  })
  void nonceAndSignatureTogetherDecide(String kind, String signature, int code) throws Exception {
    var other = client("192.0.2.1", 40_001);
    byte[] nonce =
        switch (kind) {
          case "stale" -> nonce(CLIENT, 99);
          case "of the future" -> nonce(CLIENT, 706);
          case "slightly ahead" -> nonce(CLIENT, 705);
          case "of another" -> nonce(other, 700);
          default -> nonce(CLIENT, 700);
        };
    if (kind.equals("altered")) {
      nonce[27] ^= 1;
    }
    var secret =
        switch (signature) {
          case "none" -> null;
          case "wrong" -> "guess";
          default -> password;
        };
    var result = ask(username, REALM, nonce, secret, CLIENT, 700);
    if (code == 0) {
      known(result);
      return;
    }
    var challenge = assertInstanceOf(AuthResult.Challenge.class, result).answer();
    assertEquals(code, challenge.error().code());
    assertEquals(8, challenge.passwordAlgorithms().length);
    known(ask(username, REALM, challenge.nonce(), password, CLIENT, 700));
  }

  @Test
  void aNonceOfAnyLengthIsAnswered() throws Exception {
    for (int length = 0; length < 900; length++) {
      var result = ask(username, REALM, new byte[length], password, CLIENT, 0);
      assertEquals(length > 763, result instanceof AuthResult.Refused, length + "");
      assertEquals(length <= 763, result instanceof AuthResult.Challenge, length + "");
    }
    refused(ask(username, REALM, new byte[60_000], password, CLIENT, 0));
  }

  @Test
  void aMillionNoncesAreAllDifferent() {
    var made = new long[1_000_000];
    var factory = new NonceFactory(new ProcessKeys());
    for (int i = 0; i < made.length; i++) {
      var at = client("192.0.2." + i % 5, 1 + i % 50_000);
      byte[] nonce = factory.create(NonceFactory.Cookie.PASSWORD_ALGORITHMS, at, i / 50_000);
      byte[] raw = Base64.getUrlDecoder().decode(new String(nonce, 13, 15, US_ASCII));
      made[i] = ByteBuffer.wrap(raw, 3, 8).getLong(); // one byte of the time, and the MAC
    }
    assertEquals(made.length, Arrays.stream(made).distinct().count());
  }

  @Test
  void nothingIsKeptOfThoseWhoAreChallenged() throws Exception {
    byte[] nonce = nonce(CLIENT, 0);
    long before = usedHeap();
    for (int i = 0; i < 200_000; i++) {
      var source = client("198.51.100." + i % 250, 1_024 + i / 250);
      challenged(ErrorCode.UNAUTHENTICATED, ask(null, null, null, null, source, 0));
    }
    for (int i = 0; i < 20_000; i++) {
      challenged(ErrorCode.UNAUTHENTICATED, ask("1:u" + i, REALM, nonce, "guess", CLIENT, 0));
    }
    long kept = usedHeap() - before;
    assertTrue(kept < 1 << 20, () -> kept + " bytes are kept");
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      var runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  /// A right signature under a name that is none is no way in, and no name makes an exception.
  @Test
  void strangeUsernamesAreUnknownUsers() throws Exception {
    byte[] nonce = nonce(CLIENT, 0);
    var names = new ArrayList<String>();
    for (int codePoint : new int[] {0, 1, 0x1f, 0x7f, 0x85, 0xad, 0x200b, 0x202e, 0x2028, 0xfeff}) {
      for (String form : List.of("%s", "%sx", "x%s", "a%sb", "  %s ")) {
        names.add((WALL_SECONDS + 60) + ":" + form.formatted(Character.toString(codePoint)));
      }
    }
    for (String form : List.of("%s", "x%s", "%s:x", "1%s", "%s1", "%s000000000:x")) {
      for (int digit : new int[] {0x661, 0x967, 0xff11, 0x1d7cf, '+', '-', ' ', '.', 'e', '"'}) {
        names.add(form.formatted(Character.toString(digit)));
      }
    }
    for (String name : names) {
      var signer = new CredentialVerifier(SECRETS, Duration.ofDays(2), Duration.ZERO);
      var secret = signer.accepted(null, 0).getFirst();
      var right = secret.password(SharedSecrets.newMac(), name);
      challenged(ErrorCode.UNAUTHENTICATED, ask(name, REALM, nonce, right, CLIENT, 0));
    }
    assertTrue(names.size() > 100);
  }

  @Test
  void aZeroByteEndsNoComparison() throws Exception {
    byte[] nonce = nonce(CLIENT, 0);
    for (String name : List.of(username + "\u0000", username + "\u0000x", "\u0000" + username)) {
      challenged(ErrorCode.UNAUTHENTICATED, ask(name, REALM, nonce, password, CLIENT, 0));
    }
    challenged(
        ErrorCode.UNAUTHENTICATED, ask(username, REALM + "\u0000", nonce, password, CLIENT, 0));
  }

  @Test
  void usernamesAndRealmsThatAreNotUtf8AreUnknown() {
    var requests = new Requests();
    var mine = Requests.Credential.of(SECRETS, "alice", Duration.ofHours(1));
    byte[] nonce = requests.nonce(authenticator, moment(0));
    for (int i = 0x80; i <= 0xff; i++) {
      for (byte[] name :
          List.of(new byte[] {(byte) i}, new byte[] {'1', ':', (byte) i, (byte) 0xc0})) {
        var result =
            Requests.authenticate(
                authenticator,
                requests.signed(name, mine, nonce),
                Requests.CLIENT,
                null,
                moment(0));
        challenged(ErrorCode.UNAUTHENTICATED, result);
      }
    }
  }

  private Authenticator authenticator() {
    var settings = AuthSettings.of(REALM, SECRETS);
    return new Authenticator(
        settings, settings.verifier(WALL_SECONDS), new ProcessKeys(), integrity);
  }

  private byte[] nonce(TransportAddress client, long seconds) {
    return challenged(ErrorCode.UNAUTHENTICATED, ask(null, null, null, null, client, seconds))
        .nonce();
  }

  private AuthResult ask(
      @Nullable String user,
      @Nullable String realm,
      byte @Nullable [] nonce,
      @Nullable String secret,
      TransportAddress client,
      long seconds) {
    var message = request(user, realm, nonce, secret);
    return Requests.authenticate(authenticator, message, client, null, moment(seconds));
  }

  private StunMessage request(
      @Nullable String user,
      @Nullable String realm,
      byte @Nullable [] nonce,
      @Nullable String secret) {
    var bytes = Unpooled.buffer();
    var writer =
        new StunWriter(bytes, MessageClass.REQUEST, Method.REFRESH, new TransactionId(1, 2))
            .integer(Attribute.LIFETIME, 600);
    if (user != null) {
      writer.bytes(Attribute.USERNAME, user.getBytes(StandardCharsets.UTF_8));
    }
    if (realm != null) {
      writer.bytes(Attribute.REALM, realm.getBytes(StandardCharsets.UTF_8));
    }
    if (nonce != null) {
      writer.bytes(Attribute.NONCE, nonce);
    }
    if (secret != null) {
      byte[] key = key(user + ":" + realm + ":" + secret);
      writer.integrity(integrity, new IntegrityKey(IntegrityAlgorithm.SHA1, key));
    }
    var message = new StunMessage();
    assertEquals(true, message.decode(bytes, 0, bytes.readableBytes()));
    return message;
  }

  private static byte[] key(String text) {
    try {
      return MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static AuthResult.Known known(AuthResult result) {
    return assertInstanceOf(AuthResult.Known.class, result);
  }

  private static Answer.Challenge challenged(ErrorCode error, AuthResult result) {
    var challenge = assertInstanceOf(AuthResult.Challenge.class, result).answer();
    assertEquals(error, challenge.error());
    return challenge;
  }

  private static void refused(AuthResult result) {
    assertEquals(ErrorCode.BAD_REQUEST, assertInstanceOf(AuthResult.Refused.class, result).error());
  }

  private static Moment moment(long seconds) {
    return new Moment(TimeUnit.SECONDS.toNanos(seconds), WALL_SECONDS + seconds);
  }

  private static TransportAddress client(String ip, int port) {
    return new TransportAddress(IpAddress.parse(ip), port);
  }
}

package dev.hairpin.turnserver.auth;

import static dev.hairpin.turnserver.auth.Requests.CLIENT;
import static dev.hairpin.turnserver.auth.Requests.REALM;
import static dev.hairpin.turnserver.auth.Requests.after;
import static dev.hairpin.turnserver.auth.Requests.codeOf;
import static dev.hairpin.turnserver.auth.Requests.known;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.Requests.Credential;
import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.MessageDigestSpi;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.MacSpi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a request costs, in MACs and digests that are computed, and in objects that compute them.
/// They are counted by a provider of algorithms that stands before the system's.
class AuthenticatorWorkTest {
  private static final SharedSecrets SECRETS = SharedSecrets.of("newest", "middle", "oldest");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Moment NOW = after(Duration.ofMinutes(1));

  private final Counting counting = new Counting();
  private final Requests requests = new Requests();
  private final AuthSettings settings = Requests.settings(SECRETS, HOUR, false);
  private final CredentialVerifier verifier = settings.verifier(NOW.wallSeconds());

  @Nullable private Authenticator authenticator;

  @BeforeEach
  void count() {
    Security.insertProviderAt(counting, 1);
    authenticator =
        new Authenticator(settings, verifier, new ProcessKeys(), new MessageIntegrity());
    known(requests.ask(authenticator, alice("warm up"), null, NOW)); // makes what is made once
  }

  @AfterEach
  void countNoMore() {
    Security.removeProvider(counting.getName());
  }

  /// How often a message was hashed, and how many objects were made for it.
  private record Work(int macs, int digests, int objects) {}

  @Test
  void aStrangerCostsOneMacAndAForgedNonceTwo() {
    assertEquals(new Work(1, 0, 0), workOf(requests.unsigned(), null));
    var forged = requests.signed(alice("alice"), new byte[28]);
    assertEquals(new Work(1, 0, 0), workOf(forged, null));
    byte[] nonce = nonce();
    nonce[20] ^= 1;
    assertEquals(new Work(2, 0, 0), workOf(requests.signed(alice("alice"), nonce), null));
  }

  @Test
  void aUsernameIsTriedWithEverySecretOnceAndThenByItsKeyAlone() {
    var first = requests.signed(alice("alice"), nonce());
    int nonceAndNobodysKey = 2;
    assertEquals(new Work(nonceAndNobodysKey + 2 * 3, 3, 0), workOf(first, null));
    assertEquals(new Work(2, 0, 0), workOf(first, null));
  }

  @Test
  void theOwnerOfAnAllocationCostsOneMacOverTheMessageWhateverElseHappens() {
    var alice = alice("alice");
    var owner = known(requests.ask(authenticator(), alice, null, NOW));
    var elsewhere = authenticator(SECRETS);
    known(requests.ask(elsewhere, alice("warm up"), null, NOW));
    var request = requests.signed(alice, requests.nonce(elsewhere, NOW));
    counting.reset();
    known(Requests.authenticate(elsewhere, request, CLIENT, owner, NOW));
    assertEquals(new Work(2, 0, 0), counting.work());
  }

  @Test
  void whichSecretIsTheRightOneMakesNoDifference() {
    var seen = new LinkedHashMap<String, Work>();
    for (String secret : new String[] {"newest", "middle", "oldest"}) {
      var credential = Credential.of(SharedSecrets.of(secret), "by " + secret, HOUR);
      seen.put(secret, workOf(requests.signed(credential, nonce()), null));
    }
    assertEquals(1, Map.copyOf(seen).values().stream().distinct().count(), seen::toString);
  }

  /// The answers are the same too, so neither the time nor the bytes tell which usernames there
  /// are.
  @Test
  void everyWayOfBeingNobodyCostsTheSameAndIsAnsweredAlike() {
    var alice = alice("alice");
    known(requests.ask(authenticator(), alice, null, NOW));
    verifier.revoke("", "*:revoked", NOW.wallSeconds());
    var few = new Tenant("few", REALM, "", SharedSecrets.of("one"), List.of());
    var many = new Tenant("many", "a realm", "", SharedSecrets.of("1", "2", "3", "4"), List.of());
    verifier.apply(List.of(few, many), NOW.wallSeconds());
    var ways = new LinkedHashMap<String, StunMessage>();
    ways.put("never seen", requests.signed(alice("bob").withPassword("guess"), nonce()));
    ways.put("seen before", requests.signed(alice.withPassword("guess"), nonce()));
    ways.put("no username", requests.signed(new Credential("mallory", "guess"), nonce()));
    ways.put("expired", requests.signed(new Credential("1000000000:alice", "guess"), nonce()));
    ways.put("too far ahead", requests.signed(new Credential("4000000000:alice", "x"), nonce()));
    ways.put("revoked", requests.signed(alice("revoked"), nonce()));
    for (String tenant : new String[] {"few", "many", "unknown"}) {
      var end = NOW.wallSeconds() + 60;
      var guess = new Credential(end + ":~tenant=" + tenant + "~alice", "guess");
      ways.put("of the tenant " + tenant, requests.signed(guess, nonce()));
      var byServers = new Credential(guess.username(), password(guess.username()));
      ways.put("by the server's secret, of " + tenant, requests.signed(byServers, nonce()));
    }
    ways.put("no UTF-8", requests.signed(new byte[] {(byte) 0xff}, alice, nonce()));
    var seen = new LinkedHashMap<String, Work>();
    byte @Nullable [] answer = null;
    for (var way : ways.entrySet()) {
      counting.reset();
      var result = Requests.authenticate(authenticator(), way.getValue(), CLIENT, null, NOW);
      seen.put(way.getKey(), counting.work());
      assertEquals(401, codeOf(result), way.getKey());
      byte[] nonce = Requests.challenge(result).nonce();
      assertArrayEquals(answer == null ? nonce : answer, nonce, way.getKey());
      answer = nonce;
    }
    assertEquals(1, seen.values().stream().distinct().count(), seen::toString);
  }

  @Test
  void strangersPushNobodysKeyOut() {
    var alice = alice("alice");
    known(requests.ask(authenticator(), alice, null, NOW));
    byte[] nonce = nonce();
    for (int i = 0; i <= Keys.MAX_KEPT; i++) {
      var guess = requests.signed(alice("stranger " + i).withPassword("guess"), nonce);
      assertEquals(401, codeOf(Requests.authenticate(authenticator(), guess, CLIENT, null, NOW)));
    }
    assertEquals(new Work(2, 0, 0), workOf(requests.signed(alice, nonce), null));
  }

  @Test
  void onlySoManyKeysAreKept() {
    var keys = new Keys();
    var secret = SECRETS.accepted(0).getFirst();
    for (int i = 0; i < 2 * Keys.MAX_KEPT; i++) {
      keys.keep(new Keys.Name("user " + i, REALM, PasswordAlgorithm.MD5), secret, new byte[16]);
      assertTrue(
          keys.find(new Keys.Name("user 0", REALM, PasswordAlgorithm.MD5), SECRETS.accepted(0))
              != null);
    }
    assertEquals(Keys.MAX_KEPT, keys.kept.size());
    assertEquals(
        null,
        keys.find(new Keys.Name("user 1", REALM, PasswordAlgorithm.MD5), SECRETS.accepted(0)));
    assertEquals(
        null,
        keys.find(new Keys.Name("user 0", REALM, PasswordAlgorithm.SHA_256), SECRETS.accepted(0)));
    var others = SharedSecrets.of("another").accepted(0);
    assertEquals(null, keys.find(new Keys.Name("user 0", REALM, PasswordAlgorithm.MD5), others));
  }

  private static String password(String username) {
    return SECRETS.accepted(0).getFirst().password(SharedSecrets.newMac(), username);
  }

  private Authenticator authenticator(SharedSecrets secrets) {
    var other = Requests.settings(secrets, HOUR, false);
    return new Authenticator(
        other, other.verifier(NOW.wallSeconds()), new ProcessKeys(), new MessageIntegrity());
  }

  private Authenticator authenticator() {
    var made = authenticator;
    if (made == null) {
      throw new IllegalStateException();
    }
    return made;
  }

  private static Credential alice(String name) {
    return Credential.of(SECRETS, name, HOUR);
  }

  private byte[] nonce() {
    return requests.nonce(authenticator(), NOW);
  }

  private Work workOf(StunMessage request, AuthResult.@Nullable Known owner) {
    counting.reset();
    var _ = Requests.authenticate(authenticator(), request, CLIENT, owner, NOW);
    return counting.work();
  }

  /// Counts what this thread does by the algorithms in use here.
  @SuppressWarnings("serial")
  private static final class Counting extends Provider {
    private final transient Thread thread = Thread.currentThread();
    private int macs;
    private int digests;
    private int objects;

    Counting() {
      super("Counting", "1", "counts");
      for (String mac : new String[] {"HmacSHA1", "HmacSHA256"}) {
        putService(new Counted("Mac", mac));
      }
      for (String digest : new String[] {"MD5", "SHA-256"}) {
        putService(new Counted("MessageDigest", digest));
      }
    }

    void reset() {
      macs = 0;
      digests = 0;
      objects = 0;
    }

    Work work() {
      return new Work(macs, digests, objects);
    }

    private boolean isWatched() {
      return Thread.currentThread().equals(thread);
    }

    private final class Counted extends Service {
      Counted(String type, String algorithm) {
        super(Counting.this, type, algorithm, "counted", null, null);
      }

      @Override
      public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
        objects += isWatched() ? 1 : 0;
        return getType().equals("Mac")
            ? new CountedMac(system(getAlgorithm()))
            : new CountedDigest(
                MessageDigest.getInstance(getAlgorithm(), Security.getProvider("SUN")));
      }

      private Mac system(String algorithm) throws NoSuchAlgorithmException {
        return Mac.getInstance(algorithm, Security.getProvider("SunJCE"));
      }
    }

    private final class CountedMac extends MacSpi {
      private final Mac mac;

      CountedMac(Mac mac) {
        this.mac = mac;
      }

      @Override
      protected int engineGetMacLength() {
        return mac.getMacLength();
      }

      @Override
      protected void engineInit(Key key, AlgorithmParameterSpec parameters) {
        try {
          mac.init(key);
        } catch (GeneralSecurityException e) {
          throw new IllegalStateException(e);
        }
      }

      @Override
      protected void engineUpdate(byte input) {
        mac.update(input);
      }

      @Override
      protected void engineUpdate(byte[] input, int offset, int length) {
        mac.update(input, offset, length);
      }

      @Override
      protected byte[] engineDoFinal() {
        macs += isWatched() ? 1 : 0;
        return mac.doFinal();
      }

      @Override
      protected void engineReset() {
        mac.reset();
      }
    }

    private final class CountedDigest extends MessageDigestSpi {
      private final MessageDigest digest;

      CountedDigest(MessageDigest digest) {
        this.digest = digest;
      }

      @Override
      protected void engineUpdate(byte input) {
        digest.update(input);
      }

      @Override
      protected void engineUpdate(byte[] input, int offset, int length) {
        digest.update(input, offset, length);
      }

      @Override
      protected byte[] engineDigest() {
        digests += isWatched() ? 1 : 0;
        return digest.digest();
      }

      @Override
      protected void engineReset() {
        digest.reset();
      }
    }
  }
}

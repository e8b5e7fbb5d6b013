package dev.hairpin.turnserver.credential;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.net.Jca;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The secrets that issuer and verifier share, newest first: the first whose time has come signs,
/// all verify, so that a secret can be changed without a moment in which credentials fail. Never
/// printed.
public final class SharedSecrets {
  private static final int MAX_SECRETS = 8;
  private static final int GENERATED_BYTES = 32;
  private static final String ALGORITHM = "HmacSHA1";
  private static final Pattern LINE =
      Pattern.compile("(.*?)(?: +not-before=(\\S+)| +not-after=(\\S+))*");

  /// Nobody has them.
  private static final List<Secret> DECOYS =
      parse(Stream.generate(SharedSecrets::generate).limit(MAX_SECRETS).toList()).secrets;

  private final List<Secret> secrets;
  private final long firstEnd;

  private SharedSecrets(List<Secret> secrets) {
    int count = secrets.size();
    require(count >= 1 && count <= MAX_SECRETS, "1 to " + MAX_SECRETS + " secrets are needed");
    this.secrets = List.copyOf(secrets);
    this.firstEnd = secrets.stream().mapToLong(Secret::notAfter).min().orElseThrow();
  }

  /// One secret, and when it is in force.
  ///
  /// @param notBefore in seconds since 1970: it signs nothing earlier, so that all who verify can
  ///   be given it in time
  /// @param notAfter it signs and verifies nothing later
  public record Secret(SecretKeySpec key, long notBefore, long notAfter) {
    /// base64(HMAC-SHA1(secret, username)).
    ///
    /// @param mac of [SharedSecrets#newMac()]
    public String password(Mac mac, String username) {
      return Base64.getEncoder().encodeToString(hmac(mac, username));
    }

    private byte[] hmac(Mac mac, String text) {
      return Jca.keyed(mac, key).doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "Secret";
    }
  }

  /// Each text is a secret as it stands.
  public static SharedSecrets of(String... newestFirst) {
    return new SharedSecrets(
        Stream.of(newestFirst).map(text -> secret(text, 0, Long.MAX_VALUE)).toList());
  }

  private static Secret secret(String text, long notBefore, long notAfter) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Secret(new SecretKeySpec(bytes, ALGORITHM), notBefore, notAfter);
  }

  /// Reads one secret a line, newest first, each perhaps followed by ` not-before=` and `
  /// not-after=` with an instant (ISO 8601), in any order.
  ///
  /// @throws IllegalArgumentException with a reason that shows nothing of them
  public static SharedSecrets parse(List<String> lines) {
    return new SharedSecrets(lines.stream().map(SharedSecrets::parseLine).toList());
  }

  private static Secret parseLine(String line) {
    var parts = LINE.matcher(line);
    require(parts.matches() && !parts.group(1).isEmpty(), "a line holds no secret");
    return secret(
        parts.group(1), seconds(parts.group(2), 0), seconds(parts.group(3), Long.MAX_VALUE));
  }

  private static long seconds(@Nullable String instant, long standard) {
    try {
      return instant == null ? standard : Instant.parse(instant).getEpochSecond();
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "'" + instant + "' is not an instant like 2027-01-31T12:00:00Z", e);
    }
  }

  /// A new secret of 256 random bits, in URL-safe letters.
  public static String generate() {
    var bytes = new byte[GENERATED_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// What passwords are computed by; confined to one thread.
  public static Mac newMac() {
    return Jca.get(() -> Mac.getInstance(ALGORITHM));
  }

  /// Those that verify.
  public List<Secret> accepted(long nowSeconds) {
    return nowSeconds <= firstEnd
        ? secrets // as a rule, and asked with every request
        : secrets.stream().filter(secret -> nowSeconds <= secret.notAfter()).toList();
  }

  /// Those, and as many as make up the number that nobody has: how many verify does not show by the
  /// time that it takes to try them.
  List<Secret> accepted(long nowSeconds, int atLeast) {
    var accepted = accepted(nowSeconds);
    return accepted.size() >= atLeast
        ? accepted
        : Stream.concat(accepted.stream(), DECOYS.stream()).limit(atLeast).toList();
  }

  int size() {
    return secrets.size();
  }

  /// The password that an issuer gives to a username.
  String sign(String username, long nowSeconds) {
    return accepted(nowSeconds).stream()
        .filter(secret -> secret.notBefore() <= nowSeconds)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no secret is in force"))
        .password(newMac(), username);
  }

  /// A key for another purpose from each of those that verify, the one that signs first:
  /// HMAC-SHA256(secret, label).
  List<byte[]> derive(String label, long nowSeconds) {
    var mac = Jca.get(() -> Mac.getInstance("HmacSHA256"));
    return accepted(nowSeconds).stream()
        .sorted(Comparator.comparing(secret -> secret.notBefore() > nowSeconds))
        .map(secret -> secret.hmac(mac, label))
        .toList();
  }

  @Override
  public String toString() {
    return "SharedSecrets[" + secrets.size() + "]";
  }
}

package dev.hairpin.turnserver.credential;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The secrets that issuer and verifier share, newest first: the first signs, all verify, so that a
/// secret can be changed without a moment in which credentials fail. Never printed.
public final class SharedSecrets {
  private static final int MAX_SECRETS = 8;
  private static final int GENERATED_BYTES = 32;

  private final List<SecretKeySpec> keys;

  private SharedSecrets(List<String> secrets) {
    if (secrets.isEmpty() || secrets.size() > MAX_SECRETS) {
      throw new IllegalArgumentException("1 to " + MAX_SECRETS + " secrets are needed");
    }
    this.keys =
        secrets.stream()
            .map(s -> new SecretKeySpec(s.getBytes(StandardCharsets.UTF_8), "HmacSHA1"))
            .toList();
  }

  public static SharedSecrets of(String newest, String... older) {
    var secrets = new ArrayList<String>();
    secrets.add(newest);
    secrets.addAll(List.of(older));
    return new SharedSecrets(secrets);
  }

  /// Reads one secret a line, newest first; blank lines and lines that start with `#` are passed
  /// over.
  public static SharedSecrets read(Path file) throws IOException {
    return new SharedSecrets(
        Files.readAllLines(file).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .toList());
  }

  /// A new secret of 256 random bits, in URL-safe letters.
  public static String generate() {
    var bytes = new byte[GENERATED_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  public int count() {
    return keys.size();
  }

  /// base64(HMAC-SHA1(secret, username)) by the secret at this place.
  String password(int index, String username) {
    try {
      var mac = Mac.getInstance("HmacSHA1");
      mac.init(keys.get(index));
      byte[] digest = mac.doFinal(username.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HmacSHA1", e);
    }
  }

  @Override
  public String toString() {
    return "SharedSecrets[" + keys.size() + "]";
  }
}

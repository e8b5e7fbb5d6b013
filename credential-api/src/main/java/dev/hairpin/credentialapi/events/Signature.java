package dev.hairpin.credentialapi.events;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs messages as the Standard Webhooks specification has it: HMAC-SHA256 over the id, the time
/// and the body, by each of the secrets.
final class Signature {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PREFIX = "whsec_";

  private final List<SecretKeySpec> keys;

  Signature(List<String> secrets) {
    keys = secrets.stream().map(s -> new SecretKeySpec(bytes(s), ALGORITHM)).toList();
  }

  /// One that begins with `whsec_` is in Base64 behind it; any other is taken as it is.
  private static byte[] bytes(String secret) {
    if (secret.startsWith(PREFIX)) {
      try {
        return Base64.getDecoder().decode(secret.substring(PREFIX.length()));
      } catch (IllegalArgumentException _) {
        throw new IllegalArgumentException("a webhook secret is no Base64 behind " + PREFIX);
      }
    }
    return secret.getBytes(StandardCharsets.UTF_8);
  }

  /// What the header `webhook-signature` says.
  String of(String id, long seconds, byte[] body) {
    return keys.stream()
        .map(key -> "v1," + Base64.getEncoder().encodeToString(mac(key, id, seconds, body)))
        .collect(Collectors.joining(" "));
  }

  private static byte[] mac(SecretKeySpec key, String id, long seconds, byte[] body) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update((id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + ALGORITHM, e);
    }
  }
}

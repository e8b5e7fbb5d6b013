package dev.hairpin.credentialapi;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Makes tokens from parts, sound and forged ones, by no library of tokens.
public final class Jwt {
  static final String HS256 = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

  private Jwt() {}

  /// A token that is good until an hour after [Api#NOW].
  public static String good(String subject) {
    return sign(HS256, claims(subject, 3600), "HmacSHA256", Api.JWT_SECRET);
  }

  /// A token that is good until the end of time.
  public static String lasting(String subject) {
    return sign(HS256, claims(subject, 100 * 365 * 86_400L), "HmacSHA256", Api.JWT_SECRET);
  }

  /// A token of a tenant, by the claim of that name.
  public static String ofTenant(String subject, String tenant) {
    return with(subject, "tenant", tenant);
  }

  /// A token with limits, by the claim of that name.
  public static String limited(String subject, String limits) {
    return with(subject, "limits", limits);
  }

  /// A token of a tenant's operator, by the claims `tenant` and `scopes`.
  public static String managing(String subject, String tenant) {
    return with(subject, "tenant", tenant + "\",\"scopes\":\"manage");
  }

  private static String with(String subject, String claim, String value) {
    String claims = claims(subject, 3600).replace("}", ",\"" + claim + "\":\"" + value + "\"}");
    return sign(HS256, claims, "HmacSHA256", Api.JWT_SECRET);
  }

  /// What looks like a token for a room, but for its key.
  public static String roomBy(String secret, String room) {
    return sign(
        "{\"alg\":\"HS256\",\"typ\":\"room+jwt\"}",
        claims("alice", 3600).replace("}", ",\"room\":\"" + room + "\"}"),
        "HmacSHA256",
        secret);
  }

  /// What looks like a token for a room, but for its signature.
  public static String unsignedRoom(String room) {
    return unsigned(
            "{\"alg\":\"none\",\"typ\":\"room+jwt\"}",
            claims("alice", 3600).replace("}", ",\"room\":\"" + room + "\"}"))
        + ".";
  }

  static String claims(String subject, long secondsFromNow) {
    return "{\"sub\":\"%s\",\"exp\":%d}"
        .formatted(subject, Api.NOW.getEpochSecond() + secondsFromNow);
  }

  static String sign(String header, String claims, String macAlgorithm, String secret) {
    String signed = unsigned(header, claims);
    try {
      var mac = Mac.getInstance(macAlgorithm);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), macAlgorithm));
      byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return signed + "." + base64(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String unsigned(String header, String claims) {
    return base64(header.getBytes(StandardCharsets.UTF_8))
        + "."
        + base64(claims.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

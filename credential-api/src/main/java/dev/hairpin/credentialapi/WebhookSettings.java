package dev.hairpin.credentialapi;

import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Whom else to tell of sessions that start and end. Never printed.
///
/// @param urls `https://`, or `http://` to an address of the loopback; each is told everything
/// @param secrets what messages are signed with, at least 32 bytes each; several at once, for
///   rotation: a message bears a signature by each
public record WebhookSettings(List<URI> urls, List<String> secrets) {
  public static final WebhookSettings NONE = new WebhookSettings(List.of(), List.of());
  private static final int MIN_SECRET_BYTES = 32;

  public WebhookSettings {
    urls = List.copyOf(urls);
    secrets = List.copyOf(secrets);
    urls.forEach(WebhookSettings::require);
    if (!urls.isEmpty() && secrets.isEmpty()) {
      throw new IllegalArgumentException("webhooks need a secret to be signed with");
    }
    if (secrets.stream()
        .anyMatch(s -> s.getBytes(StandardCharsets.UTF_8).length < MIN_SECRET_BYTES)) {
      throw new IllegalArgumentException(
          "a webhook secret has at least " + MIN_SECRET_BYTES + " bytes");
    }
  }

  /// Returns the URL where it can be told.
  ///
  /// @throws IllegalArgumentException where it cannot, for it would go in the clear
  public static URI require(URI url) {
    boolean isSound =
        url.getHost() != null && url.getRawUserInfo() == null && url.getRawFragment() == null;
    if (!isSound || !("https".equals(url.getScheme()) || isHere(url))) {
      throw new IllegalArgumentException(
          "'" + url + "' is no https:// URL, nor http:// to an address of the loopback");
    }
    return url;
  }

  private static boolean isHere(URI url) {
    try {
      return "http".equals(url.getScheme())
          && InetAddress.ofLiteral(url.getHost()).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false; // a name
    }
  }

  @Override
  public String toString() {
    return "WebhookSettings" + urls;
  }
}

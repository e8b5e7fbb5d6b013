package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.Rate;
import dev.hairpin.credentialapi.Tokens.Jwks;
import dev.hairpin.credentialapi.WebhookSettings;
import dev.hairpin.deploy.config.Format;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The forms of values that have to do with HTTP.
public final class HttpForms {
  private static final Pattern LISTENER_FORM =
      Pattern.compile("http://(\\[[0-9A-Fa-f:.]+]|[^:/\\[\\]]+):([0-9]{1,5})/?");
  private static final Pattern ICE_URL_FORM = // RFC 7064, RFC 7065
      Pattern.compile(
          "(stuns?:HOST|turns?:HOST(\\?transport=(udp|tcp))?)"
              .replace("HOST", "([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?"));
  private static final Pattern HOST_FORM =
      Pattern.compile(
          "(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
              + "(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*");

  static final Format<URI> LISTENER =
      new Format<>(
          "`http://ADDRESS:PORT`",
          "write http://ADDRESS:PORT with a numeric address",
          HttpForms::readListener,
          URI::toString);

  static final Format<String> ORIGIN =
      new Format<>(
          "origin",
          "write one as browsers send it, like https://app.example.org",
          text -> require(text, ApiSettings.ORIGIN, "an origin"),
          Function.identity());

  static final Format<String> ICE_URL =
      new Format<>(
          "`stun:`, `turn:` or `turns:` URL",
          "write a URL like turn:turn.example.org:3478?transport=udp",
          text -> require(text, ICE_URL_FORM, "a STUN or TURN URL"),
          Function.identity());

  static final Format<String> HOST =
      new Format<>(
          "host name or IP address",
          "write a host like turn.example.org or 192.0.2.1",
          HttpForms::readHost,
          Function.identity());

  static final Format<URI> JWKS_URL =
      new Format<>(
          "`https://` URL",
          "write a URL like https://login.example.org/jwks.json",
          text -> new Jwks(readUrl(text), Set.of("RS256")).url(),
          URI::toString);

  static final Format<Rate> RATE =
      new Format<>(
          "`PER_SECOND/BURST`",
          "write two numbers like 200/400, or 0/0 for no limit",
          Rate::parse,
          Rate::toString);

  static final Format<String> ALGORITHM =
      new Format<>(
          String.join(" | ", Jwks.ALGORITHMS),
          "write one of " + String.join(" | ", Jwks.ALGORITHMS),
          text -> require(text, Pattern.compile(String.join("|", Jwks.ALGORITHMS)), "known"),
          Function.identity());

  static final Format<URI> WEBHOOK =
      new Format<>(
          "`https://` URL",
          "write one like https://app.example.org/turn-events",
          HttpForms::readWebhook,
          URI::toString);

  private HttpForms() {}

  private static URI readUrl(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException _) {
      throw new IllegalArgumentException("'" + text + "' is not a URL");
    }
  }

  /// The address in a listener's URL.
  public static TransportAddress addressOf(URI listener) {
    return new TransportAddress(IpAddress.parse(literal(listener.getHost())), listener.getPort());
  }

  private static URI readWebhook(String text) {
    try {
      return WebhookSettings.require(new URI(text));
    } catch (URISyntaxException _) {
      throw new IllegalArgumentException("'" + text + "' is no URL");
    }
  }

  private static URI readListener(String text) {
    var form = LISTENER_FORM.matcher(text);
    if (!form.matches() || Integer.parseInt(form.group(2)) > 65535) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a listener like http://127.0.0.1:8080");
    }
    var ip = IpAddress.parse(literal(form.group(1)));
    return URI.create("http://" + ip.toUrlHost() + ":" + form.group(2));
  }

  private static String literal(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static String readHost(String text) {
    // What has no letter is an address or a mistake: 1.2.3 is no name.
    boolean numeric = text.contains(":") || text.chars().noneMatch(Character::isLetter);
    return numeric ? IpAddress.parse(text).toString() : require(text, HOST_FORM, "a host name");
  }

  private static String require(String text, Pattern form, String what) {
    if (!form.matcher(text).matches()) {
      throw new IllegalArgumentException("'" + text + "' is not " + what);
    }
    return text;
  }
}

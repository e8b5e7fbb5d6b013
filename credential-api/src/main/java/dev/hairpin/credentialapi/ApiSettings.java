package dev.hairpin.credentialapi;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Everything that the API is started with.
///
/// @param listen `http://ADDRESS:PORT`; port 0 asks the system for a free one
/// @param callers who may ask for credentials
/// @param ttl how long credentials last
/// @param corsOrigins the origins whose pages may call, as browsers send them; none by default
/// @param stunUrls `stun:` URLs to hand out
/// @param turnUrls `turn:` URLs to hand out
/// @param compatibility other APIs that are spoken too; none by default
/// @param tenants who share the servers beside those who call for the server's own users
/// @param webhooks who else is told of sessions; nobody by default
/// @param traffic how much everybody gets
/// @param rooms for calls
/// @param revokedFile where revocations are kept that callers wish; null where they end with the
///   process
public record ApiSettings(
    URI listen,
    Callers callers,
    TtlRange ttl,
    List<String> corsOrigins,
    List<String> stunUrls,
    List<String> turnUrls,
    Set<Compatibility> compatibility,
    List<ApiTenant> tenants,
    WebhookSettings webhooks,
    Traffic traffic,
    RoomSettings rooms,
    @Nullable Path revokedFile) {
  /// An origin: in lower case and without a path, as browsers send it; anything else would never
  /// match.
  public static final Pattern ORIGIN =
      Pattern.compile("https?://([a-z0-9.-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");

  private static final Pattern STUN_URL = Pattern.compile("stuns?:[^\\s/]+");
  private static final Pattern TURN_URL = Pattern.compile("turns?:[^\\s/]+");

  public ApiSettings {
    corsOrigins = List.copyOf(corsOrigins);
    stunUrls = List.copyOf(stunUrls);
    turnUrls = List.copyOf(turnUrls);
    compatibility = Set.copyOf(compatibility);
    tenants = List.copyOf(tenants);
    if (!isListenUrl(listen)) {
      throw new IllegalArgumentException(
          "'" + listen + "' is not a URL to listen on like http://127.0.0.1:8080");
    }
    requireForm(corsOrigins, ORIGIN, "an origin like https://example.org");
    requireUrls(stunUrls, turnUrls);
  }

  static void requireUrls(List<String> stunUrls, List<String> turnUrls) {
    if (turnUrls.isEmpty()) {
      throw new IllegalArgumentException("at least one turn: URL to hand out is needed");
    }
    requireForm(stunUrls, STUN_URL, "a STUN URL like stun:turn.example.org:3478");
    requireForm(turnUrls, TURN_URL, "a TURN URL like turn:turn.example.org:3478?transport=udp");
  }

  /// Settings without webhooks.
  public ApiSettings(
      URI listen,
      Callers callers,
      TtlRange ttl,
      List<String> corsOrigins,
      List<String> stunUrls,
      List<String> turnUrls,
      Set<Compatibility> compatibility,
      List<ApiTenant> tenants) {
    this(
        listen,
        callers,
        ttl,
        corsOrigins,
        stunUrls,
        turnUrls,
        compatibility,
        tenants,
        WebhookSettings.NONE,
        Traffic.DEFAULT,
        RoomSettings.DEFAULT,
        null);
  }

  /// Settings without tenants.
  public ApiSettings(
      URI listen,
      Callers callers,
      TtlRange ttl,
      List<String> corsOrigins,
      List<String> stunUrls,
      List<String> turnUrls,
      Set<Compatibility> compatibility) {
    this(listen, callers, ttl, corsOrigins, stunUrls, turnUrls, compatibility, List.of());
  }

  /// Settings for the own API alone.
  public ApiSettings(
      URI listen,
      Callers callers,
      TtlRange ttl,
      List<String> corsOrigins,
      List<String> stunUrls,
      List<String> turnUrls) {
    this(listen, callers, ttl, corsOrigins, stunUrls, turnUrls, Set.of());
  }

  public ApiSettings withWebhooks(WebhookSettings newWebhooks) {
    return but(newWebhooks, traffic, rooms, revokedFile);
  }

  /// These settings with other limits.
  public ApiSettings withTraffic(Traffic newTraffic) {
    return but(webhooks, newTraffic, rooms, revokedFile);
  }

  /// These settings with a file for revocations.
  public ApiSettings withRevokedFile(Path newFile) {
    return but(webhooks, traffic, rooms, newFile);
  }

  /// These settings with other rooms.
  public ApiSettings withRooms(RoomSettings newRooms) {
    return but(webhooks, traffic, newRooms, revokedFile);
  }

  private ApiSettings but(
      WebhookSettings newWebhooks,
      Traffic newTraffic,
      RoomSettings newRooms,
      @Nullable Path newRevokedFile) {
    return new ApiSettings(
        listen,
        callers,
        ttl,
        corsOrigins,
        stunUrls,
        turnUrls,
        compatibility,
        tenants,
        newWebhooks,
        newTraffic,
        newRooms,
        newRevokedFile);
  }

  private static boolean isListenUrl(URI url) {
    return "http".equals(url.getScheme())
        && url.getHost() != null
        && url.getPort() >= 0
        && url.getPort() <= 65535
        && url.getRawUserInfo() == null
        && (url.getRawPath().isEmpty() || url.getRawPath().equals("/"))
        && url.getRawQuery() == null
        && url.getRawFragment() == null;
  }

  private static void requireForm(List<String> values, Pattern form, String example) {
    for (String value : values) {
      if (!form.matcher(value).matches()) {
        throw new IllegalArgumentException("'" + value + "' is not " + example);
      }
    }
  }
}

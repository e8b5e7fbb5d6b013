package dev.hairpin.credentialapi.issue;

import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `new RTCPeerConnection(…)` takes, and until when.
@Serdeable
@Schema(
    description =
        "What new RTCPeerConnection(...) takes, and until when. The members ttl and expiresAt are"
            + " none of WebRTC's, which passes over them.")
public record IceServers(
    @Schema(description = "STUN servers, then TURN servers with the credential.")
        List<IceServer> iceServers,
    @Schema(
            description = "For how many seconds from now the credential is good.",
            example = "86400")
        long ttl,
    @Schema(
            description = "When the credential ends. Allocations made before live on.",
            example = "2026-11-22T03:00:00Z")
        Instant expiresAt) {

  /// One entry of WebRTC's `RTCIceServer` (W3C WebRTC §4.2.4).
  @Serdeable
  @Schema(name = "IceServer", description = "An RTCIceServer, as the W3C's WebRTC describes it.")
  public record IceServer(
      @Schema(
              description = "stun: or turn: URLs (RFC 7064, RFC 7065).",
              example = "[\"turn:turn.example.org:3478?transport=udp\"]")
          List<String> urls,
      @Schema(
              nullable = false,
              description = "With turn: URLs only: when the credential ends, a colon, the user.",
              example = "1795316400:alice")
          @Nullable String username,
      @Schema(
              nullable = false,
              description = "With turn: URLs only: base64 of HMAC-SHA1 of the username.",
              example = "ZOYMcHJBYCaQn8bzsJULGQMe6+g=")
          @Nullable String credential) {

    @Override
    public String toString() {
      return "IceServer[" + urls + "]";
    }
  }

  public static IceServers of(Issued issued) {
    var servers = new ArrayList<IceServer>();
    if (!issued.stunUrls().isEmpty()) {
      servers.add(new IceServer(issued.stunUrls(), null, null));
    }
    servers.add(new IceServer(issued.turnUrls(), issued.username(), issued.password()));
    return new IceServers(
        List.copyOf(servers), issued.ttlSeconds(), issued.credential().expiresAt());
  }
}

package dev.hairpin.credentialapi.sessions;

import dev.hairpin.turnserver.allocation.Traffic.Passed;
import dev.hairpin.turnserver.loop.Session;
import dev.hairpin.turnserver.net.TransportAddress;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A session as callers see it.
@Serdeable
@Schema(name = "Session", description = "An allocation (RFC 8656), and what it has relayed.")
public record SessionView(
    @Schema(description = "Which no other session of the process has.", example = "6b0c5e4a11d3")
        String id,
    @Schema(
            description = "Whose user; left out where it is the server's own.",
            nullable = false,
            example = "acme")
        @Nullable String tenant,
    @Schema(description = "The user within the username; may be empty.", example = "alice")
        String user,
    @Schema(description = "As issued, with expiry and limits.", example = "1795316400:alice")
        String username,
    @Schema(
            description = "By what the client came.",
            type = "string",
            allowableValues = {"udp", "tcp", "tls", "dtls"},
            example = "udp")
        String transport,
    @Schema(description = "Where the client is.", example = "203.0.113.5:51234") String client,
    @Schema(description = "The listener.", example = "192.0.2.1:3478") String server,
    @Schema(description = "The relayed addresses.", example = "[\"192.0.2.1:50001\"]")
        List<String> relayed,
    @Schema(
            description = "What peers are reached by; tcp is RFC 6062's.",
            type = "string",
            allowableValues = {"udp", "tcp"},
            example = "udp")
        String relay,
    @Schema(description = "When it was granted.", example = "2026-11-21T03:00:00Z")
        Instant startedAt,
    @Schema(description = "For how many seconds it has lived.", example = "61") long seconds,
    Flow toPeers,
    Flow toClient) {

  /// What went one way.
  @Serdeable
  @Schema(name = "Flow", description = "What went one way: to the peers, or to the client.")
  public record Flow(
      @Schema(description = "How many.", example = "3050") long packets,
      @Schema(description = "Their bytes, without headers.", example = "3660000") long bytes,
      @Schema(description = "Bytes a second over the last seconds.", example = "60000")
          long bytesPerSecond) {}

  /// The tenant; empty for the server's own.
  public String owner() {
    return tenant == null ? "" : tenant;
  }

  /// @param former what had passed some time ago
  /// @param since how long ago that was
  static SessionView of(Session session, Passed former, Duration since, Instant now) {
    var passed = session.passed();
    return new SessionView(
        Long.toHexString(session.id()),
        tenant(session).isEmpty() ? null : tenant(session),
        session.credential().user().text(),
        session.username(),
        session.fiveTuple().transport().scheme(),
        session.fiveTuple().client().toString(),
        session.fiveTuple().server().toString(),
        session.relayed().stream().map(TransportAddress::toString).toList(),
        session.isTcp() ? "tcp" : "udp",
        now.minusMillis(session.ageMillis()),
        session.ageMillis() / 1000,
        flow(passed.toPeerPackets(), passed.toPeerBytes(), former.toPeerBytes(), since),
        flow(passed.toClientPackets(), passed.toClientBytes(), former.toClientBytes(), since));
  }

  static String tenant(Session session) {
    return session.credential().account().tenant();
  }

  private static Flow flow(long packets, long bytes, long formerBytes, Duration since) {
    long millis = Math.max(since.toMillis(), 1);
    return new Flow(packets, bytes, (bytes - formerBytes) * 1000 / millis);
  }
}

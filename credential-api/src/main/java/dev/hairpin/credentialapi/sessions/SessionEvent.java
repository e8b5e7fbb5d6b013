package dev.hairpin.credentialapi.sessions;

import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something that happened to a session.
@Serdeable
@Schema(description = "Something that happened to a session.")
public record SessionEvent(
    @Schema(
            description = "The same where it is told again; no other event ever has it.",
            example = "5f0d3a-17")
        String id,
    @Schema(
            description = "What.",
            type = "string",
            allowableValues = {SessionEvent.STARTED, SessionEvent.ENDED},
            example = "session.ended")
        String type,
    @Schema(description = "When.", example = "2026-11-21T03:01:01Z") Instant at,
    @Schema(
            description = "Why it ended.",
            nullable = false,
            type = "string",
            allowableValues = {
              "released",
              "expired",
              "aged",
              "idle",
              "spent",
              "disconnected",
              "revoked",
              "ended"
            },
            example = "released")
        @Nullable String reason,
    SessionView session) {
  public static final String STARTED = "session.started";
  public static final String ENDED = "session.ended";

  /// Takes events; is called by one thread, which it must not keep waiting.
  public interface Sink {
    void take(SessionEvent event);
  }
}

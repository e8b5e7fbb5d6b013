package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.json.JsonFields;
import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.http.HttpStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

@Schema(
    name = "RoomTokenRequest",
    description = "For whom, and for how long. Fields other than these are refused.",
    additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
record TokenBody(
    @Schema(
            description =
                "The user of the credentials, as in a call for ice-servers. Left out, each"
                    + " participant gets a random one.",
            nullable = false,
            maxLength = 255,
            example = "alice")
        @Nullable String user,
    @Schema(
            description =
                "For how many seconds participants may join by the token: clamped to 60 to 86400,"
                    + " 3600 if left out.",
            nullable = false,
            minimum = "1",
            maximum = "999999999",
            example = "3600")
        @Nullable Integer ttl) {
  private static final long STANDARD = 3600;
  private static final long MIN = 60;
  private static final long MAX = 86_400;
  private static final long MAX_WISH = 999_999_999;

  static TokenBody of(JsonFields fields) {
    String user = fields.text("user");
    Long ttl = fields.number("ttl");
    if (user != null && !UserId.isWellFormed(user)) {
      throw refusal("user is a string of up to 255 bytes of UTF-8 without control characters");
    }
    if (ttl != null && (ttl < 1 || ttl > MAX_WISH)) {
      throw refusal("ttl is a whole number of seconds, 1 to 999999999");
    }
    return new TokenBody(user, ttl == null ? null : Math.toIntExact(ttl));
  }

  Duration lifetime() {
    return Duration.ofSeconds(ttl == null ? STANDARD : Math.clamp((long) ttl, MIN, MAX));
  }

  private static Refusal refusal(String detail) {
    return new Refusal(HttpStatus.BAD_REQUEST, detail);
  }
}

package dev.hairpin.credentialapi.keys;

import dev.hairpin.credentialapi.auth.KeyWish;
import dev.hairpin.credentialapi.auth.Times;
import dev.hairpin.credentialapi.http.JsonBody;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Describes the bodies of the calls for keys, and reads them. What is not understood is refused.
final class KeyBody {
  private static final Duration OVERLAP = Duration.ofDays(1);
  private static final Duration MAX_OVERLAP = Duration.ofDays(30);

  private KeyBody() {}

  @Schema(
      name = "KeyRequest",
      description = "What the key is to be. Fields other than these are refused, and so is null.",
      additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
  record Create(
      @Schema(
              description = "For people; no two live keys of a tenant share one.",
              requiredMode = Schema.RequiredMode.REQUIRED,
              minLength = 1,
              maxLength = 100,
              example = "signalling server")
          String name,
      @Schema(
              description =
                  "What it may do, issue by default. The caller needs each of them itself.",
              nullable = false,
              example = "[\"issue\"]")
          @ArraySchema(
              schema = @Schema(implementation = String.class, pattern = "^(issue|read|manage)$"),
              minItems = 1,
              uniqueItems = true)
          @Nullable List<String> scopes,
      @Schema(
              description = "Whose it is; the caller's own tenant where there is none.",
              nullable = false,
              pattern = "^[a-z0-9-]{1,32}$",
              example = "acme")
          @Nullable String tenant,
      @Schema(
              description =
                  "The origins of the web pages that it is for. Such a key may issue and nothing"
                      + " else, names no user, and its credentials last an hour at most.",
              nullable = false,
              example = "[\"https://app.example.org\"]")
          @ArraySchema(
              schema = @Schema(implementation = String.class),
              maxItems = 20,
              uniqueItems = true)
          @Nullable List<String> origins,
      @Schema(
              description = "Limits of every credential that it gets, as in a username.",
              nullable = false,
              maxLength = 400,
              example = "allocations=4;bytes=1000000000")
          @Nullable String limits,
      @Schema(
              description = "When it ends, in UTC; never where nothing is said.",
              nullable = false,
              format = "date-time",
              pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
              example = "2027-01-31T12:00:00Z")
          @Nullable String expires) {}

  @Schema(
      name = "KeyRotation",
      description = "Fields other than these are refused, and so is null.",
      additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
  record Rotate(
      @Schema(
              description = "For how many seconds the former secret stays good.",
              nullable = false,
              minimum = "0",
              maximum = "2592000",
              defaultValue = "86400",
              example = "3600")
          @Nullable Integer overlap) {}

  /// @param ownTenant of the caller
  static KeyWish create(byte[] json, @Nullable String ownTenant) {
    return JsonBody.read(
        json,
        fields -> {
          String name = fields.text("name");
          var scopes = fields.has("scopes") ? fields.texts("scopes") : List.of("issue");
          String tenant = fields.text("tenant");
          String limits = fields.text("limits");
          String expires = fields.text("expires");
          return new KeyWish(
              name == null ? "" : name,
              KeyWish.scopes(scopes),
              tenant == null ? ownTenant : tenant,
              fields.texts("origins"),
              limits == null ? "" : limits,
              expires == null ? null : Times.read("expires", expires));
        });
  }

  /// For how long the former secret stays good.
  static Duration overlap(byte[] json) {
    return JsonBody.read(
        json,
        fields -> {
          Long seconds = fields.number("overlap");
          if (seconds == null) {
            return OVERLAP;
          }
          if (seconds < 0 || seconds > MAX_OVERLAP.toSeconds()) {
            throw new IllegalArgumentException(
                "overlap is a whole number of seconds, 0 to " + MAX_OVERLAP.toSeconds());
          }
          return Duration.ofSeconds(seconds);
        });
  }
}

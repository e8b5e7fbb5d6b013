package dev.hairpin.credentialapi.keys;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hairpin.credentialapi.auth.ApiKey;
import dev.hairpin.credentialapi.auth.Scope;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is told of a key.
@Serdeable
@Schema(name = "Key", description = "A key, without its secret unless it was made just now.")
record KeyAnswer(
    @Schema(
            description = "Names it in URLs; ids rise as keys are made.",
            example = "6a12c3f09d27e4b1")
        String id,
    @Schema(
            nullable = false,
            description = "The key itself, once: in the answer to the call that made it.",
            example = "hp_6a12c3f09d27e4b1_2WbF0sYf1f3gkXb6Yxkq3Cw8mE5Jq0vKp7s9tU1aZcE")
        @Nullable String key,
    @Schema(description = "For people.", example = "signalling server") String name,
    @Schema(description = "Some of issue, read and manage.", example = "[\"issue\"]")
        List<String> scopes,
    @Schema(
            nullable = false,
            description = "Whose it is, unless it is the server's own.",
            example = "acme")
        @Nullable String tenant,
    @Schema(
            description = "Of the pages that it is for, if it is for pages.",
            example = "[\"https://app.example.org\"]")
        List<String> origins,
    @Schema(
            nullable = false,
            description = "Limits of every credential that it gets, if any.",
            example = "allocations=4;bytes=1000000000")
        @Nullable String limits,
    @Schema(description = "When it was made.", example = "2026-11-22T03:00:00Z") Instant created,
    @Schema(
            nullable = false,
            description = "When it ends, if ever.",
            example = "2027-01-31T12:00:00Z")
        @Nullable Instant expires,
    @Schema(
            nullable = false,
            description =
                "Until when the secret before the last rotation is good, if it was rotated.",
            example = "2026-11-23T03:00:00Z")
        @Nullable Instant formerUntil) {

  static KeyAnswer of(ApiKey key, @Nullable String secret) {
    var former = key.former();
    String limits = key.wish().limits();
    return new KeyAnswer(
        key.id(),
        secret,
        key.name(),
        key.scopes().stream().sorted().map(Scope::text).toList(),
        key.tenant(),
        key.origins(),
        limits.isEmpty() ? null : limits,
        key.created(),
        key.wish().expires(),
        former == null ? null : former.until());
  }

  @Override
  public String toString() {
    return "KeyAnswer[" + id + "]";
  }

  /// A part of all keys.
  @Serdeable
  @Schema(name = "Keys", description = "Some keys, by their ids.")
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Page(
      @Schema(description = "At most as many as were asked for.") List<KeyAnswer> keys,
      @Schema(
              description = "What to ask for by after= to get the rest; null where there is none.",
              nullable = true,
              example = "6a12c3f09d27e4b1")
          @Nullable String next) {}
}

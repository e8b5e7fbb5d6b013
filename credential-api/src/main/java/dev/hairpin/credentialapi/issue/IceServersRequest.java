package dev.hairpin.credentialapi.issue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a caller wishes. Reads strictly: what it does not understand it refuses, so that a slip of
/// the pen never gives a credential other than the one that was meant.
///
/// @param user null where the caller names none
/// @param ttl null where the caller names none
@Schema(
    description = "What the caller wishes. Fields other than these are refused, and so is null.",
    additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
record IceServersRequest(
    @Schema(
            description =
                "Whom the credential is for: up to 255 bytes of UTF-8 without control characters."
                    + " It becomes part of the TURN username.",
            implementation = String.class,
            nullable = false,
            maxLength = 255,
            example = "alice")
        @Nullable UserId user,
    @Schema(
            description =
                "For how many seconds the credential is wanted. The server clamps it to its own"
                    + " bounds; the answer says what it became.",
            implementation = Integer.class,
            nullable = false,
            minimum = "1",
            maximum = "999999999",
            example = "3600")
        @Nullable Duration ttl) {
  static final IceServersRequest EMPTY = new IceServersRequest(null, null);

  private static final Pattern TTL = Pattern.compile("[1-9][0-9]{0,8}");
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// Reads a JSON object.
  static IceServersRequest ofJson(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      IceServersRequest request = ofObject(parser);
      if (parser.nextToken() != null) {
        throw refusal("the body goes on behind its JSON object");
      }
      return request;
    } catch (IOException _) { // its message quotes the body
      throw refusal("the body is not well-formed JSON, or has a field twice");
    }
  }

  private static IceServersRequest ofObject(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw refusal("the body is a JSON object");
    }
    IceServersRequest request = EMPTY;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      JsonToken type = parser.nextToken();
      String value =
          switch (field) {
            case "user" -> type == JsonToken.VALUE_STRING ? parser.getText() : null;
            case "ttl" -> type == JsonToken.VALUE_NUMBER_INT ? parser.getText() : null;
            default -> null;
          };
      request = request.with(field, value);
    }
    return request;
  }

  /// Reads the query of a URL.
  static IceServersRequest ofQuery(HttpParameters query) {
    IceServersRequest request = EMPTY;
    for (String name : query.names()) {
      List<String> values = query.getAll(name);
      request = request.with(name, values.size() == 1 ? values.getFirst() : null);
    }
    return request;
  }

  /// @param value null where it is not of the field's type
  private IceServersRequest with(String field, @Nullable String value) {
    return switch (field) {
      case "user" -> new IceServersRequest(user(value), ttl);
      case "ttl" -> new IceServersRequest(user, ttl(value));
      default -> throw refusal("user and ttl are all that can be asked for");
    };
  }

  private static UserId user(@Nullable String value) {
    if (value == null || !UserId.isWellFormed(value)) {
      throw refusal("user is a string of up to 255 bytes of UTF-8 without control characters");
    }
    return new UserId(value);
  }

  private static Duration ttl(@Nullable String value) {
    if (value == null || !TTL.matcher(value).matches()) {
      throw refusal("ttl is a whole number of seconds, 1 to 999999999");
    }
    return Duration.ofSeconds(Integer.parseInt(value));
  }

  private static Refusal refusal(String detail) {
    return new Refusal(HttpStatus.BAD_REQUEST, detail);
  }
}

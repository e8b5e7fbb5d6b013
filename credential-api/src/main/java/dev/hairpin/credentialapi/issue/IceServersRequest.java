package dev.hairpin.credentialapi.issue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a caller wishes. Reads strictly: what it does not understand it refuses, so that a slip of
/// the pen never gives a credential other than the one that was meant.
///
/// @param user null where the caller names none
/// @param ttl null where the caller names none
/// @param limits by their names in a username
record IceServersRequest(
    @Nullable UserId user, @Nullable Duration ttl, Map<String, String> limits) {
  static final IceServersRequest EMPTY = new IceServersRequest(null, null, Map.of());

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
      request = request.with(field, text(field, parser));
    }
    return request;
  }

  /// Null where the next value is not of the field's type.
  private static @Nullable String text(String field, JsonParser parser) throws IOException {
    JsonToken type = parser.nextToken();
    boolean isSound =
        switch (field) {
          case "user" -> type == JsonToken.VALUE_STRING;
          case "ttl", "allocations", "bytesPerSecond", "bytes" ->
              type == JsonToken.VALUE_NUMBER_INT;
          case "relayOnly" -> type == JsonToken.VALUE_TRUE || type == JsonToken.VALUE_FALSE;
          case "peers", "transports" -> type == JsonToken.START_ARRAY;
          default -> false;
        };
    if (!isSound) {
      return null;
    }
    return type == JsonToken.START_ARRAY ? list(parser) : parser.getText();
  }

  private static @Nullable String list(JsonParser parser) throws IOException {
    var items = new StringJoiner(",");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_STRING || parser.getText().contains(",")) {
        return null;
      }
      items.add(parser.getText());
    }
    return items.toString();
  }

  /// Reads the query of a URL.
  static IceServersRequest ofQuery(HttpParameters query) {
    IceServersRequest request = EMPTY;
    for (String name : query.names()) {
      if (!name.equals("user") && !name.equals("ttl")) {
        throw refusal("with GET, user and ttl are all that can be asked for");
      }
      List<String> values = query.getAll(name);
      request = request.with(name, values.size() == 1 ? values.getFirst() : null);
    }
    return request;
  }

  /// Reads what stands elsewhere.
  static IceServersRequest of(@Nullable String user, @Nullable String ttl) {
    return new IceServersRequest(
        user == null ? null : user(user), ttl == null ? null : ttl(ttl), Map.of());
  }

  /// @param value null where it is not of the field's type
  private IceServersRequest with(String field, @Nullable String value) {
    return switch (field) {
      case "user" -> new IceServersRequest(user(value), ttl, limits);
      case "ttl" -> new IceServersRequest(user, ttl(value), limits);
      case "relayOnly" -> relayingOnly(value);
      case "bytesPerSecond" -> limited(field, "bytes-per-second", value);
      case "peers", "allocations", "bytes", "transports" -> limited(field, field, value);
      default ->
          throw refusal(
              "user, ttl, peers, relayOnly, allocations, bytesPerSecond, bytes and transports are"
                  + " all that can be asked for");
    };
  }

  private IceServersRequest relayingOnly(@Nullable String value) {
    if (value == null) {
      throw refusal("relayOnly is true or false");
    }
    return value.equals("true") ? limited("relayOnly", "relay-only", "") : this;
  }

  /// @param name of the limit in a username
  private IceServersRequest limited(String field, String name, @Nullable String value) {
    var limit = Map.of(name, value == null ? "?" : value);
    try {
      var _ = CredentialScope.of(limit);
    } catch (IllegalArgumentException e) {
      throw refusal(field + String.valueOf(e.getMessage()).substring(name.length()));
    }
    var more = new HashMap<>(limits);
    more.putAll(limit);
    return new IceServersRequest(user, ttl, more);
  }

  /// The limits that the username is to state.
  CredentialScope scope() {
    return CredentialScope.of(limits);
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

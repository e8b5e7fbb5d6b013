package dev.hairpin.credentialapi.issue;

import dev.hairpin.credentialapi.http.JsonBody;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.json.JsonFields;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.http.HttpParameters;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static final List<String> NAMES =
      List.of(
          "user",
          "ttl",
          "peers",
          "relayOnly",
          "allocations",
          "bytesPerSecond",
          "bytes",
          "transports");
  private static final Pattern TTL = Pattern.compile("[1-9][0-9]{0,8}");

  /// Reads a JSON object.
  static IceServersRequest ofJson(byte[] json) {
    return JsonBody.read(json, IceServersRequest::of);
  }

  private static IceServersRequest of(JsonFields fields) {
    IceServersRequest request = EMPTY;
    for (String name : NAMES) {
      if (fields.has(name)) {
        request = request.with(name, text(name, fields));
      }
    }
    return request;
  }

  /// Null where a value is not of the field's type.
  private static @Nullable String text(String name, JsonFields fields) {
    try {
      return switch (name) {
        case "user" -> fields.text(name);
        case "relayOnly" -> String.valueOf(fields.truth(name));
        case "peers", "transports" -> joined(fields.texts(name));
        default -> String.valueOf(fields.number(name));
      };
    } catch (IllegalArgumentException _) { // the field's own words are more precise
      return null;
    }
  }

  private static @Nullable String joined(List<String> items) {
    return items.stream().anyMatch(item -> item.contains(",")) ? null : String.join(",", items);
  }

  /// Reads the query of a URL.
  static IceServersRequest ofQuery(HttpParameters query) {
    IceServersRequest request = EMPTY;
    for (String name : query.names()) {
      if (!name.equals("user") && !name.equals("ttl")) {
        throw Refusal.badRequest("with GET, user and ttl are all that can be asked for");
      }
      List<String> values = query.getAll(name);
      request = request.with(name, values.size() == 1 ? values.getFirst() : null);
    }
    return request;
  }

  /// Reads what stands elsewhere.
  static IceServersRequest of(@Nullable String user, @Nullable String ttl) {
    return new IceServersRequest(
        user == null ? null : Issuance.named(user), ttl == null ? null : ttl(ttl), Map.of());
  }

  /// @param value null where it is not of the field's type
  private IceServersRequest with(String field, @Nullable String value) {
    return switch (field) {
      case "user" -> new IceServersRequest(Issuance.named(value), ttl, limits);
      case "ttl" -> new IceServersRequest(user, ttl(value), limits);
      case "relayOnly" -> relayingOnly(value);
      case "bytesPerSecond" -> limited(field, "bytes-per-second", value);
      case "peers", "allocations", "bytes", "transports" -> limited(field, field, value);
      default -> throw new IllegalArgumentException(field);
    };
  }

  private IceServersRequest relayingOnly(@Nullable String value) {
    if (value == null) {
      throw Refusal.badRequest("relayOnly is true or false");
    }
    return value.equals("true") ? limited("relayOnly", "relay-only", "") : this;
  }

  /// @param name of the limit in a username
  private IceServersRequest limited(String field, String name, @Nullable String value) {
    var limit = Map.of(name, value == null ? "?" : value);
    try {
      var _ = CredentialScope.of(limit);
    } catch (IllegalArgumentException e) {
      throw Refusal.badRequest(field + String.valueOf(e.getMessage()).substring(name.length()));
    }
    var more = new HashMap<>(limits);
    more.putAll(limit);
    return new IceServersRequest(user, ttl, more);
  }

  private static Duration ttl(@Nullable String value) {
    if (value == null || !TTL.matcher(value).matches()) {
      throw Refusal.badRequest("ttl is a whole number of seconds, 1 to 999999999");
    }
    return Duration.ofSeconds(Integer.parseInt(value));
  }
}

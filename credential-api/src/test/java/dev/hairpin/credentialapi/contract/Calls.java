package dev.hairpin.credentialapi.contract;

import static dev.hairpin.credentialapi.Api.KEY;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.hairpin.credentialapi.contract.Contract.Operation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Makes calls from a description by chance: as it says, a little beside it, and far from it.
final class Calls {
  private static final List<String> STRANGE =
      List.of(
          "\u0000",
          "a\nb",
          "\ufeff",
          "\u202eevil",
          "\ud83d\udc7d",
          "e\u0301",
          "ı",
          "' OR 1=1 --",
          "../../etc/passwd",
          "%00",
          "{{7*7}}",
          "-0",
          "NaN",
          "1e308",
          "2147483648",
          "9223372036854775808",
          ":alice",
          "1795316400:tenant=acme:alice",
          "*:alice");

  private static final List<String> TIMES =
      List.of(
          "-1000000000-01-01T00:00:00Z",
          "+1000000000-12-31T23:59:59Z",
          "0000-01-01T00:00:00Z",
          "9999-12-31T23:59:59Z",
          "2026-02-30T00:00:00Z",
          "2026-11-22T03:00:00+02:00",
          "2026-11-22T03:00:00+25:00");

  private final Random random;
  private final Contract contract;
  private final List<String> names;

  /// How many values may still be other than their examples: one alone goes deeper than many.
  private int strangers;

  /// Whether what was made breaks the description for sure.
  private boolean isBroken;

  /// A call that was made up.
  ///
  /// @param isBroken whether it must be refused
  /// @param token empty for none
  record Call(
      Operation operation,
      String target,
      String token,
      String type,
      String idempotencyKey,
      String body,
      boolean isBroken) {}

  /// @param names that may stand in paths, beside those that are made up
  Calls(Contract contract, long seed, List<String> names) {
    this.contract = contract;
    this.names = names;
    random = new Random(seed);
  }

  Call of(Operation operation) {
    isBroken = false;
    strangers = random.nextInt(3);
    String target = path(operation) + query(operation);
    String body = operation.body() == null ? emptyBody(operation) : body(operation.body());
    String type = "application/json";
    if (operation.body() != null && chance(20)) {
      type = pick(List.of("text/plain", "application/xml"));
      isBroken = true;
    }
    String token = chance(15) ? pick(List.of("", "x".repeat(20), "a.b.c")) : KEY;
    isBroken |= !token.equals(KEY) && !operation.isOpen();
    String idempotencyKey = chance(3) ? pick(List.of("one", "x".repeat(256), "a b", "!")) : "";
    return new Call(operation, target, token, type, idempotencyKey, body, isBroken);
  }

  private String path(Operation operation) {
    if (!operation.path().contains("{")) {
      return operation.path();
    }
    String name = chance(2) ? pick(names) : strange().replace("/", "-");
    return operation.path().replaceFirst("\\{.*}", encoded(name));
  }

  private String query(Operation operation) {
    var query = new ArrayList<String>();
    for (var parameter : operation.parameters()) {
      if (parameter.get("in").textValue().equals("query") && chance(2)) {
        String name = parameter.get("name").textValue();
        query.add(name + "=" + encoded(value(parameter.get("schema"), parameter).asText()));
        if (chance(15)) {
          query.add(query.getLast());
          isBroken = true;
        }
      }
    }
    if (chance(10)) {
      query.add(encoded(strange()) + "=1");
      isBroken |= !operation.isOpen();
    }
    return query.isEmpty() ? "" : "?" + String.join("&", query);
  }

  private String emptyBody(Operation operation) {
    return operation.method().equals("POST") ? pick(List.of("", "{}")) : "";
  }

  private String body(JsonNode reference) {
    if (chance(10)) {
      isBroken = true;
      return pick(
          List.of(
              "{",
              "[]",
              "null",
              "7",
              "\"x\"",
              "{}{}",
              "{\"a\":".repeat(1500) + "1" + "}".repeat(1500),
              "[".repeat(5000),
              "\u0000",
              " ".repeat(9000),
              "{\"x\":\"\ud83d\"}"));
    }
    var schema = contract.resolve(reference);
    var fields = new ArrayList<String>();
    for (var field : schema.get("properties").properties()) {
      boolean isNeeded = schema.path("required").toString().contains("\"" + field.getKey() + "\"");
      if (isNeeded ? !chance(15) : chance(3)) {
        fields.add(quoted(field.getKey()) + ":" + value(field.getValue(), field.getValue()));
      } else {
        isBroken |= isNeeded;
      }
    }
    if (chance(12)) {
      fields.add(quoted(strange()) + ":1");
      isBroken = true;
    }
    if (!fields.isEmpty() && chance(12)) {
      fields.add(pick(fields));
      isBroken = true;
    }
    return "{" + String.join(",", fields) + "}";
  }

  /// @param described has an example of the schema's value
  private JsonNode value(JsonNode schema, JsonNode described) {
    if (strangers == 0 || chance(2)) {
      return described.get("example");
    }
    strangers--;
    var json = JsonNodeFactory.instance;
    var value =
        switch (random.nextInt(10)) {
          case 0 -> json.textNode(strange());
          case 1 ->
              json.numberNode(pick(List.of(0L, -1L, 1L, 999L, 1_000_000_000L, Long.MAX_VALUE)));
          case 2 -> pick(List.of(json.nullNode(), json.booleanNode(true), json.objectNode()));
          case 3 -> json.arrayNode().add(strange());
          case 4 -> json.textNode("x".repeat(random.nextInt(600)));
          default -> bound(schema);
        };
    // in a query all is text
    var meant = described.equals(schema) ? value : read(schema, value.asText());
    isBroken |= !contract.complaints(schema, meant).isEmpty();
    return value;
  }

  private static JsonNode read(JsonNode schema, String text) {
    boolean isNumber = schema.path("type").asText().equals("integer");
    return isNumber && text.matches("[0-9]{1,18}")
        ? JsonNodeFactory.instance.numberNode(Long.parseLong(text))
        : JsonNodeFactory.instance.textNode(text);
  }

  /// At a bound of a schema, or one beyond.
  private JsonNode bound(JsonNode schema) {
    var json = JsonNodeFactory.instance;
    if (schema.has("minimum")) {
      String bound = chance(2) ? "minimum" : "maximum";
      return json.numberNode(schema.get(bound).longValue() + random.nextInt(3) - 1);
    }
    if (schema.path("format").asText().equals("date-time")) {
      return json.textNode(pick(TIMES));
    }
    if (schema.has("maxLength")) {
      return json.textNode("x".repeat(schema.get("maxLength").intValue() + random.nextInt(3) - 1));
    }
    return schema.has("items") ? json.arrayNode() : json.textNode("");
  }

  private String strange() {
    return chance(4)
        ? random.ints(12, 1, 0x3000).mapToObj(Character::toString).reduce("", String::concat)
        : pick(STRANGE);
  }

  private static String quoted(String text) {
    return JsonNodeFactory.instance.textNode(text).toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private <T> T pick(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }
}

package dev.hairpin.credentialapi.operations;

import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// This API in OpenAPI 3.1. The compiler writes it in 3.0 alone that is sound; here it becomes 3.1,
/// and every answer gets the headers that all have. Made when it is first asked for.
@Singleton
final class Description {
  private static final String FILE = "/META-INF/swagger/openapi.json";
  private static final List<String> METHODS = List.of("get", "post", "put", "delete");

  private final JsonMapper mapper;
  private byte @Nullable [] json;

  Description(JsonMapper mapper) {
    this.mapper = mapper;
  }

  synchronized byte[] json() throws IOException {
    if (json == null) {
      json = mapper.writeValueAsBytes(upgraded());
    }
    return json;
  }

  String yaml() throws IOException {
    return YamlText.of(upgraded());
  }

  private JsonNode upgraded() throws IOException {
    try (InputStream file = Description.class.getResourceAsStream(FILE)) {
      var written = Objects.requireNonNull(file, "openapi.json was not built in").readAllBytes();
      var document =
          fields(upgraded(Objects.requireNonNull(mapper.readValue(written, JsonNode.class))));
      document.put("openapi", JsonNode.createStringNode("3.1.0"));
      document.computeIfPresent("paths", (_, paths) -> eachField(paths, Description::path));
      return JsonNode.createObjectNode(document);
    }
  }

  /// In 3.1 null is a type.
  private static JsonNode upgraded(JsonNode node) {
    if (node.isArray()) {
      var items = new ArrayList<JsonNode>();
      node.values().forEach(item -> items.add(upgraded(item)));
      return JsonNode.createArrayNode(items);
    }
    if (!node.isObject()) {
      return node;
    }
    var fields = fields(node);
    fields.replaceAll((_, value) -> upgraded(value));
    var nullable = fields.get("nullable");
    if (nullable != null && nullable.isBoolean()) {
      fields.remove("nullable");
      if (nullable.getBooleanValue()) {
        fields.computeIfPresent(
            "type",
            (_, type) ->
                JsonNode.createArrayNode(List.of(type, JsonNode.createStringNode("null"))));
      }
    }
    return JsonNode.createObjectNode(fields);
  }

  private static JsonNode path(JsonNode path) {
    var fields = fields(path);
    METHODS.forEach(method -> fields.computeIfPresent(method, (_, it) -> operation(it)));
    return JsonNode.createObjectNode(fields);
  }

  private static JsonNode operation(JsonNode operation) {
    var fields = fields(operation);
    boolean isCounted = fields.putIfAbsent("security", JsonNode.createArrayNode(List.of())) != null;
    fields.computeIfPresent(
        "responses",
        (_, responses) ->
            JsonNode.createObjectNode(
                new TreeMap<>(fields(eachField(responses, it -> response(it, isCounted))))));
    return JsonNode.createObjectNode(fields);
  }

  private static JsonNode response(JsonNode response, boolean isCounted) {
    var reference = response.get("$ref");
    if (reference != null) {
      return JsonNode.createObjectNode(Map.of("$ref", reference));
    }
    var fields = fields(response);
    var headers = fields.get("headers");
    var all = headers == null ? new LinkedHashMap<String, JsonNode>() : fields(headers);
    for (String name :
        isCounted
            ? List.of("X-Request-Id", "RateLimit-Policy", "RateLimit")
            : List.of("X-Request-Id")) {
      all.put(
          name,
          JsonNode.createObjectNode(
              Map.of("$ref", JsonNode.createStringNode("#/components/headers/" + name))));
    }
    fields.put("headers", JsonNode.createObjectNode(all));
    return JsonNode.createObjectNode(fields);
  }

  private static JsonNode eachField(JsonNode node, UnaryOperator<JsonNode> change) {
    var fields = fields(node);
    fields.replaceAll((_, value) -> change.apply(value));
    return JsonNode.createObjectNode(fields);
  }

  private static Map<String, JsonNode> fields(JsonNode node) {
    var fields = new LinkedHashMap<String, JsonNode>();
    node.entries().forEach(entry -> fields.put(entry.getKey(), entry.getValue()));
    return fields;
  }
}

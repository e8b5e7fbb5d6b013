package dev.hairpin.credentialapi.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the API says of itself, and whether an answer keeps to it. Every object of an answer has to
/// be described whole: a field that is not named there is a breach.
final class Contract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);
  private static final SchemaValidatorsConfig CONFIG =
      SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();

  final JsonNode document;
  private final JsonNode closed;

  /// @param method in capitals
  record Operation(String id, String method, String path, JsonNode node) {
    boolean isOpen() {
      return node.get("security").isEmpty();
    }

    /// The schema of its body; null where it has none.
    @Nullable JsonNode body() {
      var body = node.at("/requestBody/content/application~1json/schema");
      return body.isMissingNode() ? null : body;
    }

    List<JsonNode> parameters() {
      var parameters = new ArrayList<JsonNode>();
      node.path("parameters").forEach(parameters::add);
      return parameters;
    }

    /// Of the body.
    List<JsonNode> examples() {
      var examples = new ArrayList<JsonNode>();
      node.at("/requestBody/content/application~1json/examples")
          .forEach(example -> examples.add(example.get("value")));
      return examples;
    }

    /// With a name in it, where one stands there.
    String path(String name) {
      return path.replaceFirst("\\{.*}", name);
    }

    /// With the example of a name.
    String examplePath() {
      return path(
          parameters().stream()
              .filter(parameter -> parameter.get("in").textValue().equals("path"))
              .map(parameter -> parameter.get("example").textValue())
              .findFirst()
              .orElse(""));
    }

    TreeSet<Integer> statuses() {
      var statuses = new TreeSet<Integer>();
      node.get("responses").fieldNames().forEachRemaining(s -> statuses.add(Integer.valueOf(s)));
      return statuses;
    }

    @Override
    public String toString() {
      return id;
    }
  }

  /// A key that was made.
  record Made(String id, String secret) {}

  Contract(String json) {
    document = read(json);
    closed = document.deepCopy();
    closed
        .at("/components/schemas")
        .forEach(
            schema -> {
              if (schema.has("properties")) {
                ((ObjectNode) schema).put("additionalProperties", false);
              }
            });
  }

  static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  /// By their ids.
  Map<String, Operation> operations() {
    var operations = new TreeMap<String, Operation>();
    for (var path : document.get("paths").properties()) {
      for (var method : path.getValue().properties()) {
        var node = method.getValue();
        String id = node.get("operationId").textValue();
        String name = method.getKey().toUpperCase(Locale.ROOT);
        operations.put(id, new Operation(id, name, path.getKey(), node));
      }
    }
    return operations;
  }

  /// What a reference stands for, or the node itself.
  JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").textValue().substring(1)) : node;
  }

  /// What is wrong with a value.
  List<String> complaints(JsonNode schema, JsonNode value) {
    ObjectNode whole = schema.deepCopy();
    whole.set("components", closed.get("components"));
    return SCHEMAS.getSchema(whole, CONFIG).validate(value).stream()
        .map(message -> message + " in " + value)
        .toList();
  }

  /// What is wrong with an answer.
  List<String> complaints(Operation operation, Answer answer) {
    var response = operation.node.get("responses").get(Integer.toString(answer.status()));
    if (response == null) {
      return List.of(answer.status() + " is not documented: " + answer.body());
    }
    var complaints = new ArrayList<String>();
    var whole = resolve(response);
    whole
        .path("headers")
        .properties()
        .forEach(header -> complaints.addAll(header(header.getKey(), header.getValue(), answer)));
    if (!whole.has("content")) {
      if (!answer.body().isEmpty()) {
        complaints.add("a body where there is none: " + answer.body());
      }
      return complaints;
    }
    var content = content(whole.get("content"), answer.type());
    if (content == null) {
      complaints.add(answer.type() + " is not documented");
    } else if (answer.type().endsWith("json")) {
      complaints.addAll(complaints(content.get("schema"), read(answer.body())));
    }
    return complaints;
  }

  private static @Nullable JsonNode content(JsonNode contents, String type) {
    for (var content : contents.properties()) {
      if (content.getKey().replaceFirst(";.*", "").equals(type)) {
        return content.getValue();
      }
    }
    return null;
  }

  private List<String> header(String name, JsonNode node, Answer answer) {
    var header = resolve(node);
    String value = answer.headers().get(name.toLowerCase(Locale.ROOT));
    if (value == null) {
      return header.path("required").booleanValue() ? List.of(name + " is missing") : List.of();
    }
    var schema = header.get("schema");
    boolean isNumber = schema.path("type").asText().equals("integer");
    return complaints(schema, isNumber ? read(value) : JSON.valueToTree(value));
  }
}

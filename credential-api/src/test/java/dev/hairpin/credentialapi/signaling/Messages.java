package dev.hairpin.credentialapi.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.yaml.snakeyaml.Yaml;

/// What `asyncapi.yml` says of messages, and which of them were seen.
final class Messages {
  /// Of all tests in this process.
  static final Messages WATCHED = new Messages();

  final JsonNode document;
  private final Map<String, JsonSchema> schemas = new TreeMap<>();
  private final Set<String> seen = new ConcurrentSkipListSet<>();

  Messages() {
    document = read();
    var factory = JsonSchemaFactory.getInstance(VersionFlag.V7);
    for (var message : document.at("/components/messages").properties()) {
      var payload = (ObjectNode) message.getValue().get("payload").deepCopy();
      var components = payload.objectNode();
      components.set("schemas", document.at("/components/schemas"));
      payload.set("components", components);
      schemas.put(message.getKey(), factory.getSchema(payload));
    }
  }

  private static JsonNode read() {
    var file = Path.of("src/main/resources/asyncapi.yml");
    try {
      return new ObjectMapper().valueToTree(new Yaml().load(Files.readString(file)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void fromClient(JsonNode message) {
    require("receive", message);
  }

  void fromServer(JsonNode message) {
    require("send", message);
  }

  /// What there is by this operation of the server's.
  Set<String> names(String operation) {
    var names = new TreeSet<String>();
    document
        .at("/operations/" + operation + "/messages")
        .forEach(
            message -> {
              String at = message.get("$ref").textValue();
              names.add(at.substring(at.lastIndexOf('/') + 1));
            });
    return names;
  }

  Set<String> seen() {
    return Set.copyOf(seen);
  }

  /// What a schema has against a message.
  Set<String> complaints(String name, JsonNode message) {
    var complaints = new TreeSet<String>();
    Objects.requireNonNull(schemas.get(name))
        .validate(message)
        .forEach(c -> complaints.add(c.toString()));
    return complaints;
  }

  /// What every schema of what a client says has against a message; nothing where one likes it.
  Set<String> complaints(JsonNode message) {
    var all = new TreeSet<String>();
    for (String name : names("receive")) {
      var complaints = complaints(name, message);
      if (complaints.isEmpty()) {
        return Set.of();
      }
      all.addAll(complaints);
    }
    return all;
  }

  private void require(String operation, JsonNode message) {
    String type = message.path("type").asText();
    var fitting = names(operation).stream().filter(name -> type.equals(type(name)));
    String name =
        fitting
            .findFirst()
            .orElseThrow(() -> new AssertionError(operation + " knows no " + message));
    assertEquals(Set.of(), complaints(name, message), message::toString);
    seen.add(name);
  }

  /// The type that a message states.
  String type(String name) {
    return document.at("/components/messages/" + name + "/payload/properties/type/const").asText();
  }
}

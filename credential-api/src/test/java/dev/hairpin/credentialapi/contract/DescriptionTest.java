package dev.hairpin.credentialapi.contract;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hairpin.credentialapi.contract.Contract.Operation;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whether the description says all that there is to say, soundly, with examples that hold.
class DescriptionTest {
  private static final Pattern IN_PATH = Pattern.compile("\\{[^}]*}");

  /// Show a room token in what they say.
  private static final Set<String> BY_ROOM_TOKEN = Set.of("signal", "drawRoomLink");

  @TempDir private Path folder;
  private ContractScene scene;
  private Map<String, Operation> operations = Map.of();

  @BeforeEach
  void start() {
    scene = new ContractScene(folder);
    operations = scene.contract.operations();
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void everyExampleOfABodyIsTaken() {
    for (var operation : operations.values()) {
      var examples = operation.examples();
      var schema = operation.body();
      assertEquals(schema == null, examples.isEmpty(), operation.id());
      if (schema == null) {
        continue;
      }
      for (var example : examples) {
        assertEquals(List.of(), scene.contract.complaints(schema, example));
        String path = operation.path(scene.key("").id());
        var request =
            scene
                .api
                .request(path, KEY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(scene.fresh(example.toString())));
        var answer = Answer.of(scene.api.send(request));
        assertTrue(answer.status() < 300, example + " gets " + answer);
      }
    }
  }

  @Test
  void everyOtherExampleIsAsItsSchemaSays() {
    var complaints = new ArrayList<String>();
    int found = examplesOf(scene.contract.document, complaints);
    assertEquals(List.of(), complaints);
    assertTrue(found > 100, "examples: " + found);
  }

  /// Looks at all below a node, and counts.
  private int examplesOf(JsonNode node, List<String> complaints) {
    int found = 0;
    var example = node.get("example");
    if (example != null && !node.has("properties")) {
      var schema = node.has("schema") ? node.get("schema") : node;
      complaints.addAll(scene.contract.complaints(schema, example));
      found++;
    }
    for (var child : node) {
      found += examplesOf(child, complaints);
    }
    return found;
  }

  @Test
  void everyOperationSaysWhatItIsAndWhoMayCall() {
    var names = new TreeSet<String>();
    scene.contract.document.get("tags").forEach(tag -> names.add(tag.get("name").textValue()));
    var used = new TreeSet<String>();
    for (var operation : operations.values()) {
      var node = operation.node();
      assertFalse(node.get("summary").textValue().isEmpty(), operation.id());
      assertEquals(1, node.get("tags").size(), operation.id());
      used.add(node.get("tags").get(0).textValue());
      assertEquals(
          operation.path().startsWith("/v1/") && !BY_ROOM_TOKEN.contains(operation.id()),
          !node.get("security").isEmpty());
      for (var parameter : operation.parameters()) {
        assertTrue(parameter.hasNonNull("description"), operation + " " + parameter);
        assertTrue(parameter.hasNonNull("example"), operation + " " + parameter);
        assertTrue(parameter.get("schema").has("type"), operation + " " + parameter);
      }
      var inPath =
          operation.parameters().stream()
              .filter(parameter -> parameter.get("in").textValue().equals("path"))
              .map(parameter -> "{" + parameter.get("name").textValue() + "}")
              .toList();
      assertEquals(
          inPath, IN_PATH.matcher(operation.path()).results().map(MatchResult::group).toList());
    }
    assertEquals(names, used);
    assertEquals("3.1.0", scene.contract.document.get("openapi").textValue());
  }

  @Test
  void everyFieldHasATypeOfAtMostOneKindAndNothingOfThePastIsLeft() {
    String text = scene.contract.document.toString();
    assertFalse(text.contains("nullable") && text.contains("\"nullable\":"), text);
    for (var schema : scene.contract.document.at("/components/schemas")) {
      for (var field : schema.path("properties")) {
        var type = field.path("type");
        assertTrue(
            field.has("$ref") || type.isTextual() || type.toString().endsWith(",\"null\"]"),
            field.toString());
      }
    }
  }
}

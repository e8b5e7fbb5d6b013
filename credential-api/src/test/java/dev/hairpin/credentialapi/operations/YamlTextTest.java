package dev.hairpin.credentialapi.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hairpin.credentialapi.Api;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

class YamlTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "plain words",
        "true",
        "No",
        "null",
        "~",
        "1",
        "-",
        "a: b",
        "a #b",
        "- a",
        "it's \"so\"",
        "a\nb\u0000\\",
        "{}",
        "2026-11-22T03:00:00Z",
        "$ref",
        "ends in blank ",
        "grüße 𝄞"
      })
  void aStringIsReadBackAsItWas(String text) {
    var node =
        JsonNode.createObjectNode(
            Map.of(
                "k" + text,
                JsonNode.createArrayNode(
                    List.of(JsonNode.createStringNode(text), JsonNode.createNumberNode(7)))));
    assertEquals(Map.of("k" + text, List.of(text, 7)), new Yaml().load(YamlText.of(node)));
  }

  @Test
  void whatIsEmptyStaysWhatItIs() {
    var nothing =
        new ArrayList<>(
            List.of(
                JsonNode.createArrayNode(List.of()),
                JsonNode.createObjectNode(Map.of()),
                JsonNode.createBooleanNode(true)));
    nothing.add(JsonNode.nullNode());
    var expected = new ArrayList<Object>(List.of(List.of(), Map.of(), true));
    expected.add(null);
    assertEquals(expected, new Yaml().load(YamlText.of(JsonNode.createArrayNode(nothing))));
  }

  @Test
  void bothFormsOfTheDescriptionSayTheSame() throws IOException {
    try (var api = Api.start()) {
      Object json = new ObjectMapper().readValue(api.get("/openapi.json").body(), Object.class);
      assertEquals(json, new Yaml().load(api.get("/openapi.yml").body()));
    }
  }
}

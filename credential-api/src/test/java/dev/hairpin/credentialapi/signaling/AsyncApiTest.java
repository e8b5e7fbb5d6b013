package dev.hairpin.credentialapi.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.RoomSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Whether `asyncapi.yml` is sound, is served, and says of every message what it is.
class AsyncApiTest {
  private final Messages messages = new Messages();

  @Test
  void everyMessageThatThereIsGoesOverTheWireAsItIsDescribed() {
    try (var scene = new RoomScene(Api.settings().withRooms(new RoomSettings(true, 2)))) {
      String token = scene.token("standup");
      var alice = RoomClient.at(scene.api.url(), messages);
      var bob = RoomClient.at(scene.api.url(), messages);
      String a = RoomScene.id(alice.join(token, "Alice"));
      String b = RoomScene.id(bob.join(token, "Bob"));
      alice.expect("joined");
      for (String type : List.of("offer", "answer")) {
        alice.say("{\"type\":\"" + type + "\",\"to\":\"" + b + "\",\"sdp\":\"v=0\"}");
        assertEquals(a, bob.expect(type).get("from").textValue());
      }
      alice.say("{\"type\":\"candidate\",\"to\":\"" + b + "\",\"candidate\":null}");
      bob.expect("candidate");
      alice.say("{\"type\":\"refresh\"}").expect("credentials");
      alice.expectNothing();
      RoomClient.at(scene.api.url(), messages)
          .say("{\"type\":\"join\",\"token\":\"" + token + "\"}")
          .expectEnd("room-full", 4403);
      alice.expect("full");
      alice.say("{\"type\":\"leave\"}").expectClose(1000);
      bob.expect("full");
      bob.expect("left");
      bob.close();
    }
    var all = new TreeSet<>(messages.names("receive"));
    all.addAll(messages.names("send"));
    assertEquals(all, messages.seen());
    assertEquals(17, all.size());
    for (String where : List.of("/components/messages", "/channels/signaling/messages")) {
      var named = new TreeSet<String>();
      messages.document.at(where).fieldNames().forEachRemaining(named::add);
      assertEquals(all, named);
    }
  }

  @Test
  void everyTypeThatIsReadIsDescribed() {
    var types = new TreeSet<String>();
    for (String name : messages.names("receive")) {
      types.add(messages.type(name));
    }
    assertEquals(new TreeSet<>(ClientMessage.TYPES), types);
  }

  @Test
  void everyCodeOfAProblemIsDescribed() {
    var codes = new TreeSet<>(Set.of("unknown-participant"));
    for (var end : End.values()) {
      codes.add(end.code());
    }
    var described = new TreeSet<String>();
    messages
        .document
        .at("/components/messages/problem/payload/properties/code/enum")
        .forEach(code -> described.add(code.textValue()));
    assertEquals(codes, described);
  }

  @Test
  void everyReferenceLeadsSomewhereAndEveryExampleHolds() {
    var references = new ArrayList<String>();
    collect(messages.document, references);
    assertTrue(references.size() > 50, references::toString);
    for (String reference : references) {
      assertFalse(messages.document.at(reference.substring(1)).isMissingNode(), reference);
    }
    int examples = 0;
    for (var message : messages.document.at("/components/messages").properties()) {
      for (var example : message.getValue().path("examples")) {
        assertEquals(Set.of(), messages.complaints(message.getKey(), example.get("payload")));
        examples++;
      }
    }
    assertTrue(examples > 12);
  }

  private static void collect(JsonNode node, List<String> references) {
    if (node.path("$ref").isTextual()) {
      references.add(node.get("$ref").textValue());
    }
    node.forEach(child -> collect(child, references));
  }

  @Test
  void itIsServed() throws IOException {
    try (var scene = new RoomScene()) {
      var answer = scene.api.get("/asyncapi.yml");
      assertEquals(200, answer.statusCode());
      assertEquals("application/yaml", Api.header(answer, "Content-Type"));
      assertEquals(Files.readString(Path.of("src/main/resources/asyncapi.yml")), answer.body());
    }
    assertEquals("3.0.0", messages.document.get("asyncapi").textValue());
  }
}

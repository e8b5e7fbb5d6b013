package dev.hairpin.credentialapi.signaling;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hairpin.credentialapi.Api;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What participants see of each other.
class RoomsTest {
  private final RoomScene scene = new RoomScene();

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void whoJoinsIsWelcomedWithTheOthersAndCredentialsAndTheOthersAreTold() {
    String token = scene.token("standup");
    var alice = scene.client();
    var welcome = alice.join(token, "Alice");
    assertEquals("standup", welcome.get("room").textValue());
    assertEquals("Alice", welcome.at("/you/name").textValue());
    assertEquals(0, welcome.get("participants").size());
    assertEquals(8, welcome.get("size").intValue());
    assertFalse(welcome.get("resumed").booleanValue());
    assertCredentials(welcome);

    var bob = scene.client();
    var second = bob.join(token, "Bob");
    assertEquals(welcome.get("you"), second.at("/participants/0"));
    assertEquals(second.get("you"), alice.expect("joined").get("participant"));
    assertNotEquals(welcome.at("/you/id"), second.at("/you/id"));

    bob.say("{\"type\":\"leave\"}").expectClose(1000);
    var left = alice.expect("left");
    assertEquals(second.at("/you/id"), left.get("participant"));
    assertEquals("left", left.get("reason").textValue());
  }

  private static void assertCredentials(JsonNode message) {
    var turn = message.at("/iceServers/1");
    assertEquals(Api.TURN_URL, turn.at("/urls/0").textValue());
    assertEquals(
        Api.password(turn.get("username").textValue()), turn.get("credential").textValue());
    assertEquals("2026-11-21T09:00:00Z", message.get("expiresAt").textValue());
    assertEquals(21_600, message.get("ttl").intValue());
  }

  @Test
  void oneSpeaksToOneAndAThirdHearsNothing() {
    String token = scene.token("standup");
    var alice = scene.client();
    String a = RoomScene.id(alice.join(token, "Alice"));
    var bob = scene.client();
    String b = RoomScene.id(bob.join(token, "Bob"));
    var carol = scene.client();
    carol.join(token, "Carol");
    alice.expect("joined");
    alice.expect("joined");
    bob.expect("joined");

    String sdp = "v=0\\r\\no=- 4 2 IN IP4 127.0.0.1\\r\\ns=\\u00fc\\\"\\r\\n";
    bob.say("{\"type\":\"offer\",\"to\":\"" + a + "\",\"sdp\":\"" + sdp + "\"}");
    var offer = alice.expect("offer");
    assertEquals(b, offer.get("from").textValue());
    assertEquals("v=0\r\no=- 4 2 IN IP4 127.0.0.1\r\ns=ü\"\r\n", offer.get("sdp").textValue());
    alice.say("{\"type\":\"answer\",\"to\":\"" + b + "\",\"sdp\":\"v=0\"}");
    assertEquals(a, bob.expect("answer").get("from").textValue());
    for (String candidate :
        new String[] {
          "null",
          "{\"candidate\":\"\",\"sdpMid\":null,\"sdpMLineIndex\":null,\"usernameFragment\":null}",
          "{\"candidate\":\"candidate:1 1 udp 1 192.0.2.1 9 typ host\",\"sdpMid\":\"0\","
              + "\"sdpMLineIndex\":0,\"usernameFragment\":\"Fo\"}"
        }) {
      alice.say("{\"type\":\"candidate\",\"to\":\"" + b + "\",\"candidate\":" + candidate + "}");
      var told = bob.expect("candidate");
      assertEquals(a, told.get("from").textValue());
      assertEquals(candidate, told.get("candidate").toString());
    }
    carol.expectNothing();
  }

  @Test
  void roomsAreApart() {
    var alice = scene.client();
    String a = RoomScene.id(alice.join(scene.token("one"), "Alice"));
    var bob = scene.client();
    assertEquals(0, bob.join(scene.token("two"), "Bob").get("participants").size());
    bob.say("{\"type\":\"offer\",\"to\":\"" + a + "\",\"sdp\":\"v=0\"}");
    var problem = bob.expect("problem");
    assertEquals("unknown-participant", problem.get("code").textValue());
    assertEquals(a, problem.get("to").textValue());
    alice.expectNothing();
    bob.expectNothing();
  }

  @Test
  void newCredentialsAreForTheAsking() {
    var alice = scene.client();
    alice.join(scene.token("standup"), "Alice");
    alice.say("{\"type\":\"refresh\"}");
    assertCredentials(alice.expect("credentials"));
  }

  @Test
  void aTokenIsForARoomAndAUserAndALinkHoldsIt() {
    var answer = scene.api.post("/v1/rooms/standup/tokens", KEY, "{\"user\":\"alice\",\"ttl\":90}");
    assertEquals(201, answer.statusCode());
    var token = RoomScene.read(answer.body());
    assertEquals("standup", token.get("room").textValue());
    assertEquals("2026-11-21T03:01:30Z", token.get("expiresAt").textValue());
    assertEquals("/call.html#" + token.get("token").textValue(), token.get("link").textValue());
    var alice = scene.client();
    var welcome = alice.join(token.get("token").textValue(), "Alice");
    assertTrue(welcome.at("/iceServers/1/username").textValue().endsWith(":alice"));
  }
}

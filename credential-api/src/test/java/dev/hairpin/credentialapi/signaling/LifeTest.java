package dev.hairpin.credentialapi.signaling;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sockets that fall silent, break and come back, and the ends of participants and rooms.
class LifeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final RoomScene scene = new RoomScene();
  private final String token = scene.token("standup");
  private final RoomClient alice = scene.client();
  private final RoomClient bob = scene.client();
  private JsonNode welcome;
  private String a = "";

  LifeTest() {
    welcome = alice.join(token, "Alice");
  }

  @BeforeEach
  void meet() {
    a = RoomScene.id(welcome);
    bob.join(token, "Bob");
    alice.expect("joined");
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private static String offer(String to) {
    return "{\"type\":\"offer\",\"to\":\"" + to + "\",\"sdp\":\"v=0\"}";
  }

  private static String candidate(String to) {
    return "{\"type\":\"candidate\",\"to\":\"" + to + "\",\"candidate\":null}";
  }

  private String resume() {
    return welcome.get("resume").textValue();
  }

  private void assertLost() {
    var left = bob.expect("left");
    assertEquals(a, left.get("participant").textValue());
    assertEquals("lost", left.get("reason").textValue());
  }

  @Test
  void aSilentSocketIsClosedAfterThreeHeartbeatsAndItsParticipantLostAfterThirtySecondsMore() {
    scene.pass(Duration.ofSeconds(29));
    bob.expectNothing();
    alice.waiting();
    scene.pass(SECOND);
    alice.expectEnd("too-slow", 4408);
    bob.expectNothing();
    scene.pass(Duration.ofSeconds(29));
    bob.expectNothing();
    assertEquals(2, participants());
    scene.pass(SECOND);
    assertLost();
    assertEquals(1, participants());
  }

  @Test
  void pingsKeepASocket() {
    for (int i = 0; i < 5; i++) {
      scene.pass(Duration.ofSeconds(20));
      alice.expectNothing();
      bob.ping(); // of the protocol below
      bob.expectNothing();
    }
  }

  @Test
  void whoComesBackGetsItsPlaceAndWhatWasSaidMeanwhile() {
    alice.hangUp();
    bob.say(offer(a)).say(candidate(a)).expectNothing();
    scene.client().join(token, "Carol");
    bob.expect("joined");
    scene.pass(Duration.ofSeconds(29));
    bob.expectNothing();

    var again = scene.client();
    var second = again.resume("x", resume());
    assertTrue(second.get("resumed").booleanValue());
    assertEquals(welcome.get("you"), second.get("you"));
    assertEquals(2, second.get("participants").size());
    assertNotEquals(resume(), second.get("resume").textValue());
    again.expect("offer");
    again.expect("candidate");
    again.expect("joined");
    bob.expectNothing();
    bob.say(offer(a));
    again.expect("offer");

    scene.client().say(join("x", resume())).expectEnd("bad-token", 4401);
    var anew = scene.client();
    assertFalse(anew.resume(token, resume()).get("resumed").booleanValue());
  }

  private static String join(String token, String resume) {
    return "{\"type\":\"join\",\"token\":\"" + token + "\",\"resume\":\"" + resume + "\"}";
  }

  @Test
  void whoComesBackTooLateIsSomebodyNew() {
    alice.hangUp();
    scene.pass(Duration.ofSeconds(29));
    bob.expectNothing();
    scene.pass(SECOND);
    assertLost();
    var late = scene.client().resume(token, resume());
    assertFalse(late.get("resumed").booleanValue());
    assertNotEquals(a, RoomScene.id(late));
  }

  @Test
  void whoTakesAPlaceThatIsTakenReplacesTheFormer() {
    var again = scene.client();
    assertTrue(again.resume("x", resume()).get("resumed").booleanValue());
    alice.expectEnd("replaced", 4409);
    bob.expectNothing().say(offer(a));
    again.expect("offer");
    bob.expectNothing();
  }

  @Test
  void notTooManyMessagesWait() {
    alice.hangUp();
    for (int i = 0; i < 180; i++) {
      bob.say(candidate(a));
    }
    bob.expectNothing();
    scene.pass(SECOND.multipliedBy(4));
    for (int i = 0; i < 20; i++) {
      bob.say(candidate(a));
    }
    bob.expectNothing().say(candidate(a));
    assertLost();
    assertFalse(scene.client().resume(token, resume()).get("resumed").booleanValue());
  }

  @Test
  void notTooManyBytesWait() {
    alice.hangUp();
    String big = "{\"type\":\"offer\",\"to\":\"" + a + "\",\"sdp\":\"" + "v".repeat(60_000) + "\"}";
    for (int i = 0; i < 4; i++) {
      bob.say(big);
    }
    bob.expectNothing().say(big);
    assertLost();
  }

  @Test
  void aRoomEndsWithItsLastParticipant() {
    alice.say("{\"type\":\"leave\"}").expectClose(1000);
    bob.expect("left");
    assertEquals(1, participants());
    bob.hangUp();
    assertEquals(1, participants());
    scene.pass(Duration.ofSeconds(30));
    scene.awaitRooms(0);
    assertEquals(0, scene.client().join(token, "Carol").get("participants").size());
  }

  @Test
  void aRoomThatIsEndedSendsEverybodyAway() {
    scene.client().join(scene.token("another"), "Carol");
    assertEquals(204, delete("standup"));
    alice.expectEnd("removed", 4410);
    bob.expectEnd("removed", 4410);
    scene.client().say(join("x", resume())).expectEnd("bad-token", 4401);
    assertEquals(404, delete("standup"));
    scene.awaitRooms(1);
  }

  private int delete(String room) {
    return scene.api.send(scene.api.request("/v1/rooms/" + room, KEY).DELETE()).statusCode();
  }

  @Test
  void theRoomsAreListed() {
    var rooms = RoomScene.read(scene.api.get("/v1/rooms", KEY).body()).get("rooms");
    assertEquals(1, rooms.size());
    var room = rooms.get(0);
    assertEquals("standup", room.get("room").textValue());
    assertEquals("2026-11-21T03:00:00Z", room.get("since").textValue());
    assertEquals(welcome.get("you"), room.at("/participants/0"));
    assertEquals("Bob", room.at("/participants/1/name").textValue());
    assertFalse(room.has("tenant"));
    alice.expectNothing();
  }

  @Test
  void theServerSaysThatItGoes() {
    scene.api.close();
    alice.expectClose(1001);
    bob.expectClose(1001);
  }

  @Test
  void roomsParticipantsAndMessagesAreCounted() {
    bob.say(offer(a));
    alice.expect("offer");
    bob.say(offer("nobody"));
    bob.expect("problem");
    scene.assertMetric("hairpin_rooms 1.0");
    scene.assertMetric("hairpin_room_participants 2.0");
    scene.assertMetric("hairpin_room_messages_total 1.0");
    assertFalse(scene.api.get("/metrics").body().contains("standup"));
  }

  private int participants() {
    return RoomScene.read(scene.api.get("/v1/rooms", KEY).body())
        .at("/rooms/0/participants")
        .size();
  }
}

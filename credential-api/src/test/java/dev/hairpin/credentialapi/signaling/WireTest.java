package dev.hairpin.credentialapi.signaling;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hairpin.credentialapi.Api;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is malformed, too large, too much or too slow, and that it harms nobody else.
class WireTest {
  private static final int MAX = 64 << 10;
  private static final String PING = "{\"type\":\"ping\"}";

  private final RoomScene scene = new RoomScene();
  private final String token = scene.token("standup");

  @AfterEach
  void close() {
    scene.close();
  }

  private RoomClient joined(String name) {
    var client = scene.client();
    client.join(token, name);
    return client;
  }

  private static void assertRemoved(RoomClient witness) {
    assertEquals("removed", witness.expect("left").get("reason").textValue());
    witness.expectNothing();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7",
        "null",
        "\"ping\"",
        "[]",
        "{}",
        "{\"type\":null}",
        "{\"type\":7}",
        "{\"type\":\"PING\"}",
        "{\"type\":\"dance\"}",
        "{\"type\":\"welcome\"}",
        "{\"type\":\"ping\",\"x\":1}",
        "{\"type\":\"leave\",\"type \":\"leave\"}",
        "{\"type\":\"offer\",\"sdp\":\"v=0\"}",
        "{\"type\":\"offer\",\"to\":\"a\"}",
        "{\"type\":\"offer\",\"to\":\"a\",\"sdp\":\"\"}",
        "{\"type\":\"offer\",\"to\":\"\",\"sdp\":\"v=0\"}",
        "{\"type\":\"offer\",\"to\":\"a\",\"sdp\":null}",
        "{\"type\":\"offer\",\"to\":\"a\",\"sdp\":[\"v=0\"]}",
        "{\"type\":\"offer\",\"to\":[\"a\"],\"sdp\":\"v=0\"}",
        "{\"type\":\"offer\",\"to\":\"a\",\"from\":\"b\",\"sdp\":\"v=0\"}",
        "{\"type\":\"candidate\",\"to\":\"a\"}",
        "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":\"x\"}",
        "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":{}}",
        "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":"
            + "{\"candidate\":\"\",\"sdpMid\":\"0\"}}",
        "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":"
            + "{\"candidate\":\"\",\"sdpMLineIndex\":0}}",
        "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":"
            + "{\"candidate\":null,\"sdpMid\":\"0\",\"sdpMLineIndex\":0}}",
        "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":"
            + "{\"candidate\":\"\",\"sdpMid\":\"0\",\"sdpMLineIndex\":-1}}",
        "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":"
            + "{\"candidate\":\"\",\"sdpMid\":\"0\",\"sdpMLineIndex\":65536}}",
        "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":"
            + "{\"candidate\":\"\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"port\":9}}",
      })
  void whatTheSchemaForbidsEndsASocket(String text) {
    var witness = joined("Alice");
    var client = joined("Bob");
    witness.expect("joined");
    assertNotEquals(Set.of(), Messages.WATCHED.complaints(RoomScene.read(text)), text);
    client.sayAnything(text).expectEnd("malformed", 4400);
    assertRemoved(witness);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"}{\"type\":\"ping\"}",
        "{\"type\":\"ping\",\"type\":\"ping\"}",
        "{'type':'ping'}",
        "{\"type\":\"offer\",\"to\":\"a\",\"sdp\":\"\\ud83d\"}",
        "{\"type\":\"join\",\"token\":\"again\"}"
      })
  void whatIsNoMessageEndsASocket(String text) {
    var witness = joined("Alice");
    var client = joined("Bob");
    witness.expect("joined");
    client.sayAnything(text).expectEnd("malformed", 4400);
    assertRemoved(witness);
  }

  @Test
  void depthAndLengthOfFieldsAreBounded() {
    for (String text :
        new String[] {
          "[".repeat(MAX),
          "{\"type\":".repeat(7000),
          "{\"type\":\"offer\",\"to\":\"" + "x".repeat(65) + "\",\"sdp\":\"v=0\"}",
          "{\"type\":\"offer\",\"to\":\"a\",\"sdp\":\"" + "x".repeat(60_001) + "\"}",
          "{\"type\":\"candidate\",\"to\":\"a\",\"candidate\":{\"candidate\":\""
              + "x".repeat(1025)
              + "\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}}",
        }) {
      joined("Bob").sayAnything(text).expectEnd("malformed", 4400);
    }
    for (String name : new String[] {"", "x".repeat(65), "a\\nb", "\\u0085"}) {
      scene
          .client()
          .sayAnything("{\"type\":\"join\",\"token\":\"x\",\"name\":\"" + name + "\"}")
          .expectEnd("malformed", 4400);
    }
    String alien = "\ud83d\udc7d".repeat(64);
    assertEquals(alien, scene.client().join(token, alien).at("/you/name").textValue());
  }

  @Test
  void framesOfBytesEndASocket() {
    joined("Bob").sayBinary(PING.getBytes(UTF_8)).expectEnd("malformed", 4400);
  }

  @Test
  void whatIsNotUtf8EndsASocket() {
    for (String bad :
        List.of(
            "{\"type\":\"p\u00ffng\"}", // no beginning of a letter
            "{\"type\":\"p\u00c1\u00a9ng\"}")) { // an i that is longer than it has to be
      byte[] bytes = bad.getBytes(ISO_8859_1);
      try (var socket = RawSocket.upgrade(scene.api)) {
        socket.say("{\"type\":\"join\",\"token\":\"" + token + "\"}");
        assertTrue(socket.read().text().contains("\"welcome\""));
        socket.send(RawSocket.frame(RawSocket.TEXT, bytes.length, bytes, true));
        assertTrue(socket.read().text().contains("\"malformed\""));
        assertEquals(4400, socket.read().closeStatus());
      }
    }
  }

  @Test
  void framesThatBreakTheProtocolEndASocket() {
    byte[] ping = PING.getBytes(UTF_8);
    for (byte[] frame :
        new byte[][] {
          RawSocket.frame(RawSocket.TEXT, ping.length, ping, false), // without a mask
          RawSocket.frame(0xc1, ping.length, ping, true), // as if it were compressed
          RawSocket.frame(0x83, ping.length, ping, true), // of no kind
          RawSocket.frame(0x80, ping.length, ping, true), // goes on with nothing
          RawSocket.frame(0x09, ping.length, ping, true), // a ping in parts
        }) {
      try (var socket = RawSocket.upgrade(scene.api)) {
        socket.send(frame);
        assertTrue(socket.read().text().contains("\"malformed\""));
        assertEquals(4400, socket.read().closeStatus());
      }
    }
  }

  @Test
  void aMessageMayHave64KibAndNotOneByteMore() {
    String padded = PING.replace("}", " ".repeat(MAX - PING.length()) + "}");
    var bob = joined("Bob");
    bob.say(padded).expect("pong");
    var witness = joined("Alice");
    bob.expect("joined");
    bob.sayAnything(padded + " ").expectEnd("too-large", 4413);
    assertRemoved(witness);
  }

  @Test
  void aMessageInPartsIsBoundedAsAWholeAndMayHavePingsBetween() {
    var bob = joined("Bob");
    bob.sayPart("{\"type\":", false);
    bob.ping();
    bob.sayPart("\"ping\"", false);
    bob.sayPart("}", true);
    bob.expect("pong");
    bob.sayPart(" ".repeat(40_000), false);
    bob.sayPart(" ".repeat(40_000), false);
    bob.expectEnd("too-large", 4413);
  }

  @Test
  void whatOnlyAnnouncesThatItIsLargeIsRefusedBeforeItComes() {
    for (long length : new long[] {MAX + 1, 1L << 40, Long.MAX_VALUE, -1}) {
      try (var socket = RawSocket.upgrade(scene.api)) {
        socket.send(
            RawSocket.frame(
                RawSocket.TEXT, length < 0 ? Long.MIN_VALUE : length, new byte[0], true));
        String code = length < 0 ? "malformed" : "too-large";
        assertTrue(socket.read().text().contains("\"" + code + "\""));
        assertEquals(length < 0 ? 4400 : 4413, socket.read().closeStatus());
      }
    }
  }

  @Test
  void tooManyMessagesEndASocket() {
    var witness = joined("Alice");
    var bob = joined("Bob");
    witness.expect("joined");
    for (int i = 0; i < 199; i++) {
      bob.say(PING);
    }
    for (int i = 0; i < 199; i++) {
      bob.expect("pong");
    }
    scene.pass(Duration.ofSeconds(1));
    for (int i = 0; i < 50; i++) {
      bob.say(PING);
      bob.expect("pong");
    }
    bob.sayAnything(PING).expectEnd("too-many", 4429);
    assertRemoved(witness);
  }

  @Test
  void tooManyFramesEndASocketWhateverTheyAre() {
    try (var socket = RawSocket.upgrade(scene.api)) {
      var bytes = new ByteArrayOutputStream();
      bytes.writeBytes(RawSocket.frame(0x01, 0, new byte[0], true));
      for (int i = 0; i < 200; i++) {
        bytes.writeBytes(RawSocket.frame(0x00, 0, new byte[0], true));
      }
      socket.send(bytes.toByteArray());
      assertTrue(socket.read().text().contains("\"too-many\""));
      assertEquals(4429, socket.read().closeStatus());
    }
  }

  @Test
  void tooManyBytesEndASocket() {
    var bob = joined("Bob");
    String big = "{\"type\":\"offer\",\"to\":\"nobody\",\"sdp\":\"" + "v".repeat(60_000) + "\"}";
    for (int i = 0; i < 8; i++) {
      bob.say(big).expect("problem");
    }
    scene.pass(Duration.ofSeconds(1));
    for (int i = 0; i < 2; i++) {
      bob.say(big).expect("problem");
    }
    bob.sayAnything(big).expectEnd("too-many", 4429);
  }

  @Test
  void whoDoesNotReadIsClosedAndLostAndTheOthersGoOn() {
    var bob = joined("Bob");
    try (var slow = RawSocket.upgrade(scene.api, 4096)) {
      slow.say("{\"type\":\"join\",\"token\":\"" + token + "\"}");
      String id = RoomScene.id(RoomScene.read(slow.read().text()));
      bob.expect("joined");
      String big =
          "{\"type\":\"offer\",\"to\":\"" + id + "\",\"sdp\":\"" + "v".repeat(60_000) + "\"}";
      long said = 0;
      var told = List.<JsonNode>of();
      while (told.isEmpty()) {
        assertTrue(said < 64 << 20, "a slow reader is waited for without end");
        for (int i = 0; i < 8; i++) {
          bob.say(big);
          said += big.length();
        }
        told = bob.untilPong();
        scene.pass(Duration.ofSeconds(4));
        slow.sayIfOpen(PING);
      }
      assertEquals("lost", told.getFirst().get("reason").textValue());
      assertTrue(slow.drain() < said);
      bob.expectNothing();
    }
  }

  @Test
  void whoPingsAndDoesNotReadIsClosedToo() {
    try (var beans = Api.beans()) {
      var slow = new EmbeddedChannel();
      var rooms = beans.getBean(Rooms.class);
      slow.pipeline().addLast(new SignalingSocket(rooms, scene::now, slow, () -> {}));
      slow.writeInbound(new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[] {1})));
      assertInstanceOf(PongWebSocketFrame.class, slow.readOutbound());
      slow.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
      slow.writeInbound(new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[] {2})));
      assertNull(slow.readOutbound());
      assertFalse(slow.isOpen());
    }
  }
}

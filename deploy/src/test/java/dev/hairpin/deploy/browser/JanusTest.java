package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls through Janus by the relay alone. Both sides have their credentials from the API: a
/// browser from its page, Janus by `turn_rest_api`.
class JanusTest {
  private final JanusScene scene;

  JanusTest(@TempDir Path folder) {
    scene = new JanusScene(folder);
  }

  @AfterEach
  void stop() throws Exception {
    scene.close();
  }

  private static final String ECHO =
      """
      const echo = await Handle.to('janus.plugin.echotest');
      const link = relayedLink();
      show(link);
      link.addTrack(painted());
      await echo.say({ audio: false, video: true }, await gathered(link));
      const { jsep } = await echo.hear(({ jsep }) => jsep);
      await link.setRemoteDescription(relayedOnly(jsep));
      return JSON.stringify(await watch(link));
      """;

  @Test
  void aBrowserSeesItselfThroughTheEchoTest() throws Exception {
    scene.start("echotest");
    var seen = scene.run(ECHO);
    assertTrue((Long) seen.getOrDefault("frames", 0L) >= 30, () -> seen + "\n" + scene.log());
    assertEquals("relay relay", seen.get("local") + " " + seen.get("remote"));
    var sessions = scene.sessions();
    assertEquals(2, sessions.size(), sessions::toString);
    for (var session : sessions) {
      assertTrue(session.passed().toPeerPackets() > 20, session::toString);
      assertTrue(session.passed().toClientPackets() > 20, session::toString);
    }
    assertEquals(1, sessions.stream().filter(JanusScene::isOfJanus).count(), sessions::toString);
  }

  private static final String ROOM =
      """
      const isJsep = ({ jsep }) => jsep;
      const room = 1234;
      const publisher = await Handle.to('janus.plugin.videoroom');
      await publisher.say({ request: 'create', room, videocodec: 'vp8' });
      await publisher.say({ request: 'join', ptype: 'publisher', room });
      const joined = await publisher.hear(({ plugindata }) => plugindata?.data.videoroom === 'joined');
      const sending = relayedLink();
      sending.addTrack(painted());
      await publisher.say({ request: 'publish', audio: false, video: true }, await gathered(sending));
      await sending.setRemoteDescription(relayedOnly((await publisher.hear(isJsep)).jsep));
      await publisher.hear(({ janus }) => janus === 'webrtcup');

      const subscriber = await Handle.to('janus.plugin.videoroom');
      const streams = [{ feed: joined.plugindata.data.id }];
      await subscriber.say({ request: 'join', ptype: 'subscriber', room, streams });
      const receiving = relayedLink();
      show(receiving);
      await receiving.setRemoteDescription(relayedOnly((await subscriber.hear(isJsep)).jsep));
      await subscriber.say({ request: 'start' }, await gathered(receiving));
      const received = await watch(receiving);
      const sent = await look(sending);
      return JSON.stringify({
        frames: received.frames,
        sending: sent.local + ' ' + sent.remote,
        receiving: received.local + ' ' + received.remote,
      });
      """;

  @Test
  void whatOnePublishesInAVideoRoomAnotherSees() throws Exception {
    scene.start("videoroom");
    var seen = scene.run(ROOM);
    assertTrue((Long) seen.getOrDefault("frames", 0L) >= 30, () -> seen + "\n" + scene.log());
    assertEquals("relay relay", seen.get("sending"), seen::toString);
    assertEquals("relay relay", seen.get("receiving"), seen::toString);
    assertEquals(3, scene.issued()); // one for the browser, one for each connection of Janus
    var sessions = scene.sessions();
    assertEquals(4, sessions.size(), sessions::toString);
    assertEquals(2, sessions.stream().filter(JanusScene::isOfJanus).count(), sessions::toString);
    for (var session : sessions) {
      long most = Math.max(session.passed().toPeerBytes(), session.passed().toClientBytes());
      assertTrue(most > 3_000, session::toString);
    }
    long before = relayedBytes();
    scene.await(() -> relayedBytes() > before + 1_000);
  }

  private long relayedBytes() {
    return scene.sessions().stream().mapToLong(session -> session.passed().toPeerBytes()).sum();
  }
}

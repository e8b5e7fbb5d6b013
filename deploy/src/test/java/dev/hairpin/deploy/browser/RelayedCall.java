package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.openqa.selenium.json.Json;

/// A call with video and data between two peer connections of one page, over the relay alone, and
/// by what the browser itself says of it in getStats.
record RelayedCall(Map<String, Object> figures) {
  private static final String BODY =
      """
      const answer = await fetch('/v1/ice-servers', {
        method: 'POST',
        headers: { Authorization: 'Bearer KEY' },
      });
      const { iceServers } = await answer.json();
      const turn = iceServers.find(({ username }) => username);
      const urls = turn.urls.filter((url) => /PATTERN/.test(url));
      const { SelfCall } = await import('/selfcall.js');
      const { Scene } = await import('/scene.js');
      const { measure } = await import('/measurement.js');
      const scene = new Scene(document.getElementById('scene'));
      const call = new SelfCall([{ ...turn, urls }], scene.start());
      try {
        document.getElementById('received').srcObject = call.received;
        await call.connect();
        const [near, far] = [call.caller.channel, call.callee.channel];
        far.addEventListener('message', ({ data }) => far.send(data));
        const back = new Promise((resolve) =>
          near.addEventListener('message', ({ data }) => resolve(new Uint8Array(data))));
        const sent = crypto.getRandomValues(new Uint8Array(1000));
        near.send(sent);
        const echoed = (await back).join() === sent.join();
        let now = await measure(call);
        while (now.frames < 10) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          now = await measure(call);
        }
        const ends = [now.caller, now.callee];
        return JSON.stringify({
          urls: urls.length,
          echoed,
          frames: now.frames,
          types: ends.flatMap(({ local, remote }) => [local, remote].map((c) => c.candidateType)).join(' '),
          protocols: ends.map(({ local }) => local.relayProtocol).join(' '),
        });
      } catch (error) {
        return JSON.stringify({ urls: urls.length, error: error.message });
      } finally {
        call.hangUp();
        scene.stop();
      }
      """;

  /// The body of an asynchronous function.
  ///
  /// @param pattern of the one URL that is used
  static String body(String pattern) {
    return BODY.replace("KEY", EveryTransport.API_KEY).replace("PATTERN", pattern);
  }

  static RelayedCall read(Object json) {
    return new RelayedCall(new Json().toType(String.valueOf(json), Json.MAP_TYPE));
  }

  /// @param protocol between browser and server: udp, tcp or tls
  void assertRelayedOver(String protocol) {
    assertWorks();
    assertEquals(1L, figures.get("urls"), figures.toString());
    assertEquals(protocol + " " + protocol, figures.get("protocols"), figures.toString());
  }

  void assertWorks() {
    assertEquals("relay relay relay relay", figures.get("types"), figures.toString());
    assertEquals(true, figures.get("echoed"), figures.toString());
    assertTrue((Long) figures.getOrDefault("frames", 0L) >= 10, figures.toString());
  }
}

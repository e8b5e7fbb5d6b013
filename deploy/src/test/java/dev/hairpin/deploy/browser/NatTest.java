package dev.hairpin.deploy.browser;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.json.Json;

/// A call between two browsers, each behind a NAT of its own, that may go any way it finds.
class NatTest {
  /// Another port for each destination: RFC 4787's address and port-dependent mapping.
  private static final String SYMMETRIC = "masquerade fully-random";

  /// The port that the host itself has, whoever is spoken to: endpoint-independent mapping.
  private static final String CONE = "masquerade";

  private static final int FRAMES = 40;

  private static final String OPEN =
      """
      window.link = new RTCPeerConnection({ iceServers: ICE_SERVERS });
      show(link);
      link.addTrack(painted());
      """;
  private static final String OFFER = "return JSON.stringify(await gathered(link));";
  private static final String ANSWER = "await link.setRemoteDescription(DESCRIPTION);" + OFFER;
  private static final String ACCEPT = "await link.setRemoteDescription(DESCRIPTION); return '{}';";

  private final NatScene scene;

  NatTest(@TempDir Path folder) {
    scene = new NatScene(folder);
  }

  @AfterEach
  void stop() throws Exception {
    scene.close();
  }

  @Test
  void betweenSymmetricNatsTheCallGoesThroughTheRelay() throws Exception {
    scene.start(SYMMETRIC);
    call();
    assertEquals(List.of("44.1.0.2", "44.2.0.2"), scene.clients());
    var passed = watchBoth();
    assertTrue(passed.isRelayed(), passed::toString);
    assertTrue(passed.relayed() > passed.received(), passed::toString);
  }

  @Test
  void betweenConeNatsTheCallIsDirectAndTheRelayCarriesNothingOfIt() throws Exception {
    scene.start(CONE);
    call();
    assertEquals(List.of("44.1.0.2", "44.2.0.2"), scene.clients());
    var passed = watchBoth();
    assertTrue(passed.isDirect(), passed::toString);
    // at most a check of ICE on a spare pair
    assertTrue(passed.relayed() < passed.received() / 20, passed::toString);
  }

  /// Carries what the browsers have to say to each other, with all candidates in it.
  private void call() throws Exception {
    var caller = scene.browsers().getFirst();
    var callee = scene.browsers().getLast();
    String open = OPEN.replace("ICE_SERVERS", scene.iceServers());
    var offer = caller.run(open + OFFER);
    var answer = callee.run(open + with(offer, ANSWER));
    caller.run(with(answer, ACCEPT));
  }

  private static String with(Map<String, Object> description, String script) {
    return script.replace("DESCRIPTION", new Json().toJson(description));
  }

  /// What went on while both browsers decoded some frames.
  ///
  /// @param pairs types of the local and the remote candidate that each browser has chosen
  /// @param received bytes that browsers got
  /// @param relayed bytes that the server relayed
  private record Passed(List<String> pairs, long received, long relayed) {
    boolean isRelayed() {
      return pairs.stream().allMatch(pair -> pair.contains("relay"));
    }

    boolean isDirect() {
      return pairs.stream().noneMatch(pair -> pair.contains("relay"));
    }
  }

  private Passed watchBoth() throws Exception {
    for (var browser : scene.browsers()) {
      watch(browser, FRAMES);
    }
    var before = scene.browsers().stream().map(browser -> watch(browser, 0)).toList();
    long relayed = scene.relayedBytes();
    var after = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < before.size(); i++) {
      after.add(watch(scene.browsers().get(i), number(before.get(i), "frames") + FRAMES));
    }
    long now = scene.relayedBytes();
    return new Passed(
        after.stream().map(seen -> seen.get("local") + " " + seen.get("remote")).toList(),
        sum(after) - sum(before),
        now - relayed);
  }

  private static Map<String, Object> watch(FarChromium browser, long frames) {
    var seen = browser.run("return JSON.stringify(await watch(link, " + frames + "));");
    assertTrue(number(seen, "frames") >= frames, seen::toString);
    return seen;
  }

  private static long sum(List<Map<String, Object>> seen) {
    return seen.stream().mapToLong(each -> number(each, "bytes")).sum();
  }

  private static long number(Map<String, Object> seen, String name) {
    return (Long) requireNonNull(seen.get(name), name);
  }
}

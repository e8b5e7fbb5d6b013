package dev.hairpin.deploy.browser;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.Servers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.json.Json;

/// Janus, as Debian has it, behind a network of its own. It fetches its TURN credentials from the
/// API by `turn_rest_api`, and a browser that may go by the relay alone sees itself through it.
class JanusTest {
  private static final String KEY = "the-api-key-that-janus-was-told";
  private static final String NAMESPACE = "hairpin-janus-" + ProcessHandle.current().pid();
  private static final String OURS = "10.213.77.1";
  private static final String ITS = "10.213.77.2";

  private final Path folder;
  private boolean hasNetwork;
  private @Nullable Process janus;
  private @Nullable Servers servers;
  private @Nullable Chromium chromium;

  JanusTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @BeforeEach
  void start() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "networks are made by root alone");
    run("ip", "netns", "add", NAMESPACE);
    hasNetwork = true;
    run(
        "ip",
        "link",
        "add",
        "hpjanus0",
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        NAMESPACE);
    run("ip", "address", "add", OURS + "/30", "dev", "hpjanus0");
    run("ip", "link", "set", "hpjanus0", "up");
    inside("ip", "address", "add", ITS + "/30", "dev", "eth0");
    inside("ip", "link", "set", "eth0", "up");
    inside("ip", "link", "set", "lo", "up");
    servers = startServers();
    janus = startJanus(servers.api().orElseThrow().url());
    chromium = new Chromium(Files.createDirectory(folder.resolve("chromium")));
  }

  @AfterEach
  void stop() throws Exception {
    if (chromium != null) {
      chromium.close();
    }
    if (janus != null) {
      janus.destroy();
      janus.waitFor(10, TimeUnit.SECONDS);
    }
    if (servers != null) {
      servers.close();
    }
    if (hasNetwork) {
      run("ip", "netns", "delete", NAMESPACE); // the other end of the cable goes with it
    }
  }

  private static void inside(String... command) throws Exception {
    var whole = new ArrayList<>(List.of("ip", "netns", "exec", NAMESPACE));
    whole.addAll(List.of(command));
    run(whole.toArray(String[]::new));
  }

  private static void run(String... command) throws Exception {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + said);
  }

  /// With the default rules: no peer in a private network may be reached.
  private Servers startServers() throws IOException {
    Files.writeString(folder.resolve("api-key"), KEY);
    var file =
        Files.writeString(
            folder.resolve("hairpin.yml"),
            """
            listen: [ 'udp://%s:0' ]
            relay: { addresses: [ '%s' ] }
            unsafe: [ weak-secrets, open-secret-files ]
            api:
              listen: http://%s:0
              key-file: api-key
              compatibility: [ turn-rest ]
            """
                .formatted(OURS, OURS, OURS));
    var given = Configuration.read(file, HairpinKeys.ALL);
    return Servers.start(Plan.of(Plan.fill(given, _ -> Optional.empty(), folder.resolve("data"))));
  }

  private Process startJanus(URI api) throws Exception {
    var etc = Files.createDirectory(folder.resolve("janus"));
    Files.writeString(
        etc.resolve("janus.jcfg"),
        """
        general: { server_name = "test" debug_level = 4 }
        nat: {
          turn_rest_api = "%s/turn"
          turn_rest_api_key = "%s"
          turn_rest_api_method = "GET"
        }
        plugins: { disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_videoroom.so,libjanus_voicemail.so" }
        transports: { disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_websockets.so" }
        """
            .formatted(api, KEY));
    Files.writeString(
        etc.resolve("janus.transport.http.jcfg"),
        """
        general: { json = "plain" http = true port = 8088 https = false ip = "%s" }
        admin: { admin_http = false }
        """
            .formatted(ITS));
    Files.writeString(etc.resolve("janus.plugin.echotest.jcfg"), "general: { events = false }\n");
    return new ProcessBuilder(
            "ip",
            "netns",
            "exec",
            NAMESPACE,
            "janus",
            "--configs-folder=" + etc,
            "--disable-colors")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("janus.log").toFile())
        .start();
  }

  private static final String CALL =
      """
      const text = () => Math.random().toString(36).slice(2);
      const ask = async (path, body) => (await fetch('/janus' + path, body === undefined ? {} : {
        method: 'POST', body: JSON.stringify({ ...body, transaction: text() }) })).json();
      const session = (await ask('', { janus: 'create' })).data.id;
      const handle = (await ask('/' + session, {
        janus: 'attach', plugin: 'janus.plugin.echotest' })).data.id;

      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
      const paint = canvas.getContext('2d');
      let turn = 0;
      const painter = setInterval(() => {
        paint.fillStyle = `hsl(${turn += 7} 90% 50%)`;
        paint.fillRect(0, 0, 320, 240);
      }, 33);
      const link = new RTCPeerConnection({ iceServers: ICE_SERVERS, iceTransportPolicy: 'relay' });
      const video = document.createElement('video');
      link.addEventListener('track', ({ track }) => {
        video.srcObject = new MediaStream([track]);
        video.muted = true;
        video.play();
      });
      link.addTrack(canvas.captureStream(30).getVideoTracks()[0]);
      await link.setLocalDescription();
      while (link.iceGatheringState !== 'complete') {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await ask(`/${session}/${handle}`, {
        janus: 'message',
        body: { audio: false, video: true },
        jsep: { type: 'offer', sdp: link.localDescription.sdp },
      });
      let answer;
      while (!answer) {
        answer = (await ask(`/${session}?maxev=1`)).jsep;
      }
      const relayed = answer.sdp.split('\\r\\n')
        .filter((line) => !line.startsWith('a=candidate') || line.includes('typ relay'));
      const offered = relayed.filter((line) => line.startsWith('a=candidate')).length;
      await link.setRemoteDescription({ type: 'answer', sdp: relayed.join('\\r\\n') });
      let figures = { frames: 0 };
      const end = Date.now() + 20000;
      while (figures.frames < 30 && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const stats = [...(await link.getStats()).values()];
        const transport = stats.find(({ type }) => type === 'transport');
        const pair = stats.find(({ id }) => id === transport?.selectedCandidatePairId);
        const type = (id) => stats.find((stat) => stat.id === id)?.candidateType;
        figures = {
          frames: stats.find(({ type }) => type === 'inbound-rtp')?.framesDecoded ?? 0,
          local: type(pair?.localCandidateId) ?? link.iceConnectionState,
          remote: type(pair?.remoteCandidateId) ?? '',
          offered,
        };
      }
      clearInterval(painter);
      return JSON.stringify(figures);
      """;

  @Test
  void aBrowserSeesItselfThroughJanusByTheRelayAlone() throws Exception {
    var turn = requireNonNull(servers).turn().orElseThrow();
    var own = requireNonNull(servers).api().orElseThrow().url();
    String iceServers = iceServers(own.resolve("/v1/ice-servers?user=browser"));
    requireNonNull(chromium).open(URI.create("http://" + ITS + ":8088/janus/info"));
    Object json = requireNonNull(chromium).evaluate(CALL.replace("ICE_SERVERS", iceServers));
    var figures = new Json().<Map<String, Object>>toType(String.valueOf(json), Json.MAP_TYPE);
    String log = Files.readString(folder.resolve("janus.log"));
    assertTrue((Long) figures.getOrDefault("frames", 0L) >= 30, () -> figures + "\n" + log);
    assertEquals("relay relay", figures.get("local") + " " + figures.get("remote"), log);
    var sessions = turn.sessions();
    assertEquals(2, sessions.size(), sessions::toString);
    for (var session : sessions) {
      assertTrue(session.passed().toPeerPackets() > 20, session::toString);
      assertTrue(session.passed().toClientPackets() > 20, session::toString);
    }
    assertTrue(sessions.stream().anyMatch(s -> s.fiveTuple().client().ip().toString().equals(ITS)));
  }

  private static String iceServers(URI url) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(url).header("Authorization", "Bearer " + KEY).build();
      var answer = client.send(request, BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      return answer
          .body()
          .substring(answer.body().indexOf('['), answer.body().lastIndexOf(']') + 1);
    }
  }
}

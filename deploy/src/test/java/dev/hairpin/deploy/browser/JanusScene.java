package dev.hairpin.deploy.browser;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.Servers;
import dev.hairpin.turnserver.loop.Session;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.json.Json;

/// Janus, as Debian has it, behind a network of its own, which fetches its TURN credentials from
/// the API by `turn_rest_api`; and Chromium with a page of Janus.
final class JanusScene {
  static final String ITS = "10.213.77.2";
  private static final String OURS = "10.213.77.1";
  private static final List<String> PLUGINS =
      List.of(
          "audiobridge",
          "duktape",
          "echotest",
          "lua",
          "nosip",
          "recordplay",
          "sip",
          "streaming",
          "textroom",
          "videocall",
          "videoroom",
          "voicemail");
  private static final String KEY = "the-api-key-that-janus-was-told";

  /// Of Janus's HTTP API (https://janus.conf.meetecho.com/docs/rest.html), and of the browser's,
  /// what the scripts of the tests need.
  private static final String LIBRARY =
      """
      const ask = async (path, body) => (await fetch('/janus' + path, body === undefined ? {} : {
        method: 'POST',
        body: JSON.stringify({ ...body, transaction: Math.random().toString(36).slice(2) }),
      })).json();
      class Handle {
        static async to(plugin) {
          const session = '/' + (await ask('', { janus: 'create' })).data.id;
          const { data } = await ask(session, { janus: 'attach', plugin });
          return Object.assign(new Handle(), { session, path: `${session}/${data.id}` });
        }
        say(body, jsep) {
          return ask(this.path, { janus: 'message', body, ...(jsep ? { jsep } : {}) });
        }
        async hear(isIt) {
          for (;;) {
            const event = await ask(this.session + '?maxev=1');
            if (isIt(event)) {
              return event;
            }
            if (event.plugindata?.data?.error) {
              throw new Error(event.plugindata.data.error);
            }
          }
        }
      }
      const relayedLink = () =>
        new RTCPeerConnection({ iceServers: ICE_SERVERS, iceTransportPolicy: 'relay' });
      const relayedOnly = ({ type, sdp }) => ({ type, sdp: sdp.split('\\r\\n')
        .filter((line) => !line.startsWith('a=candidate') || line.includes('typ relay'))
        .join('\\r\\n') });
      """;

  private final Path folder;
  private final Networks networks = new Networks();
  private @Nullable Process janus;
  private @Nullable Servers servers;
  private @Nullable Chromium chromium;

  JanusScene(Path folder) {
    this.folder = folder;
  }

  /// @param plugin of Janus, the only one that it loads
  void start(String plugin) throws Exception {
    Networks.assumeAllowed();
    String network = networks.add("janus");
    Networks.cableFromHere("hpjanus0", OURS + "/30", network, "eth0");
    Networks.up(network, "eth0", ITS + "/30");
    servers = startServers();
    janus = startJanus(network, plugin, api());
    chromium = new Chromium(Files.createDirectory(folder.resolve("chromium")));
  }

  void close() throws Exception {
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
    networks.delete();
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

  private Process startJanus(String network, String plugin, URI api) throws IOException {
    var etc = Files.createDirectory(folder.resolve("janus"));
    var others = PLUGINS.stream().filter(other -> !other.equals(plugin));
    Files.writeString(
        etc.resolve("janus.jcfg"),
        """
        general: { server_name = "test" debug_level = 4 }
        nat: {
          turn_rest_api = "%s/turn"
          turn_rest_api_key = "%s"
          turn_rest_api_method = "GET"
        }
        plugins: { disable = "%s" }
        transports: { disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_websockets.so" }
        """
            .formatted(
                api, KEY, others.map(name -> "libjanus_" + name + ".so").collect(joining(","))));
    Files.writeString(
        etc.resolve("janus.transport.http.jcfg"),
        """
        general: { json = "plain" http = true port = 8088 https = false ip = "%s" }
        admin: { admin_http = false }
        """
            .formatted(ITS));
    return Networks.program(
            network, List.of("janus", "--configs-folder=" + etc, "--disable-colors"))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("janus.log").toFile())
        .start();
  }

  /// What a script returns that runs in a page of Janus and has [CallScript] and [#LIBRARY].
  Map<String, Object> run(String script) throws Exception {
    requireNonNull(chromium).open(URI.create("http://" + ITS + ":8088/janus/info"));
    String library = LIBRARY.replace("ICE_SERVERS", iceServers());
    Object json = requireNonNull(chromium).evaluate(CallScript.LIBRARY + library + script);
    return new Json().toType(String.valueOf(json), Json.MAP_TYPE);
  }

  private String iceServers() throws Exception {
    String answer = get("/v1/ice-servers?user=browser");
    return answer.substring(answer.indexOf('['), answer.lastIndexOf(']') + 1);
  }

  /// What the API has issued, by its own count.
  double issued() throws Exception {
    String name = "hairpin_api_credentials_issued_total ";
    var line = get("/metrics").lines().filter(each -> each.startsWith(name)).findFirst();
    return Double.parseDouble(line.orElseThrow().substring(name.length()));
  }

  private String get(String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(api().resolve(path));
      request.header("Authorization", "Bearer " + KEY);
      var answer = client.send(request.build(), BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      return answer.body();
    }
  }

  private URI api() {
    return requireNonNull(servers).api().orElseThrow().url();
  }

  List<Session> sessions() {
    return requireNonNull(servers).turn().orElseThrow().sessions();
  }

  /// Whether the client of a session is Janus.
  static boolean isOfJanus(Session session) {
    return session.fiveTuple().client().ip().toString().equals(ITS);
  }

  void await(BooleanSupplier condition) {
    requireNonNull(chromium).await(condition);
  }

  String log() {
    try {
      return Files.readString(folder.resolve("janus.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}

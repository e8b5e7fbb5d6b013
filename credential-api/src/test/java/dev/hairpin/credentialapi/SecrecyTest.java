package dev.hairpin.credentialapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.hairpin.credentialapi.signaling.RoomClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Looks for secrets in everything that any library logs, down to TRACE, and in every answer.
class SecrecyTest {
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<ch.qos.logback.core.Appender<ILoggingEvent>> others = new ArrayList<>();

  @BeforeEach
  void listen() {
    root.iteratorForAppenders().forEachRemaining(others::add);
    others.forEach(root::detachAppender);
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
  }

  @AfterEach
  void stopListening() {
    root.setLevel(Level.WARN);
    root.detachAppender(log);
    others.forEach(root::addAppender);
  }

  @Test
  void nobodyIsToldASecret() {
    var said = new ArrayList<String>();
    String token = Jwt.good("alice");
    try (var api = Api.start()) {
      var issued = api.post(Api.KEY, "{}");
      assertEquals(200, issued.statusCode());
      String password = issued.body().replaceAll(".*\"credential\":\"([^\"]+)\".*", "$1");
      assertEquals(200, api.get("/v1/ice-servers", token).statusCode());
      for (String wrong : List.of(Api.KEY, "Basic " + Api.KEY, "Bearer " + token + "x", token)) {
        said.add(api.send(api.request("/v1/ice-servers").header("Authorization", wrong)).body());
      }
      said.add(api.post(Api.KEY, "{\"user\":\"" + Api.SECRET + "\\n\"}").body());
      said.add(api.post(Api.KEY, "{\"" + Api.KEY + "\":1}").body());
      said.add(api.post(Api.KEY, Api.KEY).body());
      said.add(api.get("/metrics").body());
      said.add(Api.settings().toString());
      for (String secret : List.of(Api.KEY, Api.OTHER_KEY, Api.JWT_SECRET, Api.SECRET, password)) {
        assertUnsaid(secret, said);
        assertUnlogged(secret);
      }
      assertUnlogged(token.substring(token.lastIndexOf('.') + 1));
    }
    assertTrue(log.list.size() > 1000, "the log was not listened to");
  }

  @Test
  void nobodyIsToldAKeyThatStandsWhereOtherProvidersWantIt() {
    var said = new ArrayList<String>();
    String basic = Base64.getEncoder().encodeToString(("AC1:" + Api.KEY).getBytes(UTF_8));
    String form = "service=turn&api=" + Api.KEY + "&key=" + Api.KEY;
    try (var api = Api.start(Api.speaking(EnumSet.allOf(Compatibility.class)))) {
      for (String path :
          List.of(
              "/turn?key=" + Api.KEY,
              "/turn?" + form,
              "/turn?service=turn&%6bey=" + Api.KEY,
              "/turn?service=turn&key=" + Api.KEY + "&key=another",
              "/ice?service=no&key=" + Api.KEY,
              "/ice?service=turn&ttl=never&key=" + Api.KEY,
              "/api/v1/turn/credentials?apiKey=" + Api.KEY,
              "/api/v1/turn/credentials?apiKey=another&apiKey=" + Api.KEY)) {
        said.add(api.get(path).body());
        said.add(
            api.send(
                    api.request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form)))
                .body());
      }
      for (String path : List.of("/2010-04-01/Accounts/AC1/Tokens.json", "/_turn/channel")) {
        var request = api.request(path).header("Authorization", "Basic " + basic);
        said.add(api.send(request.PUT(BodyPublishers.noBody())).body());
        said.add(api.send(request.POST(BodyPublishers.noBody())).body());
      }
    }
    assertEquals(7, said.stream().filter(body -> body.contains("turns:")).count(), said::toString);
    for (String secret : List.of(Api.KEY, basic)) {
      assertUnsaid(secret, said);
      assertUnlogged(secret);
    }
    assertTrue(log.list.size() > 1000, "the log was not listened to");
  }

  @Test
  void nobodyIsToldWhatIsSaidInARoom() {
    String sdp = "v=0 a-description-that-nobody-may-see";
    String candidate = "candidate:1 1 udp 1 192.0.2.77 9 typ host";
    try (var api = Api.start();
        var alice = RoomClient.at(api);
        var bob = RoomClient.at(api);
        var stranger = RoomClient.at(api)) {
      String token =
          api.post("/v1/rooms/standup/tokens", Api.KEY, "{}")
              .body()
              .replaceAll(".*\"token\":\"([^\"]+)\".*", "$1");
      String a = alice.join(token, "Alice").at("/you/id").textValue();
      var welcome = bob.join(token, "Bob");
      bob.say("{\"type\":\"offer\",\"to\":\"" + a + "\",\"sdp\":\"" + sdp + "\"}");
      bob.say(
          "{\"type\":\"candidate\",\"to\":\""
              + a
              + "\",\"candidate\":{\"candidate\":\""
              + candidate
              + "\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}}");
      alice.expect("joined");
      assertEquals(sdp, alice.expect("offer").get("sdp").textValue());
      alice.expect("candidate");
      bob.sayAnything(sdp).expectEnd("malformed", 4400);
      stranger.sayAnything("{\"type\":\"join\",\"token\":\"" + token + "\",\"" + sdp + "\":1}");
      stranger.expectEnd("malformed", 4400);
      var said = List.of(api.get("/metrics").body(), api.get("/v1/rooms", Api.KEY).body());
      for (String secret :
          List.of(
              token.substring(token.lastIndexOf('.') + 1),
              sdp,
              candidate,
              welcome.get("resume").textValue(),
              welcome.at("/iceServers/1/credential").textValue())) {
        assertUnsaid(secret, said);
        assertUnlogged(secret);
      }
    }
    assertTrue(log.list.size() > 1000, "the log was not listened to");
  }

  private static void assertUnsaid(String secret, List<String> said) {
    assertEquals(List.of(), said.stream().filter(text -> text.contains(secret)).toList());
  }

  private void assertUnlogged(String secret) {
    var lines =
        List.copyOf(log.list).stream()
            .map(SecrecyTest::textOf)
            .filter(text -> text.contains(secret))
            .toList();
    assertEquals(List.of(), lines);
  }

  private static String textOf(ILoggingEvent event) {
    var thrown = event.getThrowableProxy();
    return event.getLoggerName()
        + " "
        + event.getFormattedMessage()
        + (thrown == null ? "" : ThrowableProxyUtil.asString(thrown));
  }
}

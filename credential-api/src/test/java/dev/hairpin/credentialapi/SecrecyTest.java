package dev.hairpin.credentialapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
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

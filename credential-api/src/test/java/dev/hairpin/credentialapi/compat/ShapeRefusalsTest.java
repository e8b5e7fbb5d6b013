package dev.hairpin.credentialapi.compat;

import static dev.hairpin.credentialapi.Api.KEY;
import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.Jwt;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is refused, what is not understood, and what is not there.
class ShapeRefusalsTest extends Shapes {
  @ParameterizedTest
  @CsvSource({
    "401, service=turn&username=alice",
    "401, service=turn&key=",
    "401, service=turn&key=%00",
    "401, service=turn&key=" + WRONG,
    "401, service=turn&key=" + KEY + "&key=" + WRONG,
    "401, service=turn&key=" + KEY + "&api=" + WRONG,
    "401, service=turn&apiKey=" + KEY,
    "400, username=alice&key=" + KEY,
    "400, service=stun&key=" + KEY,
    "400, service=turn&service=turn&key=" + KEY,
    "400, service=turn&username=%00&key=" + KEY
  })
  void turnRestRefuses(int status, String query) {
    var answer = api.get("/turn?" + query);
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals("application/problem+json", header(answer, "Content-Type"));
  }

  @Test
  void aKeyMayAlsoStandInTheHeaderButNotInBoth() {
    assertEquals(200, api.get("/turn?service=turn", KEY).statusCode());
    assertEquals(401, api.get("/turn?service=turn&key=" + KEY, KEY).statusCode());
  }

  @ParameterizedTest
  @CsvSource({
    "401, service=turn",
    "401, service=turn&api=" + KEY,
    "400, username=bob&key=" + KEY,
    "400, service=turn&iceTransportPolicy=none&key=" + KEY,
    "400, service=turn&ttl=0&key=" + KEY,
    "400, service=turn&ttl=1h&key=" + KEY
  })
  void stunnerRefuses(int status, String query) {
    assertEquals(status, api.get("/ice?" + query).statusCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'ttl':0}",
        "{'ttl':-1}",
        "{'ttl':1.5}",
        "{'ttl':true}",
        "{'ttl':[60]}",
        "{'ttl':{'a':1}}",
        "{'ttl':99999999999999999999}",
        "{'ttl':'a day'}",
        "{'customIdentifier':'\\u0000'}",
        "{",
        "[]"
      })
  void cloudflareRefusesWhatItDoesNotUnderstand(String json) {
    for (String how : List.of("generate-ice-servers", "generate")) {
      assertEquals(400, cloudflare(how, json).statusCode());
    }
  }

  @Test
  void aBodyMayNestAsDeeplyAsItLikes() {
    String deep = "[".repeat(4000);
    String closed = deep + "]".repeat(4000);
    for (String ttl : List.of(deep, closed, "[".repeat(900) + "]".repeat(900))) {
      assertEquals(400, cloudflare("generate", "{'ttl':" + ttl + "}").statusCode());
      assertEquals(400, xirsys(XIRSYS, "{'expire':" + ttl + "}").statusCode());
    }
  }

  @Test
  void cloudflareRefusesStrangers() {
    for (String call : List.of("generate-ice-servers", "generate", "1795233600:user45/revoke")) {
      var stranger = body(CLOUDFLARE + call, "POST", JSON, "{}");
      assertEquals(401, api.send(stranger).statusCode());
      stranger.header("Authorization", "Bearer " + WRONG);
      assertEquals(401, api.send(stranger).statusCode());
      assertEquals(401, api.send(stranger.setHeader("Authorization", basic(KEY))).statusCode());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "501, 1795233600:alice",
    "501, 1795233600%3Aalice",
    "501, 1795233600",
    "400, *:alice",
    "400, <1795233600:alice",
    "400, %3C1795233600%3Aalice",
    "400, alice"
  })
  void whereTheTurnServerRunsElsewhereNothingIsRevoked(int status, String username) {
    String path = CLOUDFLARE + username.replace("<", "%3C") + "/revoke";
    var answer = api.send(api.request(path, KEY).POST(BodyPublishers.noBody()));
    assertEquals(status, answer.statusCode(), answer.body());
  }

  @Test
  void aTokenRevokesItsOwnSubjectAlone() {
    String path = CLOUDFLARE + "1795233600:alice/revoke";
    var own = api.request(path, Jwt.good("alice")).POST(BodyPublishers.noBody());
    assertEquals(501, api.send(own).statusCode());
    var other = api.request(path, Jwt.good("bob")).POST(BodyPublishers.noBody());
    assertEquals(403, api.send(other).statusCode());
    String namesake = CLOUDFLARE + "1795233600:~tenant=acme~alice/revoke";
    var another = api.request(namesake, Jwt.good("alice")).POST(BodyPublishers.noBody());
    assertEquals(403, api.send(another).statusCode());
    assertEquals(
        501, api.send(api.request(namesake, KEY).POST(BodyPublishers.noBody())).statusCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Ttl=", "Ttl=0", "Ttl=-1", "Ttl=1.5", "Ttl=day", "Ttl=60&Ttl=61"})
  void twilioRefusesALifetimeThatItDoesNotUnderstand(String form) {
    var answer = twilio(form);
    assertEquals(400, answer.statusCode(), answer.body());
    assertEquals(
        "{'code':20001,'message':'ttl is a whole number of seconds, 1 to 999999999',"
                .replace('\'', '"')
            + "\"more_info\":\"https://www.twilio.com/docs/errors/20001\",\"status\":400}",
        answer.body());
  }

  @Test
  void twilioTakesFormsAlone() {
    var json = body(TWILIO, "POST", JSON, "{}").header("Authorization", basic(KEY));
    var answer = api.send(json);
    assertEquals(415, answer.statusCode());
    assertTrue(answer.body().contains("\"message\":\"a body must be " + FORM), answer.body());
  }

  @Test
  void twilioRefusesStrangers() {
    for (String shown : List.of("", basic(WRONG), "Basic ?", "Basic " + KEY, "Basic")) {
      var request = body(TWILIO, "POST", FORM, "Ttl=60");
      var answer = api.send(shown.isEmpty() ? request : request.header("Authorization", shown));
      assertEquals(401, answer.statusCode());
      assertEquals("Basic realm=\"Hairpin\"", header(answer, "WWW-Authenticate"));
      assertEquals(JSON, header(answer, "Content-Type"));
      assertEquals(
          "{\"code\":20003,\"message\":\"Authenticate\","
              + "\"more_info\":\"https://www.twilio.com/docs/errors/20003\",\"status\":401}",
          answer.body());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, ?apiKey=" + WRONG + ", Invalid API Key",
    "401, ?apiKey=" + WRONG + "&apiKey=" + KEY + ", Invalid API Key",
    "400, ?apiKey=, Please specify API Key",
    "400, ?key=" + KEY + ", Please specify API Key",
    "400, '', Please specify API Key"
  })
  void meteredRefuses(int status, String query, String error) {
    var answer = api.get(METERED + query);
    assertEquals(status, answer.statusCode());
    assertEquals("{\"error\":\"" + error + "\"}", answer.body());
    assertEquals(JSON, header(answer, "Content-Type"));
  }

  @Test
  void xirsysRefuses() {
    var late = xirsys(XIRSYS, "{'expire':'soon'}");
    assertEquals(400, late.statusCode());
    assertEquals(
        "{\"v\":\"ttl is a whole number of seconds, 1 to 999999999\",\"s\":\"error\"}",
        late.body());
    var stranger = body(XIRSYS, "PUT", JSON, "{}").header("Authorization", basic(WRONG));
    var answer = api.send(stranger);
    assertEquals(401, answer.statusCode());
    assertEquals("Basic realm=\"Hairpin\"", header(answer, "WWW-Authenticate"));
    assertEquals("{\"v\":\"unauthorized\",\"s\":\"error\"}", answer.body());
  }

  @Test
  void refusalsHaveNoLink() {
    assertEquals("", header(api.get("/v1/ice-servers", WRONG), "Link"));
    assertEquals("", header(api.get("/v1/ice-servers?ttl=0", KEY), "Link"));
  }

  @Test
  void basicIsNoWayIntoOurOwnApi() {
    var own = api.request("/v1/ice-servers").header("Authorization", basic(KEY));
    assertEquals(401, api.send(own).statusCode());
    assertNotEquals(200, api.get("/v1/ice-servers?key=" + KEY).statusCode());
  }

  @Test
  void whatIsOffIsNotThere() {
    try (var plain = Api.start(Api.speaking(Set.of()))) {
      for (var request :
          List.of(
              plain.request("/turn?service=turn&key=" + KEY, KEY),
              plain.request("/ice?service=turn&key=" + KEY, KEY),
              plain.request(METERED + "?apiKey=" + KEY, KEY),
              plain.request("/turn?service=turn", KEY).POST(BodyPublishers.noBody()),
              plain.request(CLOUDFLARE + "generate", KEY).POST(BodyPublishers.noBody()),
              plain.request(CLOUDFLARE + "generate-ice-servers", KEY).POST(BodyPublishers.noBody()),
              plain.request(CLOUDFLARE + "1:a/revoke", KEY).POST(BodyPublishers.noBody()),
              plain.request(TWILIO, KEY).POST(BodyPublishers.noBody()),
              plain.request(XIRSYS, KEY).PUT(BodyPublishers.noBody()))) {
        var answer = plain.send(request);
        assertEquals(404, answer.statusCode(), answer.body());
        assertEquals(Api.problem(404, "Not Found", "nothing is here"), answer.body());
      }
      assertEquals("", header(plain.get("/v1/ice-servers", KEY), "Link"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TURN_REST, /turn?service=turn&key=" + KEY,
    "STUNNER, /ice?service=turn&key=" + KEY,
    "METERED, /api/v1/turn/credentials?apiKey=" + KEY
  })
  void oneIsSpokenWithoutTheOthers(Compatibility one, String path) {
    try (var other = Api.start(Api.speaking(Set.of(one)))) {
      assertEquals(200, other.get(path).statusCode());
      var another = other.request(TWILIO).POST(BodyPublishers.noBody());
      assertEquals(404, other.send(another).statusCode());
    }
  }
}

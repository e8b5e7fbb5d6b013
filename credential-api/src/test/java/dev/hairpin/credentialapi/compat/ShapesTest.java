package dev.hairpin.credentialapi.compat;

import static dev.hairpin.credentialapi.Api.KEY;
import static dev.hairpin.credentialapi.Api.STUN_URL;
import static dev.hairpin.credentialapi.Api.TURNS_URL;
import static dev.hairpin.credentialapi.Api.TURN_URL;
import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Jwt;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is issued, field by field. USER and PASSWORD stand for what is different every time.
class ShapesTest extends Shapes {
  @Test
  void turnRest() {
    var answer = api.get("/turn?service=turn&username=alice&key=" + KEY);
    assertIssued(
        200,
        "{'username':'USER','password':'PASSWORD','ttl':21600,'uris':['TURN','TURNS']}",
        answer);
    assertEquals("1795251600:alice", usernameIn(answer));
    assertEquals(JSON, header(answer, "Content-Type"));
    assertEquals("no-store", header(answer, "Cache-Control"));
  }

  @Test
  void turnRestAsJanusAsks() {
    String query = "service=turn&api=" + KEY + "&key=" + KEY + "&username=alice";
    var answer = api.send(body("/turn?" + query, "POST", FORM, query));
    assertIssued(
        200,
        "{'username':'USER','password':'PASSWORD','ttl':21600,'uris':['TURN','TURNS']}",
        answer);
    assertEquals(200, api.get("/turn?" + query).statusCode());
  }

  @Test
  void stunner() {
    var answer =
        api.get("/ice?service=turn&username=bob&ttl=3600&namespace=n&public-addr=x&key=" + KEY);
    assertIssued(
        200,
        "{'iceServers':[{'username':'USER','credential':'PASSWORD','urls':['TURN','TURNS']}],"
            + "'iceTransportPolicy':'all'}",
        answer);
    assertEquals("1795233600:bob", usernameIn(answer));
    String relay = api.get("/ice?service=turn&iceTransportPolicy=relay&key=" + KEY).body();
    assertTrue(relay.endsWith("\"iceTransportPolicy\":\"relay\"}"), relay);
  }

  @Test
  void cloudflare() {
    var answer = cloudflare("generate-ice-servers", "{'ttl':3600,'customIdentifier':'user45'}");
    assertIssued(
        201,
        "{'iceServers':[{'urls':['STUN']},"
            + "{'urls':['TURN','TURNS'],'username':'USER','credential':'PASSWORD'}]}",
        answer);
    assertEquals("1795233600:user45", usernameIn(answer));
    assertIssued(
        201,
        "{'iceServers':"
            + "{'urls':['STUN','TURN','TURNS'],'username':'USER','credential':'PASSWORD'}}",
        cloudflare("generate", "{'ttl':3600}"));
  }

  @Test
  void cloudflareWithoutWishes() {
    assertEquals(201, cloudflare("generate-ice-servers", "{}").statusCode());
    var bare = api.request(CLOUDFLARE + "generate-ice-servers", KEY);
    assertEquals(201, api.send(bare.POST(BodyPublishers.noBody())).statusCode());
  }

  @Test
  void twilio() {
    var answer = twilio("Ttl=3600");
    assertIssued(
        201,
        "{'username':'USER','password':'PASSWORD','ttl':'3600','account_sid':'AC0123',"
            + "'ice_servers':[{'url':'STUN','urls':'STUN'},"
            + "{'url':'TURN','urls':'TURN','username':'USER','credential':'PASSWORD'},"
            + "{'url':'TURNS','urls':'TURNS','username':'USER','credential':'PASSWORD'}],"
            + "'date_created':'Sat, 21 Nov 2026 03:00:00 +0000',"
            + "'date_updated':'Sat, 21 Nov 2026 03:00:00 +0000'}",
        answer);
    assertTrue(usernameIn(answer).startsWith("1795233600:"), answer.body());
    assertTrue(twilio("").body().contains("\"ttl\":\"21600\""));
    assertTrue(twilio("Ttl=999999&Other=1").body().contains("\"ttl\":\"86400\""));
    var bare = api.request(TWILIO).header("Authorization", basic(KEY));
    assertEquals(201, api.send(bare.POST(BodyPublishers.noBody())).statusCode());
  }

  @Test
  void metered() {
    var answer = api.get(METERED + "?apiKey=" + KEY + "&region=global");
    assertIssued(
        200,
        "[{'urls':'STUN'},{'urls':'TURN','username':'USER','credential':'PASSWORD'},"
            + "{'urls':'TURNS','username':'USER','credential':'PASSWORD'}]",
        answer);
  }

  @Test
  void xirsys() {
    var answer = xirsys(XIRSYS, "{'format':'urls','expire':'3600'}");
    assertIssued(
        200,
        "{'v':{'iceServers':{'username':'USER','credential':'PASSWORD',"
            + "'urls':['STUN','TURN','TURNS']}},'s':'ok'}",
        answer);
    assertTrue(usernameIn(answer).startsWith("1795233600:"), answer.body());
    var former = xirsys(XIRSYS + "/sub/path", "{'expire':60}");
    assertIssued(
        200,
        "{'v':{'iceServers':[{'url':'STUN'},"
            + "{'url':'TURN','username':'USER','credential':'PASSWORD'},"
            + "{'url':'TURNS','username':'USER','credential':'PASSWORD'}]},'s':'ok'}",
        former);
    assertTrue(usernameIn(former).startsWith("1795230060:"), former.body());
    var bare = api.request(XIRSYS).header("Authorization", basic(KEY));
    assertEquals(200, api.send(bare.PUT(BodyPublishers.noBody())).statusCode());
  }

  @Test
  void whipGetsALinkForEachUrl() {
    var answer = api.post(KEY, "{\"user\":\"a\\\"l\\\\ice\",\"ttl\":3600}");
    String credential =
        "; username=\"1795233600:a\\\"l\\\\ice\"; credential=\"%s\"; credential-type=\"password\""
            .formatted(Api.password("1795233600:a\"l\\ice"));
    assertEquals(
        List.of(
            "<" + STUN_URL + ">; rel=\"ice-server\"",
            "<" + TURN_URL + ">; rel=\"ice-server\"" + credential,
            "<" + TURNS_URL + ">; rel=\"ice-server\"" + credential),
        answer.headers().allValues("Link"));
    assertEquals(3, api.get("/v1/ice-servers", KEY).headers().allValues("Link").size());
    var page = api.request("/v1/ice-servers", KEY).header("Origin", "https://good.example");
    assertEquals(
        "Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
        header(api.send(page), "Access-Control-Expose-Headers"));
  }

  @Test
  void whatIsNotAsciiIsWrittenInTheExtendedWay() {
    var link = api.post(KEY, "{\"user\":\"zoë b\",\"ttl\":3600}").headers().allValues("Link");
    assertTrue(
        link.getLast().contains("; username*=UTF-8''1795233600%3Azo%C3%AB%20b; credential=\""),
        link::toString);
  }

  @Test
  void whoNamesNoUserGetsOneOfItsOwn() {
    var users =
        List.of(
            usernameIn(twilio("")),
            usernameIn(twilio("")),
            usernameIn(cloudflare("generate", "{'customIdentifier':''}")),
            usernameIn(api.get("/turn?service=turn&username=&key=" + KEY)));
    assertEquals(users.size(), Set.copyOf(users).size());
    users.forEach(user -> assertTrue(user.matches("1795251600:[0-9a-f]{24}"), user));
  }

  @Test
  void aTokenIsAKeyForItsSubject() {
    String token = Jwt.good("carol");
    for (var answer :
        List.of(
            api.get("/turn?service=turn&key=" + token),
            api.get("/ice?service=turn&key=" + token),
            api.get(METERED + "?apiKey=" + token),
            api.send(body(TWILIO, "POST", FORM, "").header("Authorization", basic(token))),
            api.send(body(XIRSYS, "PUT", JSON, "{}").header("Authorization", basic(token))))) {
      assertEquals("1795251600:carol", usernameIn(answer));
    }
    assertEquals(403, api.get("/turn?service=turn&username=dave&key=" + token).statusCode());
  }
}

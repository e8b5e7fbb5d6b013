package dev.hairpin.credentialapi.compat;

import static dev.hairpin.credentialapi.Api.KEY;
import static dev.hairpin.credentialapi.Api.STUN_URL;
import static dev.hairpin.credentialapi.Api.TURNS_URL;
import static dev.hairpin.credentialapi.Api.TURN_URL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Compatibility;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// Calls of an API that speaks all shapes, as other providers' clients make them.
abstract class Shapes {

  static final String WRONG = "a-key-that-nobody-has-given";
  static final String CLOUDFLARE = "/v1/turn/keys/0123abcd/credentials/";
  static final String TWILIO = "/2010-04-01/Accounts/AC0123/Tokens.json";
  static final String METERED = "/api/v1/turn/credentials";
  static final String XIRSYS = "/_turn/channel";
  static final String FORM = "application/x-www-form-urlencoded";
  static final String JSON = "application/json";
  static final Pattern USERNAME = Pattern.compile("\"username\":\"(([0-9]+):([^\"]+))\"");

  static Api api;

  @BeforeAll
  static void start() {
    api = Api.start(Api.speaking(EnumSet.allOf(Compatibility.class)));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  static HttpResponse<String> cloudflare(String how, String json) {
    return api.send(
        body(CLOUDFLARE + how, "POST", JSON, json.replace('\'', '"'))
            .header("Authorization", "Bearer " + KEY));
  }

  static HttpResponse<String> twilio(String form) {
    return api.send(body(TWILIO, "POST", FORM, form).header("Authorization", basic(KEY)));
  }

  static HttpResponse<String> xirsys(String path, String json) {
    return api.send(
        body(path, "PUT", JSON, json.replace('\'', '"')).header("Authorization", basic(KEY)));
  }

  static HttpRequest.Builder body(String path, String method, String type, String body) {
    return api.request(path)
        .header("Content-Type", type)
        .method(method, BodyPublishers.ofString(body));
  }

  static String basic(String key) {
    byte[] pair = ("AC0123:" + key).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  static String usernameIn(HttpResponse<String> answer) {
    var username = USERNAME.matcher(answer.body());
    assertTrue(username.find(), answer.body());
    return username.group(1);
  }

  static void assertIssued(int status, String expected, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    String username = usernameIn(answer);
    assertEquals(
        expected
            .replace('\'', '"')
            .replace("USER", username)
            .replace("PASSWORD", Api.password(username))
            .replace("TURNS", TURNS_URL)
            .replace("\"TURN\"", '"' + TURN_URL + '"')
            .replace("STUN", STUN_URL),
        answer.body());
  }
}

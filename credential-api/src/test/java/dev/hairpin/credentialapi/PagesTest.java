package dev.hairpin.credentialapi;

import static dev.hairpin.credentialapi.Api.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest {
  private static Api api;

  @BeforeAll
  static void start() {
    api = Api.start();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/sample/, text/html",
    "/sample/index.html, text/html",
    "/sample/style.css, text/css",
    "/sample/script.js, application/javascript"
  })
  void whatLiesInTheFolderWebIsServed(String path, String type) {
    var response = api.get(path);
    assertEquals(200, response.statusCode());
    assertTrue(header(response, "Content-Type").startsWith(type), header(response, "Content-Type"));
    assertTrue(response.body().contains("sample"));
  }

  @Test
  void thePageAndAllThatItLoadsIsServedWithATypeThatBrowsersTake() throws IOException {
    assertTrue(header(api.get("/"), "Content-Type").startsWith("text/html"));
    var types =
        Map.of(
            "html", "text/html",
            "css", "text/css",
            "js", "application/javascript",
            "svg", "image/svg+xml");
    try (var files = Files.list(Path.of("src/main/resources/web"))) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        var response = api.get("/" + name);
        String type = types.get(name.substring(name.lastIndexOf('.') + 1));
        assertEquals(200, response.statusCode(), name);
        assertTrue(type != null && header(response, "Content-Type").startsWith(type), name);
        assertEquals(Files.readString(file), response.body());
      }
    }
  }

  @Test
  void aPageMayLoadFromItsOwnServerOnlyAndHoldNoScriptItself() {
    for (String path : List.of("/sample/", "/sample/script.js", "/nothing", "/healthz")) {
      var response = api.get(path);
      assertEquals("nosniff", header(response, "X-Content-Type-Options"));
      assertEquals("no-referrer", header(response, "Referrer-Policy"));
      String policy = header(response, "Content-Security-Policy");
      assertTrue(policy.startsWith("default-src 'self';"), policy);
      assertFalse(policy.contains("unsafe"), policy);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/logback-test.xml",
        "/META-INF/MANIFEST.MF",
        "/META-INF/swagger/openapi.json",
        "/%2e%2e/logback-test.xml",
        "/sample/%2e%2e/%2e%2e/logback-test.xml",
        "/..%2flogback-test.xml",
        "/%2e%2e%2flogback-test.xml",
        "/..%5clogback-test.xml",
        "/sample%2f..%2f..%2flogback-test.xml",
        "//logback-test.xml",
        "/web/sample/index.html",
        "/file:/etc/hostname",
        "/classpath:logback-test.xml"
      })
  void nothingElseOfTheClassPathIsServed(String path) {
    assertEquals(404, api.get(path).statusCode());
  }

  @Test
  void theDescriptionOfTheApiIsServed() {
    var response = api.get("/openapi.yml");
    assertEquals(200, response.statusCode());
    assertEquals("application/yaml", header(response, "Content-Type"));
    for (String part :
        List.of(
            "openapi: \"3.1.0\"",
            "title: Hairpin credential API",
            "scheme: bearer",
            "\"application/problem+json\":")) {
      assertTrue(response.body().contains(part), part);
    }
    var json = api.get("/openapi.json");
    assertEquals("application/json", header(json, "Content-Type"));
    assertTrue(json.body().startsWith("{\"openapi\":\"3.1.0\","), json.body());
  }
}

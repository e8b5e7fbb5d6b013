package dev.hairpin.credentialapi.operations;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Jwt;
import dev.hairpin.credentialapi.TurnScene;
import dev.hairpin.credentialapi.operations.Reloader.Refused;
import dev.hairpin.turnserver.testkit.Methods;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Operators drain a server, let it go on, and have its configuration read again.
class ServerControllerTest {
  private final TurnScene scene = TurnScene.start();

  @AfterEach
  void close() {
    scene.close();
  }

  private HttpResponse<String> post(String path) {
    return scene.api.send(
        scene.api.request("/v1/server" + path, KEY).POST(BodyPublishers.noBody()));
  }

  private String state(boolean draining, int sessions) {
    return "{\"draining\":%s,\"sessions\":%d,\"listeners\":[\"udp://127.0.0.1:%d\"]}"
        .formatted(draining, sessions, scene.address().getPort());
  }

  @Test
  void aServerThatDrainsKeepsWhatItHasAndTakesNothingNewUntilItResumes() {
    var alice = scene.client("alice");
    alice.allocate();
    assertEquals(state(false, 1), scene.api.get("/v1/server", KEY).body());
    assertEquals(state(true, 1), post("/drain").body());
    assertEquals(503, scene.api.get("/readyz").statusCode());
    assertEquals(600, alice.refresh(600));
    var bob = scene.client("bob");
    assertEquals(508, bob.call(Methods.ALLOCATE, m -> m.requestedTransport()).errorCode());
    assertEquals(state(false, 1), post("/resume").body());
    bob.allocate();
  }

  @Test
  void aReloadTellsWhatHasToWait() {
    scene.api.reloadBy(() -> List.of("listen", "realm"));
    assertEquals("{\"waiting\":[\"listen\",\"realm\"]}", post("/reload").body());
  }

  @Test
  void aReloadThatIsRefusedTellsWhy() {
    scene.api.reloadBy(
        () -> {
          throw new Refused("hairpin.yml:3: no such key");
        });
    var answer = post("/reload");
    assertEquals(Api.problem(409, "Conflict", "hairpin.yml:3: no such key"), answer.body());
    String metrics = scene.api.get("/metrics").body();
    assertTrue(metrics.contains("hairpin_api_refusals_total{status=\"409\"} 1"), metrics);
  }

  @Test
  void whereNothingCanBeReadAgainThatIsSaid() {
    assertEquals(
        Api.problem(501, "Not Implemented", "nothing here can be read again"),
        post("/reload").body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/drain", "/resume", "/reload"})
  void aTokenThatMayIssueAloneChangesNothing(String path) {
    String token = Jwt.lasting("alice");
    var answer =
        scene.api.send(scene.api.request("/v1/server" + path, token).POST(BodyPublishers.noBody()));
    assertEquals(403, answer.statusCode());
    assertEquals(403, scene.api.get("/v1/server", token).statusCode());
    assertEquals(400, post(path + "?now=1").statusCode());
    assertEquals(state(false, 0), scene.api.get("/v1/server", KEY).body());
  }
}

package dev.hairpin.credentialapi.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.contract.Calls.Call;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls that are made from the description by chance get what the description says, and nothing
/// that breaks it is taken. `-Dcontract.calls=` makes more, `-Dcontract.seed=` others.
class GeneratedCallsTest {
  private static final int CALLS = Integer.getInteger("contract.calls", 1500);
  private static final long SEED = Long.getLong("contract.seed", 20_261_122);

  @TempDir private Path folder;

  @Test
  void everyAnswerIsAsDocumentedAndNothingThatBreaksTheDescriptionIsTaken() throws Exception {
    try (var scene = new ContractScene(folder);
        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      scene.api.reloadBy(List::of);
      var calls =
          new Calls(
              scene.contract,
              SEED,
              List.of("acme", scene.key("").id(), scene.key("").id(), scene.session()));
      var operations = List.copyOf(scene.contract.operations().values());
      var complaints = new ArrayList<String>();
      var statuses = new TreeMap<Integer, Integer>();
      for (int i = 0; i < CALLS; i++) {
        var call = calls.of(operations.get(i % operations.size()));
        var answer = answer(client, scene.api.url(), call);
        statuses.merge(answer.status(), 1, Integer::sum);
        for (String complaint : scene.contract.complaints(call.operation(), answer)) {
          complaints.add(call + ": " + complaint);
        }
        if (call.isBroken() && answer.status() < 400) {
          complaints.add(call + " was taken: " + answer.status());
        }
      }
      assertEquals(List.of(), complaints, () -> String.join("\n", complaints));
      assertTrue(statuses.getOrDefault(200, 0) > CALLS / 10, statuses.toString());
      assertTrue(statuses.getOrDefault(400, 0) > CALLS / 10, statuses.toString());
    }
  }

  private static Answer answer(HttpClient client, URI api, Call call)
      throws IOException, InterruptedException {
    var operation = call.operation();
    var request =
        HttpRequest.newBuilder(URI.create(api + call.target()))
            .timeout(Duration.ofSeconds(20))
            .method(
                operation.method(),
                call.body().isEmpty()
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(call.body()));
    if (operation.method().equals("POST")) {
      request.header("Content-Type", call.type());
    }
    if (!call.token().isEmpty()) {
      request.header("Authorization", "Bearer " + call.token());
    }
    if (!call.idempotencyKey().isEmpty()) {
      request.header("Idempotency-Key", call.idempotencyKey());
    }
    var response = client.send(request.build(), BodyHandlers.ofInputStream());
    try (var body = response.body()) {
      boolean isEndless = "text/event-stream".equals(Answer.headers(response).get("content-type"));
      String text = isEndless ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(response.statusCode(), Answer.headers(response), text);
    }
  }
}

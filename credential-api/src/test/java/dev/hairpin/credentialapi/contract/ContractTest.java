package dev.hairpin.credentialapi.contract;

import static dev.hairpin.credentialapi.Api.KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.credentialapi.CredentialApi;
import dev.hairpin.credentialapi.Rate;
import dev.hairpin.credentialapi.contract.Contract.Operation;
import dev.hairpin.credentialapi.http.TlsCallers;
import dev.hairpin.credentialapi.operations.Reloader;
import dev.hairpin.credentialapi.signaling.RawSocket;
import dev.hairpin.credentialapi.signaling.RoomClient;
import dev.hairpin.turnserver.net.TransportAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls every operation for each answer that it documents, and holds each answer against what
/// stands there.
class ContractTest {
  private static final String LONG = "x".repeat(9000);
  private static final int MAX_REVOCATIONS = 65_536;
  private static final int MAX_LISTENERS = 64;
  private static final int MAX_STRANGERS = 256;

  /// Succeed as their examples say.
  private static final List<String> SIMPLE =
      List.of(
          "health",
          "readiness",
          "metrics",
          "describe",
          "describeAsYaml",
          "describeRooms",
          "inspectCredential",
          "revokeCredentials",
          "getIceServers",
          "createIceServers",
          "listKeys",
          "getServer",
          "drainServer",
          "resumeServer",
          "reloadServer",
          "listSessions",
          "listRooms",
          "listTenants",
          "getTenant",
          "getUsage",
          "listWebhooks",
          "retryWebhooks");

  @TempDir private Path folder;
  private ContractScene scene;
  private Map<String, Operation> operations = Map.of();
  private final Map<String, Map<Integer, Callable<Answer>>> table = new TreeMap<>();

  @BeforeEach
  void start() {
    scene = new ContractScene(folder.resolve("whole"));
    scene.api.reloadBy(() -> List.of("listen"));
    operations = scene.contract.operations();
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void everyAnswerThatIsDocumentedComesAndIsAsItIsDocumented() throws Exception {
    var narrow = ContractScene.settings(new Callers(List.of(KEY), List.of()), new Rate(1, 1));
    try (var limited = Api.start(narrow);
        var elsewhere = Api.start();
        var garbled = Api.start(Api.settings(Api.callers(folder.resolve("garbled")), List.of()))) {
      limited.get("/v1/tenants", KEY); // now nothing is left
      common(limited, elsewhere);
      successes();
      failures(garbled);
      var complaints = new ArrayList<String>();
      for (var operation : operations.values()) {
        var calls = table.getOrDefault(operation.id(), Map.of());
        assertEquals(operation.statuses(), calls.keySet(), operation.id());
        for (var call : calls.entrySet()) {
          var answer = call.getValue().call();
          String which = operation.id() + " " + call.getKey() + ": ";
          if (answer.status() != call.getKey()) {
            complaints.add(which + answer);
          }
          scene.contract.complaints(operation, answer).forEach(c -> complaints.add(which + c));
        }
      }
      assertEquals(List.of(), complaints);
    }
  }

  /// What every operation answers.
  private void common(Api limited, Api elsewhere) {
    var reader = scene.key(",\"scopes\":[\"read\"]");
    var issuer = scene.key("");
    var page = scene.key(",\"origins\":[\"" + ContractScene.ORIGIN + "\"]");
    for (var operation : operations.values()) {
      String path = operation.examplePath();
      String id = operation.id();
      boolean isForIssuers = path.startsWith("/v1/ice-servers") || path.endsWith("/tokens");
      String lesser = isForIssuers ? reader.secret() : issuer.secret();
      String other = operation.isOpen() ? page.secret() : lesser;
      on(id, 403, () -> send(scene.api, operation, path, other));
      on(id, 406, () -> send(scene.api, operation, path, KEY, "Accept", "image/png"));
      on(id, 413, () -> send(scene.api, operation, path, KEY, "X-Long", LONG));
      on(id, 429, () -> send(limited, operation, path, KEY));
      if (!operation.isOpen()) {
        on(id, 400, () -> send(scene.api, operation, path + "?nonsense=1", KEY));
        on(id, 401, () -> send(scene.api, operation, path, "x".repeat(20)));
      }
      if (operation.body() != null) {
        on(id, 415, () -> send(scene.api, operation, path, KEY, "Content-Type", "text/plain"));
      }
      if (operation.statuses().contains(501)) {
        on(id, 501, () -> send(elsewhere, operation, path, KEY));
      }
    }
  }

  private void successes() {
    for (String id : SIMPLE) {
      on(id, 200, () -> good(id, ""));
    }
    on("createKey", 201, () -> good("createKey", ""));
    on("getKey", 200, () -> good("getKey", scene.key("").id()));
    on("rotateKey", 200, () -> good("rotateKey", scene.key("").id()));
    on("deleteKey", 204, () -> good("deleteKey", scene.key("").id()));
    on("getSession", 200, () -> good("getSession", scene.session()));
    on("endSession", 204, () -> good("endSession", scene.session()));
    on("followEvents", 200, this::follow);
    on("createRoomToken", 201, () -> good("createRoomToken", ""));
    on("endRoom", 204, this::endedRoom);
    on("drawRoomLink", 200, this::drawn);
    on("signal", 101, () -> Answer.parse(RawSocket.upgrade(scene.api).answer()));
  }

  private void failures(Api garbled) throws IOException {
    on("drawRoomLink", 400, () -> good("drawRoomLink", ""));
    on("signal", 400, () -> send(scene.api, operation("signal"), "/v1/signaling?a=b", KEY));
    on("signal", 426, () -> good("signal", ""));
    on("signal", 503, this::tooManyAboutToJoin);
    for (String id :
        List.of("getKey", "rotateKey", "deleteKey", "getSession", "endSession", "endRoom")) {
      on(id, 404, () -> good(id, "0"));
    }
    on("getTenant", 404, () -> good("getTenant", "nobody"));
    on("getUsage", 404, () -> send(garbled, operation("getUsage"), "/v1/usage", KEY));
    on("getUsage", 503, this::withoutStorage);
    on("metrics", 404, ContractTest::metricsByTls);
    on("readiness", 503, this::drained);
    on("reloadServer", 409, this::wrongConfiguration);
    on("createKey", 409, () -> twice("{\"name\":\"twice\"}", "one", "two"));
    on("createKey", 422, () -> twice("{\"name\":\"again %s\"}", "same", "same"));
    on("revokeCredentials", 503, this::tooManyRevoked);
    on("followEvents", 503, this::tooManyFollow);
    var key = ContractScene.key(garbled, "one", "");
    Files.writeString(folder.resolve("garbled/data/api-keys"), "garbled\n");
    for (String id : List.of("createKey", "rotateKey", "deleteKey")) {
      var operation = operation(id);
      on(id, 503, () -> send(garbled, operation, operation.path(key.id()), KEY));
    }
  }

  private void on(String id, int status, Callable<Answer> call) {
    table.computeIfAbsent(id, _ -> new TreeMap<>()).put(status, call);
  }

  private Operation operation(String id) {
    var operation = operations.get(id);
    if (operation == null) {
      throw new IllegalArgumentException(id);
    }
    return operation;
  }

  /// Calls as the examples of the parameters and of the body say.
  ///
  /// @param name in the path; empty for the example's
  private Answer good(String id, String name) {
    var operation = operation(id);
    String path = name.isEmpty() ? operation.examplePath() : operation.path(name);
    var query = new ArrayList<String>();
    for (var parameter : operation.parameters()) {
      boolean isAfter = parameter.get("name").textValue().equals("after");
      if (parameter.get("in").textValue().equals("query") && !isAfter) {
        query.add(parameter.get("name").textValue() + "=" + parameter.get("example").asText());
      }
    }
    return send(
        scene.api, operation, path + (query.isEmpty() ? "" : "?" + String.join("&", query)), KEY);
  }

  private static Answer send(Api api, Operation operation, String path, String token) {
    return send(api, operation, path, token, "Accept", "*/*");
  }

  /// Sends the first example of the body.
  private static Answer send(
      Api api, Operation operation, String path, String token, String header, String value) {
    var body = operation.examples().stream().findFirst();
    var request =
        api.request(path, token)
            .method(
                operation.method(),
                body.isEmpty()
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(body.get().toString()));
    if (body.isPresent()) {
      request.setHeader("Content-Type", "application/json");
    }
    return Answer.of(api.send(request.setHeader(header, value)));
  }

  /// Makes a key by two calls.
  ///
  /// @param body in which %s is the number of the call
  private Answer twice(String body, String first, String second) {
    create(first, body.formatted(1));
    return create(second, body.formatted(2));
  }

  private Answer create(String call, String body) {
    return Answer.of(
        scene.api.send(
            scene
                .api
                .request("/v1/keys", KEY)
                .header("Idempotency-Key", call)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))));
  }

  private Answer endedRoom() {
    try (var client = RoomClient.at(scene.api)) {
      client.join(scene.roomToken(), "Alice");
      return send(scene.api, operation("endRoom"), "/v1/rooms/standup", KEY);
    }
  }

  private Answer drawn() {
    String link = "{\"link\":\"https://a.example/call.html#" + scene.roomToken() + "\"}";
    var request =
        scene
            .api
            .request("/v1/rooms/qr")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(link));
    return Answer.of(scene.api.send(request));
  }

  private Answer tooManyAboutToJoin() {
    var strangers = new ArrayList<RawSocket>();
    for (int i = 0; i <= MAX_STRANGERS; i++) {
      strangers.add(RawSocket.upgrade(scene.api));
    }
    strangers.forEach(RawSocket::close);
    return Answer.parse(strangers.getLast().answer());
  }

  private Answer withoutStorage() {
    scene.storageFails = true;
    return good("getUsage", "");
  }

  private Answer drained() {
    scene.turn.turn.drain();
    try {
      return good("readiness", "");
    } finally {
      scene.turn.turn.resume();
    }
  }

  private Answer wrongConfiguration() {
    scene.api.reloadBy(
        () -> {
          throw new Reloader.Refused("hairpin.yml:3: there is no key 'lisen'");
        });
    return good("reloadServer", "");
  }

  private Answer tooManyRevoked() {
    try {
      IntStream.range(0, MAX_REVOCATIONS).forEach(i -> scene.turn.turn.revoke("", "*:user" + i));
    } catch (IllegalStateException _) {
      // one was revoked before
    }
    return Answer.of(scene.api.post("/v1/credentials/revoke", KEY, "{\"user\":\"one more\"}"));
  }

  /// The event of a session that begins.
  private Answer follow() throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var answer =
          client.send(scene.api.request("/v1/events", KEY).build(), BodyHandlers.ofInputStream());
      try (var events =
          new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        events.readLine();
        scene.session();
        String data = events.readLine();
        while (!data.startsWith("data: {")) {
          data = events.readLine();
        }
        var event = Contract.read(data.substring("data: ".length()));
        var schema =
            operation("followEvents").node().at("/responses/200/content/text~1event-stream/schema");
        assertEquals(List.of(), scene.contract.complaints(schema, event));
        return new Answer(answer.statusCode(), Answer.headers(answer), data);
      } finally {
        client.shutdownNow();
      }
    }
  }

  private Answer tooManyFollow() throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      HttpRequest request = scene.api.request("/v1/events", KEY).build();
      for (int i = 0; i < MAX_LISTENERS; i++) {
        client.send(request, BodyHandlers.ofInputStream());
      }
      var answer = Answer.of(client.send(request, BodyHandlers.ofString()));
      client.shutdownNow();
      return answer;
    }
  }

  /// Asks for the metrics as those do who come by the TURN server's TLS port.
  private static Answer metricsByTls() throws IOException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    var callers = new TlsCallers(TransportAddress.of(new InetSocketAddress("127.0.0.1", port)));
    try (var _ = CredentialApi.start(Api.settings(), Api.issuer(), null, callers, null);
        var socket = new Socket("127.0.0.1", port)) {
      var near = (InetSocketAddress) socket.getLocalSocketAddress();
      callers.opened(
          TransportAddress.of(near),
          TransportAddress.of(new InetSocketAddress("203.0.113.5", 50_000)));
      socket
          .getOutputStream()
          .write("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes());
      InputStream in = socket.getInputStream();
      return Answer.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void whatIsOutsideOfEveryOperationIsRefusedByAProblem() {
    var problem = Contract.read("{\"$ref\":\"#/components/schemas/Problem\"}");
    for (String path : new TreeSet<>(operations.values().stream().map(o -> o.path()).toList())) {
      var request = scene.api.request(path.replaceAll("[{}]", ""), KEY);
      var answer = Answer.of(scene.api.send(request.method("PATCH", BodyPublishers.noBody())));
      assertEquals(405, answer.status(), path);
      assertTrue(answer.headers().containsKey("allow"), path);
      assertEquals(
          List.of(), scene.contract.complaints(problem, Contract.read(answer.body())), path);
    }
    var nothing = Answer.of(scene.api.get("/v1/nothing", KEY));
    assertEquals(404, nothing.status());
    assertEquals(List.of(), scene.contract.complaints(problem, Contract.read(nothing.body())));
  }
}

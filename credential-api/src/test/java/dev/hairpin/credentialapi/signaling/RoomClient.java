package dev.hairpin.credentialapi.signaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hairpin.credentialapi.Api;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Somebody with a WebSocket, by Java's own client. Every message that it gets, and every one that
/// it means to be good, has to be as asyncapi.yml says.
public final class RoomClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int PATIENCE_SECONDS = 10;

  private final Messages messages;
  private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final WebSocket socket;

  private RoomClient(WebSocket.Builder builder, URI api, Messages messages) {
    this.messages = messages;
    var uri = URI.create(api.toString().replaceFirst("^http", "ws") + "/v1/signaling");
    socket = builder.buildAsync(uri, new Listener()).join();
  }

  public static RoomClient at(Api api) {
    return at(api.url(), Messages.WATCHED);
  }

  static RoomClient at(URI api, Messages messages) {
    return new RoomClient(HTTP.newWebSocketBuilder(), api, messages);
  }

  public static RoomClient at(WebSocket.Builder builder, URI api) {
    return new RoomClient(builder, api, Messages.WATCHED);
  }

  /// A token for a room, as the owner of the tests' key gets it.
  public static String token(URI api, String room) {
    var request =
        HttpRequest.newBuilder(URI.create(api + "/v1/rooms/" + room + "/tokens"))
            .header("Authorization", "Bearer " + Api.KEY)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    var answer = HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
    return read(answer.body()).get("token").textValue();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket at, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        received.add(read(text.toString()));
        text.setLength(0);
      }
      at.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket at, int status, String reason) {
      closed.complete(status);
      return null;
    }

    @Override
    public void onError(WebSocket at, Throwable error) {
      closed.complete(-1);
    }
  }

  private static JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Says what is as it should be.
  public RoomClient say(String json) {
    messages.fromClient(read(json));
    return sayAnything(json);
  }

  public RoomClient sayAnything(String text) {
    socket.sendText(text, true).join();
    return this;
  }

  RoomClient sayBinary(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    return this;
  }

  RoomClient sayPart(String text, boolean isLast) {
    socket.sendText(text, isLast).join();
    return this;
  }

  void ping() {
    socket.sendPing(ByteBuffer.wrap(new byte[] {1})).join();
  }

  /// Joins, and is welcomed.
  public JsonNode join(String token, String name) {
    say("{\"type\":\"join\",\"token\":\"" + token + "\",\"name\":\"" + name + "\"}");
    return expect("welcome");
  }

  JsonNode resume(String token, String resume) {
    say("{\"type\":\"join\",\"token\":\"" + token + "\",\"resume\":\"" + resume + "\"}");
    return expect("welcome");
  }

  /// The next message, which has to be of a type.
  public JsonNode expect(String type) {
    var message = next(type);
    if (!message.path("type").asText().equals(type)) {
      throw new AssertionError("no " + type + ", but " + message);
    }
    return message;
  }

  private JsonNode next(String expected) {
    try {
      var message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no " + expected + " came");
      }
      messages.fromServer(message);
      return message;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Expects a problem, and the close that goes with it.
  public void expectEnd(String code, int status) {
    var problem = expect("problem");
    if (!problem.path("code").asText().equals(code)) {
      throw new AssertionError("no " + code + ", but " + problem);
    }
    expectClose(status);
  }

  void expectClose(int status) {
    int came = closeStatus();
    if (came != status) {
      throw new AssertionError("no close by " + status + ", but by " + came + " " + waiting());
    }
  }

  int closeStatus() {
    try {
      return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("it was not closed", e);
    }
  }

  boolean isClosed() {
    return closed.isDone();
  }

  /// Shows by a ping and its pong that nothing else came before.
  public RoomClient expectNothing() {
    say("{\"type\":\"ping\"}");
    expect("pong");
    return this;
  }

  List<JsonNode> waiting() {
    var all = new ArrayList<JsonNode>();
    received.drainTo(all);
    return all;
  }

  /// Asks for a pong, and gives what came in front of it.
  List<JsonNode> untilPong() {
    say("{\"type\":\"ping\"}");
    var before = new ArrayList<JsonNode>();
    for (var m = next("pong"); !m.path("type").asText().equals("pong"); m = next("pong")) {
      before.add(m);
    }
    return before;
  }

  /// Closes without leaving, and is heard.
  void hangUp() {
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    expectClose(1000);
  }

  /// Loses the connection without a word.
  void lose() {
    socket.abort();
  }

  @Override
  public void close() {
    socket.abort();
  }
}

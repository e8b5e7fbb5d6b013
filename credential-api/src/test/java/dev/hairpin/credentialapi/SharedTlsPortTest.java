package dev.hairpin.credentialapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.http.TlsCallers;
import dev.hairpin.credentialapi.signaling.RoomClient;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.telemetry.Counter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// HTTPS and TURN over TLS at one port, with one certificate.
class SharedTlsPortTest {
  private static final String REQUEST = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final int MANY = 64;

  private final SSLContext trust;
  private final TlsCallers callers = new TlsCallers(freePort());
  private final TurnServer turn;
  private final CredentialApi api;

  SharedTlsPortTest(@TempDir Path folder) {
    var certificate = TestCertificate.in(folder);
    trust = certificate.trust();
    var settings =
        TurnSettings.of(SharedSecrets.of(Api.SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .but(
                d -> {
                  d.listeners = List.of(ListenUrl.parse("tls://127.0.0.1:0"));
                  d.streams = d.streams.withCertificates(List.of(certificate.files()));
                  d.http = callers;
                });
    turn = TurnServer.start(settings);
    api = CredentialApi.start(Api.settings(), Api.issuer(), turn, callers, null);
  }

  @AfterEach
  void close() {
    api.close();
    turn.close();
  }

  @BeforeEach
  void theApisOwnListenerIsAnother() {
    assertTrue(api.url().getPort() != callers.address().port(), api.url().toString());
  }

  @Test
  void aCredentialIsIssuedOverTls() throws Exception {
    var response =
        overTls(
            HttpRequest.newBuilder(https("/v1/ice-servers"))
                .header("Authorization", "Bearer " + Api.KEY)
                .build());
    assertEquals(200, response.statusCode());
    assertTrue(response.body().contains(Api.TURN_URL), response.body());
    assertEquals(200, overTls(HttpRequest.newBuilder(https("/")).build()).statusCode());
  }

  @Test
  void thePortServesTurnAsWell() {
    try (var direct = HttpClient.newHttpClient()) {
      var ready = HttpRequest.newBuilder(api.url().resolve("/readyz")).build();
      assertEquals(200, direct.sendAsync(ready, BodyHandlers.ofString()).join().statusCode());
    }
    assertEquals(1, turn.telemetry().get(Counter.ALLOCATIONS_OPENED));
  }

  @Test
  void metricsAreToldOnThisMachineAloneThoughTheKernelShowsAllCallersThere() throws Exception {
    var outside = overTls(HttpRequest.newBuilder(https("/metrics")).build());
    assertEquals(404, outside.statusCode());
    try (var direct = HttpClient.newHttpClient()) {
      var metrics = HttpRequest.newBuilder(api.url().resolve("/metrics")).build();
      assertEquals(200, direct.send(metrics, BodyHandlers.ofString()).statusCode());
    }
  }

  @Test
  void whoGoesAroundTheTlsListenerIsNotServed() throws IOException {
    try (var socket =
        new Socket(callers.address().ip().toInetAddress(), callers.address().port())) {
      assertNull(answer(socket));
    }
  }

  @Test
  void oneCallerHasSomeConnectionsAndTakesNoneFromOthers() throws IOException {
    var sockets = new ArrayList<Socket>();
    try {
      for (int i = 0; i < MANY; i++) {
        sockets.add(tls("127.0.0.1"));
        assertEquals("HTTP/1.1 200 OK", answer(sockets.getLast()));
      }
      sockets.add(tls("127.0.0.1"));
      assertNull(answer(sockets.getLast()));
      sockets.add(tls("127.0.0.2"));
      assertEquals("HTTP/1.1 200 OK", answer(sockets.getLast()));
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void moreParticipantsThanCallersMayComeFromOneAddress() {
    int port = turn.listenAddresses().getFirst().port();
    var participants = new ArrayList<RoomClient>();
    try (var client = HttpClient.newBuilder().sslContext(trust).build()) {
      for (int i = 0; i <= MANY; i++) {
        var socket = client.newWebSocketBuilder();
        var joined = RoomClient.at(socket, URI.create("wss://localhost:" + port));
        participants.add(joined);
        joined.join(RoomClient.token(api.url(), "room-" + i), "Alice");
      }
      participants.forEach(RoomClient::expectNothing);
      participants.forEach(RoomClient::close);
    }
  }

  /// The first line, or null where the connection ends without one.
  private static @Nullable String answer(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
    try {
      var line = new StringBuilder();
      for (int c = socket.getInputStream().read(); c >= 0; c = socket.getInputStream().read()) {
        if (c == '\r') {
          return line.toString();
        }
        line.append((char) c);
      }
    } catch (SocketException e) {
      // reset
    }
    return null;
  }

  private Socket tls(String from) throws IOException {
    var port = turn.listenAddresses().getFirst().port();
    var plain = new Socket();
    plain.bind(new InetSocketAddress(from, 0));
    plain.connect(new InetSocketAddress("127.0.0.1", port));
    return trust.getSocketFactory().createSocket(plain, "localhost", port, true);
  }

  private HttpResponse<String> overTls(HttpRequest request) throws Exception {
    try (var client = HttpClient.newBuilder().sslContext(trust).build()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }

  private URI https(String path) {
    return URI.create("https://localhost:" + turn.listenAddresses().getFirst().port() + path);
  }

  private static TransportAddress freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return TransportAddress.of((InetSocketAddress) socket.getLocalSocketAddress());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The TURN server and the API of one process know the same usernames.
class ServersTest {
  private static final int UDP = 17;
  private static final byte[] SHA256_THEN_MD5 = {0, 2, 0, 0, 0, 1, 0, 0};
  private static final byte[] SHA256 = {0, 2, 0, 0};

  @TempDir Path folder;

  @Test
  void aUsernameOfTheApiMayBeHiddenBehindItsHash() throws Exception {
    var plan = plan();
    try (var servers = Servers.start(plan);
        var socket = socket(servers)) {
      var challenge = allocate(socket, w -> w);
      assertTrue(text(challenge, Attribute.NONCE).startsWith("obMatJos2wAAA"));
      String answer = post(servers);
      String username = find(answer, "username");
      var digest = MessageDigest.getInstance("SHA-256");
      String realm = text(challenge, Attribute.REALM);
      String key = username + ":" + realm + ":" + find(answer, "credential");
      byte[] sha256Key = digest.digest(key.getBytes(StandardCharsets.UTF_8));
      var response =
          allocate(
              socket,
              w ->
                  w.bytes(Attribute.USERHASH, IssuedUsernames.hash(username, realm))
                      .bytes(Attribute.REALM, challenge.bytesOf(Attribute.REALM))
                      .bytes(Attribute.NONCE, challenge.bytesOf(Attribute.NONCE))
                      .bytes(Attribute.PASSWORD_ALGORITHMS, SHA256_THEN_MD5)
                      .bytes(Attribute.PASSWORD_ALGORITHM, SHA256)
                      .integrity(
                          new MessageIntegrity(),
                          new IntegrityKey(IntegrityAlgorithm.SHA256, sha256Key)));
      assertEquals(MessageClass.SUCCESS, response.messageClass());
      assertTrue(new MessageIntegrity().verify(response, sha256Key));
    }
  }

  @Test
  void aTurnServerWithoutApiAsksForUsernames() throws Exception {
    var secret = Files.writeString(folder.resolve("secret"), "0123456789abcdef");
    try (var servers =
            Servers.start(plan(HairpinKeys.ROLES, "turn", TurnKeys.SECRET_FILE, secret));
        var socket = socket(servers)) {
      var nonce = text(allocate(socket, w -> w), Attribute.NONCE);
      assertTrue(nonce.startsWith("obMatJos2gAAA"), nonce);
    }
  }

  @Test
  void aRelayAddressThatThisMachineHasNotStopsTheStart() {
    var plan = plan(TurnKeys.RELAY_ADDRESSES, "127.0.0.1 203.0.113.7");
    var e = assertThrows(ConfigException.class, () -> Servers.start(plan).close());
    assertEquals(
        "--relay.addresses: 203.0.113.7 is no address of this machine; write one that is; what a"
            + " NAT makes of it stands in external-address",
        e.getMessage());
  }

  private Plan plan(Object... more) {
    var keysAndTexts = new Object[more.length + 4];
    keysAndTexts[0] = TurnKeys.LISTEN;
    keysAndTexts[1] = "udp://127.0.0.1:0";
    keysAndTexts[2] = HairpinKeys.API_LISTEN;
    keysAndTexts[3] = "http://127.0.0.1:0";
    System.arraycopy(more, 0, keysAndTexts, 4, more.length);
    return Plan.of(Samples.with(folder.resolve("data"), keysAndTexts));
  }

  private static DatagramSocket socket(Servers servers) throws IOException {
    var socket = new DatagramSocket();
    var listener = servers.turn().orElseThrow().listenAddresses().getFirst();
    socket.connect(listener.toInetSocketAddress());
    socket.setSoTimeout(5_000);
    return socket;
  }

  private static StunMessage allocate(DatagramSocket socket, UnaryOperator<StunWriter> more)
      throws IOException {
    var request = Unpooled.buffer();
    var writer =
        new StunWriter(request, MessageClass.REQUEST, Method.ALLOCATE, new TransactionId(1, 2))
            .integer(Attribute.REQUESTED_TRANSPORT, UDP << 24);
    var _ = more.apply(writer);
    socket.send(new DatagramPacket(request.array(), request.readableBytes()));
    var answer = new DatagramPacket(new byte[1500], 1500);
    socket.receive(answer);
    var message = new StunMessage();
    assertTrue(message.decode(Unpooled.wrappedBuffer(answer.getData()), 0, answer.getLength()));
    return message;
  }

  private String post(Servers servers) throws Exception {
    var url = servers.api().orElseThrow().url().resolve("/v1/ice-servers");
    String key = Files.readString(folder.resolve("data/api-key")).strip();
    try (var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(url)
              .header("Authorization", "Bearer " + key)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"user\":\"alice\"}"))
              .build();
      return client.send(request, BodyHandlers.ofString()).body();
    }
  }

  private static String find(String json, String name) {
    var matcher = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(json);
    assertTrue(matcher.find(), json);
    return matcher.group(1).replace("\\/", "/");
  }

  private static String text(StunMessage message, int attribute) {
    return new String(message.bytesOf(attribute), StandardCharsets.UTF_8);
  }
}

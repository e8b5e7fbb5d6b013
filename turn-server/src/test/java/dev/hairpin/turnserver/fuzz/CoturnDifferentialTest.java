package dev.hairpin.turnserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Coturn;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same datagrams to this server and to coturn, from a client that has no allocation with
/// either: nothing succeeds here that coturn refuses, and nothing is answered here that coturn is
/// silent to, but for what is known and meant. Differences the other way round are counted in the
/// output.
class CoturnDifferentialTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final String SECRET = "the secret of both";
  private static final int HEADER = 20;
  private static final int SILENCE = -1;
  private static final int ALLOCATE = 0x0003;

  /// `type ours, coturn's`: where coturn 4.6.1 refuses what we grant.
  private static final Set<String> KNOWN =
      Set.of(
          "0x0001 0, 420", // attributes of TURN in a Binding request
          "signed 0x0001 0, 420",
          "signed 0x0003 0, 400", // two of one attribute: the first counts
          "signed 0x0003 0, 405", // it has no mobility unless asked to
          "signed 0x0003 0, 420", // attributes of other TURN requests
          "signed 0x0003 0, 437", // it has granted an earlier one, and says so late
          "signed 0x0003 0, 440"); // 0x8032 was a family's attribute in a draft

  @TempDir private Path folder = Path.of("");

  private final Map<String, Integer> differences = new TreeMap<>();
  private final Map<String, Bytes> examples = new TreeMap<>();
  private final List<TestTurnClient> open = new ArrayList<>();
  private int answered;

  @Tag("nightly")
  @Test
  void aHundredThousandDatagramsAreAnsweredAsCoturnDoesButForWhatIsMeant() {
    compare(100_000);
  }

  private void compare(int datagrams) {
    var url = ListenUrl.parse("udp://127.0.0.1:0");
    var mutator = new Mutator(Targets.SERVER.seeds(), 1, Long.getLong("fuzz.seed", 5766));
    try (var coturn = Coturn.on(folder, LOOPBACK, SECRET).start();
        var server = TurnServer.start(TurnSettings.of(SharedSecrets.of(SECRET), url))) {
      var address = server.listenAddresses().getFirst().toInetSocketAddress();
      int done = 0;
      while (done < datagrams) {
        var ours = client(address);
        var theirs = client(coturn.address());
        // both stay open: to coturn a port that is used again is still the client of before
        open.add(ours);
        open.add(theirs);
        boolean stateless = true;
        for (; stateless && done < datagrams; done++) {
          stateless = compare(mutator.next(), ours, theirs);
        }
        release(ours);
        release(theirs);
      }
    } finally {
      open.forEach(TestTurnClient::close);
    }
    System.out.println("ours, coturn's: " + differences);
    var unknown = new TreeMap<>(differences);
    unknown.keySet().removeIf(name -> KNOWN.contains(name) || !examples.containsKey(name));
    assertTrue(answered > datagrams / 10, () -> "a blind test: " + answered + " answers");
    assertTrue(unknown.isEmpty(), () -> unknown + " of " + differences + ", as " + examples);
  }

  private static TestTurnClient client(InetSocketAddress server) {
    return TestTurnClient.to(server).withSecret(SECRET).as("alice");
  }

  private static void release(TestTurnClient client) {
    ask(client, true, MessageBuilder.request(Methods.REFRESH).lifetime(0).build());
  }

  /// False where a client has an allocation from now on.
  private boolean compare(byte[] input, TestTurnClient ours, TestTurnClient theirs) {
    if (input.length < 1 + HEADER) {
      return true;
    }
    var datagram = Bytes.of(input).slice(1, input.length).with(8, Bytes.random(12));
    boolean signed = (input[0] & ServerTarget.SIGN) != 0;
    int our = ask(ours, signed, datagram);
    int their = ask(theirs, signed, datagram);
    answered += our == SILENCE ? 0 : 1;
    if (our != their) {
      boolean laxer = our == 0 && their != SILENCE; // which answers some requests late
      var type = laxer ? "%#06x ".formatted(datagram.uint16At(0)) : "";
      var name = "%s%s%d, %d".formatted(signed ? "signed " : "", type, our, their);
      differences.merge(name, 1, Integer::sum);
      if (laxer) {
        examples.putIfAbsent(name, datagram);
      }
    }
    return datagram.uint16At(0) != ALLOCATE || (our != 0 && their != 0);
  }

  /// The code of the answer, 0 for success. A Binding request behind the datagram ends the wait.
  private static int ask(TestTurnClient client, boolean signed, Bytes datagram) {
    var sent =
        signed
            ? MessageBuilder.continuing(datagram)
                .signedBy(client.credential(), client.challenge())
                .build()
            : datagram;
    var last = MessageBuilder.request(Methods.BINDING);
    client.sendRaw(sent);
    client.sendRaw(last.build());
    int code = SILENCE;
    while (true) {
      var answer = client.receiveRaw(Duration.ofSeconds(10));
      assertTrue(answer != null, () -> "no answer behind " + sent);
      var message = Message.isWellFormed(answer) ? Message.decode(answer) : null;
      if (message == null) {
        continue; // to a request of RFC 3489
      }
      if (message.transaction().equals(last.transaction())) {
        return code;
      }
      if (message.transaction().equals(sent.slice(8, HEADER))) {
        code = message.isSuccess() ? 0 : message.errorCode();
      }
    }
  }
}

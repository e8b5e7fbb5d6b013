package dev.hairpin.turnserver.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Many clients in a process of their own, so that the server's process holds only its own file
/// descriptors. It reads the secret and then one command a line:
///
/// - `allocate`: as many clients as the third argument says allocate for an hour;
/// - `shorten`: each asks for the shortest lifetime that the server grants.
///
/// It repeats each command when it is done. Its arguments are the server's address and port, and
/// the number of clients.
public final class ManyClients {
  /// Not the relays' address, whose ports the clients would otherwise take away.
  private static final InetAddress LOCAL = InetAddress.ofLiteral("127.0.0.2");

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final InetSocketAddress server;
  private final String secret;
  private final List<TestTurnClient> clients = new ArrayList<>();

  private ManyClients(InetSocketAddress server, String secret) {
    this.server = server;
    this.secret = secret;
  }

  /// Starts them on the Java that runs the test.
  public static ChildProcess start(InetSocketAddress server, int count, String secret) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var code = ManyClients.class.getProtectionDomain().getCodeSource().getLocation();
    var child =
        ChildProcess.start(
            List.of(
                java,
                "-cp",
                Path.of(code.getPath()).toString(),
                ManyClients.class.getName(),
                server.getAddress().getHostAddress(),
                Integer.toString(server.getPort()),
                Integer.toString(count)));
    child.tell(secret);
    return child;
  }

  /// Gives a command to a process of many clients and waits until it is done.
  public static void command(ChildProcess manyClients, String command) {
    manyClients.tell(command);
    manyClients.awaitLine(command, PATIENCE);
  }

  public static void main(String[] arguments) throws IOException {
    var server =
        new InetSocketAddress(InetAddress.ofLiteral(arguments[0]), Integer.parseInt(arguments[1]));
    int count = Integer.parseInt(arguments[2]);
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var many = new ManyClients(server, String.valueOf(input.readLine()));
    for (var command = input.readLine(); command != null; command = input.readLine()) {
      switch (command) {
        case "allocate" -> many.allocate(count);
        case "shorten" -> many.clients.forEach(client -> client.refresh(1));
        default -> throw new IllegalArgumentException(command);
      }
      System.out.println(command);
    }
  }

  private void allocate(int count) {
    for (int i = 0; i < count; i++) {
      var client = TestTurnClient.to(server, LOCAL).withSecret(secret).as("client " + i);
      var _ = client.allocate(m -> m.lifetime(3600));
      clients.add(client);
    }
  }
}

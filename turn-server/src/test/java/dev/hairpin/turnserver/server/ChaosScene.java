package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.ChildProcess;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.FaultyDatagrams;
import dev.hairpin.turnserver.testkit.FaultyStreams;
import dev.hairpin.turnserver.testkit.StreamEnd;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.testkit.UdpWire;
import dev.hairpin.turnserver.testkit.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/// A server, honest clients by every way, and what befalls them.
final class ChaosScene implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress STRANGER = InetAddress.ofLiteral("127.0.0.3");
  private static final InetAddress FORBIDDEN = InetAddress.ofLiteral("127.0.0.4");
  private static final Duration RECOVERY = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int TICKS = 35;
  private static final int TICK_MILLIS = 20;
  private static final int FAULT_PERCENT = 30;
  private static final int DAY_SECONDS = 86_400;

  private final Random random;
  private final TestCertificate one;
  private final TestCertificate two;
  private final Path certificate;
  private final Path key;
  private final ChaosServer server;
  private final FaultyDatagrams datagrams;
  private final FaultyStreams streams;
  private final FaultyStreams tlsStreams;
  private final EchoPeer peer = EchoPeer.at(LOOPBACK);
  private final Canary forbidden = Canary.at(FORBIDDEN);
  private final DatagramSocket stranger = new DatagramSocket(0, STRANGER);
  private final List<ChaosClient> clients = new ArrayList<>();
  private final List<Socket> crowd = new ArrayList<>();

  /// What happens for a while.
  enum Fault {
    /// Of a hundred datagrams thirty are lost, thirty repeated, thirty late.
    LOSS,
    /// Streams come in pieces of some bytes.
    DRIP,
    /// Streams stand still.
    STALL,
    /// Connections are reset, again and again.
    RESETS,
    /// The process does not run.
    FREEZE,
    /// It gets no more descriptors, while a crowd wants some.
    NO_DESCRIPTORS,
    /// The wall clock is off.
    WALL_CLOCK,
    /// The clock of the loops jumps ahead.
    SKIP,
    /// Certificates are replaced, broken and gone, faster than they are read.
    CERTIFICATES,
    /// Strangers send what they like.
    JUNK
  }

  ChaosScene(long seed, Path folder) throws IOException {
    random = new Random(seed);
    one = TestCertificate.ec(Files.createDirectory(folder.resolve("one")), "one.example");
    two = TestCertificate.ec(Files.createDirectory(folder.resolve("two")), "two.example");
    certificate = folder.resolve("certificate.pem");
    key = folder.resolve("key.pem");
    install(one, one);
    server = ChaosServer.start(certificate, key, folder);
    datagrams = new FaultyDatagrams(server.addresses().get(0), random.nextLong());
    streams = new FaultyStreams(server.addresses().get(1), random.nextLong());
    tlsStreams = new FaultyStreams(server.addresses().get(2), random.nextLong());
  }

  private void install(TestCertificate shown, TestCertificate keyOf) throws IOException {
    Files.copy(shown.file(), certificate, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(keyOf.key(), key, StandardCopyOption.REPLACE_EXISTING);
  }

  private List<Supplier<Wire>> ways() {
    var tls = TlsProfile.trusting(one, two);
    return List.of(
        () -> UdpWire.to(datagrams.address()),
        () -> StreamWire.to(streams.address()),
        () -> StreamWire.to(tlsStreams.address()).secured(tls));
  }

  void play(int rounds) throws Exception {
    ways().forEach(this::assertServed);
    expireAll();
    long sockets = server.sockets();
    for (int i = 0; i < 2; i++) {
      for (var way : ways()) {
        clients.add(new ChaosClient("client" + clients.size(), way, forbidden.address()));
      }
    }
    awaitEchoes();
    for (int round = 0; round < rounds; round++) {
      var faults = draw();
      strike(faults);
      try {
        long deadline = System.nanoTime() + RECOVERY.toNanos();
        ways().forEach(this::assertServed);
        assertEquals(true, deadline - System.nanoTime() > 0, "slow to recover");
        awaitEchoes();
        assertNothingWrong();
      } catch (AssertionError e) {
        throw new AssertionError(
            "after " + faults + ": " + e.getMessage() + "\n" + clients + server, e);
      }
    }
    clients.forEach(ChaosClient::stop);
    clients.forEach(ChaosClient::close);
    expireAll();
    assertNothingWrong();
    Await.until(
        RECOVERY,
        () -> server.sockets() == sockets,
        () -> server.sockets() + " sockets instead of " + sockets);
  }

  private Set<Fault> draw() {
    var all = new ArrayList<>(List.of(Fault.values()));
    Collections.shuffle(all, random);
    return EnumSet.copyOf(all.subList(0, 1 + random.nextInt(4)));
  }

  private void strike(Set<Fault> faults) throws Exception {
    for (var fault : faults) {
      begin(fault);
    }
    for (int tick = 0; tick < TICKS; tick++) {
      for (var fault : faults) {
        go(fault);
      }
      Thread.sleep(TICK_MILLIS);
    }
    datagrams.fail(0);
    fail(FaultyStreams.Fault.NONE);
    signal("CONT");
    limitDescriptors("4096");
    for (var socket : crowd) {
      socket.close();
    }
    crowd.clear();
    install(one, one);
    server.command("wall 0");
    server.command("certificates");
  }

  private void begin(Fault fault) throws IOException {
    switch (fault) {
      case LOSS -> datagrams.fail(FAULT_PERCENT);
      case DRIP -> fail(FaultyStreams.Fault.DRIP);
      case STALL -> fail(FaultyStreams.Fault.STALL);
      case FREEZE -> signal("STOP");
      case NO_DESCRIPTORS -> limitDescriptors("" + (server.descriptors() + random.nextInt(3)));
      case WALL_CLOCK -> server.tell("wall " + random.nextInt(-DAY_SECONDS, DAY_SECONDS));
      case SKIP -> server.tell("skip " + random.nextInt(90));
      case RESETS, CERTIFICATES, JUNK -> {}
    }
  }

  private void go(Fault fault) throws IOException {
    switch (fault) {
      case RESETS -> {
        if (random.nextInt(10) == 0) {
          streams.reset();
          tlsStreams.reset();
        }
      }
      case NO_DESCRIPTORS -> {
        crowd.add(new Socket(LOOPBACK, server.addresses().get(1).getPort()));
        Thread.ofVirtual().start(this::wish);
      }
      case CERTIFICATES -> {
        swapCertificates();
        server.tell("certificates");
      }
      case JUNK -> {
        throwAt(server.addresses().get(0).getPort());
        for (var client : clients) {
          var relayed = client.relayed();
          throwAt(relayed == null ? 1 : relayed.getPort());
        }
      }
      case LOSS, DRIP, STALL, FREEZE, WALL_CLOCK, SKIP -> {}
    }
  }

  private void fail(FaultyStreams.Fault fault) {
    streams.fail(fault);
    tlsStreams.fail(fault);
  }

  private void signal(String name) {
    run("sh", "-c", "kill -" + name + " " + server.pid());
  }

  private void limitDescriptors(String soft) {
    run("prlimit", "--pid", "" + server.pid(), "--nofile=" + soft + ":");
  }

  private static void run(String... command) {
    try (var process = ChildProcess.start(List.of(command))) {
      assertEquals(0, process.awaitExit(PATIENCE), () -> process.output().toString());
    }
  }

  /// One of the crowd.
  private void wish() {
    try (var client = client(() -> UdpWire.to(server.addresses().getFirst()))) {
      client.allocate();
      client.refresh(0);
    } catch (UncheckedIOException | AssertionError _) {
      // it gets none
    }
  }

  private void swapCertificates() throws IOException {
    switch (random.nextInt(5)) {
      case 0 -> install(one, one);
      case 1 -> install(two, two);
      case 2 -> install(one, two);
      case 3 -> Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\n");
      default -> Files.deleteIfExists(key);
    }
  }

  private void throwAt(int port) throws IOException {
    var junk = new byte[random.nextInt(200)];
    random.nextBytes(junk);
    stranger.send(new DatagramPacket(junk, junk.length, LOOPBACK, port));
  }

  private static TestTurnClient client(Supplier<Wire> way) {
    return TestTurnClient.over(way.get()).withSecret(ChaosServer.SECRET).as("somebody");
  }

  /// A new client gets an allocation and its echo, at the latest when the time to recover is over.
  private void assertServed(Supplier<Wire> way) {
    long deadline = System.nanoTime() + RECOVERY.toNanos();
    while (true) {
      try (var client = client(way)) {
        client.allocate();
        client.bind(0x4000, peer.address());
        var payload = Bytes.random(20);
        client.sendOnChannel(0x4000, payload);
        assertEquals(new Delivery.OnChannel(0x4000, payload), client.receive());
        client.refresh(0);
        return;
      } catch (UncheckedIOException | StreamEnd | AssertionError e) {
        if (deadline - System.nanoTime() < 0) {
          throw new AssertionError("a new client is not served: " + e.getMessage(), e);
        }
      }
    }
  }

  private void awaitEchoes() {
    for (var client : clients) {
      long before = client.echoes();
      Await.until(PATIENCE, () -> client.echoes() > before, () -> "no echo for " + client);
    }
  }

  private void assertNothingWrong() {
    clients.forEach(client -> assertEquals(List.of(), client.wrongs()));
    assertEquals(List.of(), forbidden.received());
    assertEquals(0, server.command("state").faults(), "exceptions have escaped");
  }

  private void expireAll() {
    server.command("skip 7200");
    Await.until(
        RECOVERY, () -> server.command("state").live() == 0, () -> "allocations do not end");
  }

  @Override
  public void close() {
    clients.forEach(ChaosClient::stop);
    clients.forEach(ChaosClient::close);
    server.close();
    datagrams.close();
    streams.close();
    tlsStreams.close();
    peer.close();
    forbidden.close();
    stranger.close();
  }
}

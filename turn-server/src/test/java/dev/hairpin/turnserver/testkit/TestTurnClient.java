package dev.hairpin.turnserver.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A TURN client on one wire: one 5-tuple, one credential, one question at a time.
///
/// Over UDP it retransmits as RFC 8489 §6.2.1 says. It checks every response against
/// `ResponseRules`, keeps payloads from peers for `receive`, and takes anything else that arrives
/// for an error. An answer to something that should have been met with silence therefore fails the
/// next call.
public final class TestTurnClient implements AutoCloseable {
  private static final Duration FIRST_TIMEOUT = Duration.ofMillis(500);
  private static final int TRANSMISSIONS = 4;
  private static final Duration STREAM_TIMEOUT = Duration.ofSeconds(10);
  private static final int IPV6 = 2;

  private final Wire wire;
  private final Deque<Delivery> deliveries = new ArrayDeque<>();
  private final Deque<ConnectionAttempt> attempts = new ArrayDeque<>();
  private final Set<Bytes> answered = new HashSet<>();
  private String secret = "";
  private @Nullable TurnCredential credential;
  private @Nullable Challenge challenge;
  private Dialect dialect = Dialect.RFC5389;

  private TestTurnClient(Wire wire) {
    this.wire = wire;
  }

  /// A client over UDP, on the address that the server listens at, which tests always know to be
  /// local.
  public static TestTurnClient to(InetSocketAddress server) {
    return over(UdpWire.to(server));
  }

  public static TestTurnClient to(InetSocketAddress server, InetAddress local) {
    return over(UdpWire.to(server, local));
  }

  /// A client over any transport; it closes the wire when it is closed.
  public static TestTurnClient over(Wire wire) {
    return new TestTurnClient(wire);
  }

  /// A stranger by the same way from another port.
  public TestTurnClient another() {
    return over(wire instanceof StreamWire stream ? stream.another() : UdpWire.to(server()));
  }

  public TestTurnClient withSecret(String newSecret) {
    secret = newSecret;
    return this;
  }

  /// Uses a credential for this user that lasts for an hour.
  public TestTurnClient as(String user) {
    return with(TurnCredential.timeLimited(secret, user, Duration.ofHours(1)));
  }

  public TestTurnClient with(TurnCredential newCredential) {
    credential = newCredential;
    return this;
  }

  public TestTurnClient speaking(Dialect newDialect) {
    dialect = newDialect;
    return this;
  }

  public InetSocketAddress server() {
    return wire.server();
  }

  public InetSocketAddress localAddress() {
    return wire.localAddress();
  }

  public TurnCredential credential() {
    if (credential == null) {
      throw new IllegalStateException("call as() or with() first");
    }
    return credential;
  }

  /// The latest challenge; asks for one where there is none yet.
  public Challenge challenge() {
    if (challenge == null) {
      var refusal = exchange(request(Methods.ALLOCATE, MessageBuilder::requestedTransport));
      Expect.that(refusal.isError(401), "no challenge, but ", refusal);
      challenge = Challenge.of(refusal);
    }
    return challenge;
  }

  /// Where the server sees this client (RFC 8489 §6.3.3). Also serves as a barrier: whatever was
  /// sent before has been handled once this is answered.
  public InetSocketAddress binding() {
    var response = exchange(MessageBuilder.request(Methods.BINDING).build());
    return succeeded(response).address(Attributes.XOR_MAPPED_ADDRESS);
  }

  public Allocation allocate() {
    return allocate(_ -> {});
  }

  /// Allocates with further attributes beside REQUESTED-TRANSPORT.
  public Allocation allocate(Consumer<MessageBuilder> more) {
    return Allocation.of(
        succeeded(call(Methods.ALLOCATE, m -> more.accept(m.requestedTransport()))));
  }

  /// Returns the lifetime that was granted, in seconds; asking for 0 ends the allocation.
  public long refresh(long lifetimeSeconds) {
    return succeeded(call(Methods.REFRESH, m -> m.lifetime(lifetimeSeconds)))
        .uint32(Attributes.LIFETIME);
  }

  public void permit(InetSocketAddress peer) {
    succeeded(call(Methods.CREATE_PERMISSION, m -> m.peer(peer)));
  }

  public void bind(int channel, InetSocketAddress peer) {
    succeeded(call(Methods.CHANNEL_BIND, m -> m.channel(channel).peer(peer)));
  }

  /// Sends by a Send indication (RFC 8656 §11.1).
  public void send(InetSocketAddress peer, Bytes payload) {
    sendRaw(MessageBuilder.indication(Methods.SEND).peer(peer).data(payload).build());
  }

  /// Allocates a relayed address that TCP peers reach (RFC 6062 §4.1).
  public Allocation allocateTcp() {
    return Allocation.of(succeeded(call(Methods.ALLOCATE, MessageBuilder::requestedTcp)));
  }

  /// Allocates a relayed address of each family (RFC 8656 §7.1).
  public DualAllocation allocateDual() {
    return DualAllocation.of(
        succeeded(call(Methods.ALLOCATE, m -> m.requestedTransport().additionalFamily(IPV6))));
  }

  /// Allocates, and asks for a ticket to take along (RFC 8016 §3.1).
  public MobileAllocation allocateMobile() {
    return MobileAllocation.of(
        succeeded(call(Methods.ALLOCATE, m -> m.requestedTransport().ticket(Bytes.EMPTY))));
  }

  /// Takes over the allocation of this ticket, and returns the next ticket (RFC 8016 §3.2).
  public Bytes take(Bytes ticket, long lifetimeSeconds) {
    return succeeded(call(Methods.REFRESH, m -> m.lifetime(lifetimeSeconds).ticket(ticket)))
        .require(Attributes.MOBILITY_TICKET);
  }

  /// Lets the server connect to a peer; returns the CONNECTION-ID (RFC 6062 §4.3).
  public long connect(InetSocketAddress peer) {
    return succeeded(call(Methods.CONNECT, m -> m.peer(peer))).uint32(Attributes.CONNECTION_ID);
  }

  /// The next ConnectionAttempt indication (RFC 6062 §4.4).
  public ConnectionAttempt awaitAttempt() {
    while (attempts.isEmpty()) {
      keepNext("no ConnectionAttempt came");
    }
    return attempts.remove();
  }

  /// Opens another connection like this client's and makes it the data connection of this id. From
  /// then on it carries the peer's bytes as they are (RFC 6062 §4.3).
  public StreamWire bindConnection(long connectionId) {
    return bindConnection(connectionId, ((StreamWire) wire).another());
  }

  public StreamWire bindConnection(long connectionId, StreamWire connection) {
    var binder = over(connection).with(credential());
    binder.challenge = challenge();
    binder.dialect = dialect;
    succeeded(binder.call(Methods.CONNECTION_BIND, m -> m.connectionId(connectionId)));
    return connection;
  }

  /// Sends by a ChannelData message, padded over streams alone (RFC 8656 §12.5).
  public void sendOnChannel(int channel, Bytes payload) {
    var message = Bytes.uint16(channel).plus(Bytes.uint16(payload.length())).plus(payload);
    sendRaw(wire.isStream() ? message.plus(Bytes.of(new byte[-payload.length() & 3])) : message);
  }

  public void sendRaw(Bytes bytes) {
    wire.send(bytes);
  }

  /// Does the dance of long-term credentials: asks for a challenge where there is none, and answers
  /// one 438 with the new nonce, and one 401 that asks for the name behind the hash (RFC 8489
  /// §9.2.5).
  public Message call(int method, Consumer<MessageBuilder> content) {
    var response = exchange(signed(method, content));
    if (response.isError(438)) {
      challenge = Challenge.of(response);
      response = exchange(signed(method, content));
    }
    boolean isHidden = dialect == Dialect.RFC8489 && challenge().saysUsernameAnonymity();
    if (response.isError(401) && isHidden && !Challenge.of(response).saysUsernameAnonymity()) {
      challenge = Challenge.of(response);
      response = exchange(signed(method, content));
    }
    return response;
  }

  /// A request with the latest challenge and this client's credential.
  public Bytes signed(int method, Consumer<MessageBuilder> content) {
    var builder = MessageBuilder.request(method);
    content.accept(builder);
    dialect.sign(builder, credential(), challenge());
    return builder.build();
  }

  /// Sends until a response to it comes, and checks that response. Where the request is signed, it
  /// must be with this client's credential for the response's signature to be right.
  public Message exchange(Bytes request) {
    var response = tryExchange(request);
    if (response == null) {
      throw new AssertionError("no answer to " + Message.decode(request));
    }
    return response;
  }

  private @Nullable Message tryExchange(Bytes bytes) {
    var request = Message.decode(bytes);
    answered.remove(request.transaction());
    var timeout = wire.isStream() ? STREAM_TIMEOUT : FIRST_TIMEOUT;
    int transmissions = wire.isStream() ? 1 : TRANSMISSIONS;
    for (int i = 0; i < transmissions; i++) {
      sendRaw(bytes);
      var response = awaitResponse(request, timeout);
      if (response != null) {
        ResponseRules.check(request, response, keyOf(request));
        return response;
      }
      timeout = timeout.multipliedBy(2);
    }
    return null;
  }

  private @Nullable Message awaitResponse(Message request, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      var bytes = receiveRaw(Duration.ofNanos(deadline - System.nanoTime()));
      if (bytes == null) {
        return null;
      }
      if (keep(bytes)) {
        continue;
      }
      var response = Message.decode(bytes);
      if (response.transaction().equals(request.transaction())) {
        answered.add(response.transaction());
        return response;
      }
      Expect.that(answered.contains(response.transaction()), "nobody asked for this: ", response);
    }
  }

  /// The payloads that have come by now and were not asked for.
  public List<Delivery> deliveries() {
    binding();
    var all = List.copyOf(deliveries);
    deliveries.clear();
    return all;
  }

  /// The next payload from a peer, by ChannelData or Data indication.
  public Delivery receive() {
    while (deliveries.isEmpty()) {
      keepNext("no payload came");
    }
    return deliveries.remove();
  }

  /// The next message as it is, or null where none comes in time.
  public @Nullable Bytes receiveRaw(Duration timeout) {
    return wire.receive(timeout);
  }

  private void keepNext(String complaint) {
    var bytes = receiveRaw(Duration.ofSeconds(5));
    if (bytes == null) {
      throw new AssertionError(complaint);
    }
    Expect.that(keep(bytes), "neither a payload nor a ConnectionAttempt: ", bytes);
  }

  /// Keeps what the server sends unasked; false where this is something else.
  private boolean keep(Bytes bytes) {
    Expect.that(bytes.length() >= 4, "a message of a few bytes: ", bytes);
    if (bytes.at(0) >= 0x40 && bytes.at(0) <= 0x7f) {
      deliveries.add(channelData(bytes));
      return true;
    }
    var message = Message.decode(bytes);
    if (message.messageClass() != MessageClass.INDICATION) {
      return false;
    }
    switch (message.method()) {
      case Methods.DATA -> deliveries.add(data(message));
      case Methods.CONNECTION_ATTEMPT -> attempts.add(ConnectionAttempt.of(message));
      default -> throw new AssertionError("a strange indication: " + message);
    }
    return true;
  }

  private Delivery channelData(Bytes bytes) {
    int end = 4 + bytes.uint16At(2);
    int padding = wire.isStream() ? -end & 3 : 0;
    Expect.that(end + padding == bytes.length(), "ChannelData of a wrong length: ", bytes);
    return new Delivery.OnChannel(bytes.uint16At(0), bytes.slice(4, end));
  }

  private static Delivery data(Message message) {
    Expect.that(message.attributes().size() == 2, "a Data indication has two: ", message);
    if (message.has(Attributes.ICMP)) {
      return Delivery.Icmp.of(message);
    }
    return new Delivery.Indication(
        message.address(Attributes.XOR_PEER_ADDRESS), message.require(Attributes.DATA));
  }

  /// The key that a response must be signed with.
  private @Nullable Bytes keyOf(Message request) {
    var realm = request.find(Attributes.REALM);
    boolean isSigned =
        request.has(Attributes.MESSAGE_INTEGRITY)
            || request.has(Attributes.MESSAGE_INTEGRITY_SHA256);
    if (realm == null || credential == null || !isSigned) {
      return null;
    }
    var algorithm = request.find(Attributes.PASSWORD_ALGORITHM);
    String name = realm.value().asUtf8();
    return algorithm != null && ResponseRules.isAlgorithmKnown(algorithm.value())
        ? credential.key(name, algorithm.value())
        : credential.key(name);
  }

  private static Bytes request(int method, Consumer<MessageBuilder> content) {
    var builder = MessageBuilder.request(method);
    content.accept(builder);
    return builder.build();
  }

  private static Message succeeded(Message response) {
    Expect.that(response.isSuccess(), "refused: ", response);
    return response;
  }

  @Override
  public void close() {
    wire.close();
  }
}

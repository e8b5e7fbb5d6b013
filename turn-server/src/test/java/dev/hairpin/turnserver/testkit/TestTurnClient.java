package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A TURN client on one UDP socket: one 5-tuple, one credential, one question at a time.
///
/// It retransmits as RFC 8489 §6.2.1 says, checks every response against `ResponseRules`, keeps
/// payloads from peers for `receive`, and takes anything else that arrives for an error. An answer
/// to something that should have been met with silence therefore fails the next call.
public final class TestTurnClient implements AutoCloseable {
  private static final Duration FIRST_TIMEOUT = Duration.ofMillis(500);
  private static final int TRANSMISSIONS = 4;
  private static final int MAX_DATAGRAM = 65_535;

  private final DatagramSocket socket;
  private final Deque<Delivery> deliveries = new ArrayDeque<>();
  private final Set<Bytes> answered = new HashSet<>();
  private String secret = "";
  private @Nullable TurnCredential credential;
  private @Nullable Challenge challenge;

  private TestTurnClient(InetSocketAddress server, InetAddress local) {
    try {
      socket = new DatagramSocket(0, local);
      socket.connect(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A client on the address that the server listens at, which tests always know to be local.
  public static TestTurnClient to(InetSocketAddress server) {
    return new TestTurnClient(server, server.getAddress());
  }

  public static TestTurnClient to(InetSocketAddress server, InetAddress local) {
    return new TestTurnClient(server, local);
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

  public InetSocketAddress server() {
    return (InetSocketAddress) socket.getRemoteSocketAddress();
  }

  public InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
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

  /// Sends by a ChannelData message, without padding (RFC 8656 §12.5).
  public void sendOnChannel(int channel, Bytes payload) {
    sendRaw(Bytes.uint16(channel).plus(Bytes.uint16(payload.length())).plus(payload));
  }

  public void sendRaw(Bytes datagram) {
    try {
      socket.send(new DatagramPacket(datagram.toArray(), datagram.length()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Does the dance of long-term credentials: asks for a challenge where there is none, and answers
  /// one 438 with the new nonce (RFC 8489 §9.2.5).
  public Message call(int method, Consumer<MessageBuilder> content) {
    var response = exchange(signed(method, content));
    if (response.isError(438)) {
      challenge = Challenge.of(response);
      response = exchange(signed(method, content));
    }
    return response;
  }

  /// A request with the latest challenge and this client's credential.
  public Bytes signed(int method, Consumer<MessageBuilder> content) {
    var builder = MessageBuilder.request(method);
    content.accept(builder);
    return builder.signedBy(credential(), challenge()).build();
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

  private @Nullable Message tryExchange(Bytes datagram) {
    var request = Message.decode(datagram);
    answered.remove(request.transaction());
    var timeout = FIRST_TIMEOUT;
    for (int i = 0; i < TRANSMISSIONS; i++) {
      sendRaw(datagram);
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
      var datagram = receiveRaw(Duration.ofNanos(deadline - System.nanoTime()));
      if (datagram == null) {
        return null;
      }
      var delivery = delivery(datagram);
      if (delivery != null) {
        deliveries.add(delivery);
        continue;
      }
      var response = Message.decode(datagram);
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
    var next = deliveries.poll();
    if (next != null) {
      return next;
    }
    var datagram = receiveRaw(Duration.ofSeconds(5));
    if (datagram == null) {
      throw new AssertionError("no payload came");
    }
    next = delivery(datagram);
    if (next == null) {
      throw new AssertionError("not a payload: " + datagram);
    }
    return next;
  }

  /// The next datagram as it is, or null where none comes in time.
  public @Nullable Bytes receiveRaw(Duration timeout) {
    if (timeout.toMillis() <= 0) {
      return null;
    }
    var buffer = new byte[MAX_DATAGRAM];
    var packet = new DatagramPacket(buffer, buffer.length);
    try {
      socket.setSoTimeout((int) timeout.toMillis());
      socket.receive(packet);
    } catch (SocketTimeoutException _) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(buffer, packet.getLength());
  }

  private static @Nullable Delivery delivery(Bytes datagram) {
    Expect.that(datagram.length() >= 4, "a datagram of a few bytes: ", datagram);
    if (datagram.at(0) >= 0x40 && datagram.at(0) <= 0x7f) {
      int end = 4 + datagram.uint16At(2);
      Expect.that(end == datagram.length(), "ChannelData of a wrong length: ", datagram);
      return new Delivery.OnChannel(datagram.uint16At(0), datagram.slice(4, end));
    }
    var message = Message.decode(datagram);
    if (message.messageClass() != MessageClass.INDICATION) {
      return null;
    }
    Expect.that(message.method() == Methods.DATA, "a strange indication: ", message);
    Expect.that(message.attributes().size() == 2, "a Data indication has two: ", message);
    return new Delivery.Indication(
        message.address(Attributes.XOR_PEER_ADDRESS), message.require(Attributes.DATA));
  }

  /// The key that a response must be signed with.
  private @Nullable Bytes keyOf(Message request) {
    var realm = request.find(Attributes.REALM);
    if (realm == null || credential == null || !request.has(Attributes.MESSAGE_INTEGRITY)) {
      return null;
    }
    return credential.key(realm.value().asUtf8());
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
    socket.close();
  }
}

package dev.hairpin.deploy.check;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.ice4j.StunException;
import org.ice4j.StunMessageEvent;
import org.ice4j.TransportAddress;
import org.ice4j.attribute.Attribute;
import org.ice4j.attribute.DataAttribute;
import org.ice4j.attribute.NonceAttribute;
import org.ice4j.attribute.OptionalAttribute;
import org.ice4j.attribute.RealmAttribute;
import org.ice4j.attribute.XorMappedAddressAttribute;
import org.ice4j.message.MessageFactory;
import org.ice4j.message.Request;
import org.ice4j.message.Response;
import org.ice4j.security.LongTermCredential;
import org.ice4j.security.LongTermCredentialSession;
import org.ice4j.stack.TransactionID;
import org.jspecify.annotations.Nullable;

/// A client of a STUN and TURN server, with at most one allocation.
final class TurnClient implements AutoCloseable {
  private static final int UNAUTHORIZED = 401;
  private static final byte UDP = 17;

  private final StunSocket socket;
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
  private @Nullable LongTermCredentialSession session;

  /// A payload that came from a peer through the relay.
  record Received(TransportAddress peer, byte[] payload) {}

  /// REQUESTED-ADDRESS-FAMILY; ice4j's own class writes 1 byte where RFC 8656 §18.6 has 4.
  private static final class Ipv6Family extends OptionalAttribute {
    private static final byte[] BODY = {2, 0, 0, 0};

    Ipv6Family() {
      super(REQUESTED_ADDRESS_FAMILY);
      setBody(BODY, 0, BODY.length);
    }
  }

  TurnClient(IceUrl url, SSLContext trust) throws CheckException {
    this.socket = new StunSocket(url, trust);
    socket.onIndication(this::receive);
  }

  /// What carries the messages, where there is something to tell.
  String describeWay() {
    return socket.describeWay();
  }

  /// The address that the server sees.
  TransportAddress bind() throws CheckException, InterruptedException {
    var response = socket.succeed(MessageFactory.createBindingRequest(), newId());
    return address(response, Attribute.XOR_MAPPED_ADDRESS);
  }

  /// The relayed address that the server gives.
  TransportAddress allocate(String username, String password)
      throws CheckException, InterruptedException {
    var challenge = socket.exchange(allocateRequest(), newId());
    boolean complete =
        StunSocket.errorCode(challenge) == UNAUTHORIZED
            && challenge.containsAttribute(Attribute.NONCE);
    if (!complete || !(challenge.getAttribute(Attribute.REALM) instanceof RealmAttribute realm)) {
      throw new CheckException(
          "the server answers " + StunSocket.describe(challenge) + " where a challenge was due",
          "is this a TURN server with time-limited credentials?");
    }
    var credentials =
        new LongTermCredentialSession(new LongTermCredential(username, password), realm.getRealm());
    credentials.setNonce(((NonceAttribute) challenge.getAttribute(Attribute.NONCE)).getNonce());
    socket.register(credentials);
    session = credentials;
    var response = socket.succeed(signed(allocateRequest()), newId());
    return address(response, Attribute.XOR_RELAYED_ADDRESS);
  }

  private Request allocateRequest() {
    var request = MessageFactory.createAllocateRequest(UDP, false);
    if (socket.isIpv6()) {
      request.putAttribute(new Ipv6Family());
    }
    return request;
  }

  void permit(TransportAddress peer) throws CheckException, InterruptedException {
    var id = newId();
    socket.succeed(signed(MessageFactory.createCreatePermissionRequest(peer, id.getBytes())), id);
  }

  void send(byte[] payload, TransportAddress peer) throws CheckException {
    var id = newId();
    socket.send(MessageFactory.createSendIndication(peer, payload, id.getBytes()), id);
  }

  /// Null where nothing came in time.
  @Nullable Received receive(Duration patience) throws InterruptedException {
    return received.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void receive(StunMessageEvent event) {
    var message = event.getMessage();
    if (message.getAttribute(Attribute.DATA) instanceof DataAttribute data
        && message.getAttribute(Attribute.XOR_PEER_ADDRESS)
            instanceof XorMappedAddressAttribute peer) {
      received.add(new Received(peer.getAddress(message.getTransactionID()), data.getData()));
    }
  }

  private static TransactionID newId() {
    return TransactionID.createNewTransactionID();
  }

  private Request signed(Request request) throws CheckException {
    try {
      if (session != null) {
        session.addAttributes(request);
      }
      return request;
    } catch (StunException e) {
      throw new CheckException("the credential cannot be sent: " + e.getMessage(), "report this");
    }
  }

  private static TransportAddress address(Response response, char attribute) throws CheckException {
    // XOR-RELAYED-ADDRESS has the form of XOR-MAPPED-ADDRESS, in ice4j's classes too.
    if (response.getAttribute(attribute) instanceof XorMappedAddressAttribute address) {
      return address.getAddress(response.getTransactionID());
    }
    throw new CheckException(
        "the answer holds no address", "is this a STUN and TURN server by RFC 8489 and 8656?");
  }

  /// The nonce in use, or an empty text.
  String nonce() {
    return session == null ? "" : new String(session.getNonce(), StandardCharsets.UTF_8);
  }

  /// Asks for a lifetime in seconds; tells the code of the error, or 0. A new nonce is kept.
  int refresh(int lifetime) throws CheckException, InterruptedException {
    var response = socket.exchange(signed(MessageFactory.createRefreshRequest(lifetime)), newId());
    if (session != null && response.getAttribute(Attribute.NONCE) instanceof NonceAttribute next) {
      session.setNonce(next.getNonce());
    }
    return StunSocket.errorCode(response);
  }

  /// Ends the allocation, where there is one.
  @Override
  public void close() {
    try {
      if (session != null) {
        var _ = refresh(0);
      }
    } catch (CheckException e) {
      // it ends by itself
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      socket.close();
    }
  }
}

package dev.hairpin.deploy.check;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import org.ice4j.AbstractResponseCollector;
import org.ice4j.BaseStunMessageEvent;
import org.ice4j.StunException;
import org.ice4j.StunResponseEvent;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.attribute.Attribute;
import org.ice4j.attribute.ErrorCodeAttribute;
import org.ice4j.message.Indication;
import org.ice4j.message.Message;
import org.ice4j.message.Request;
import org.ice4j.message.Response;
import org.ice4j.security.CredentialsAuthority;
import org.ice4j.socket.IceUdpSocketWrapper;
import org.ice4j.stack.MessageEventHandler;
import org.ice4j.stack.StunStack;
import org.ice4j.stack.TransactionID;
import org.jspecify.annotations.Nullable;

/// One client's way to one server, which speaks STUN, by ice4j.
final class StunSocket implements AutoCloseable {
  // Sends at 0, 200, 600, 1400 and 3000 ms, and gives up 1.6 s later.
  private static final int FIRST_WAIT_MILLIS = 200;
  private static final int LONGEST_WAIT_MILLIS = 1600;
  private static final int RETRANSMISSIONS = 4;

  private final StunStack stack = new StunStack();
  private final String url;
  private final boolean ipv6;
  private final @Nullable StreamBridge bridge;
  private final TransportAddress server;
  private final TransportAddress local;

  StunSocket(IceUrl url, SSLContext trust) throws CheckException {
    var target = url.resolve();
    this.url = url.text();
    this.ipv6 = target.getAddress() instanceof Inet6Address;
    this.bridge = url.transport().isDatagram() ? null : StreamBridge.to(url, target, trust);
    var next = bridge == null ? target : bridge.near();
    this.server = new TransportAddress(next, Transport.UDP);
    try {
      var socket = new DatagramSocket(localAddressTowards(next));
      local = new TransportAddress(socket.getLocalAddress(), socket.getLocalPort(), Transport.UDP);
      stack.addSocket(new IceUdpSocketWrapper(socket));
    } catch (IOException e) {
      throw new CheckException(
          "no socket towards " + next + ": " + e.getMessage(), "is there a route to it?");
    }
  }

  private static InetSocketAddress localAddressTowards(InetSocketAddress server)
      throws IOException {
    try (var probe = new DatagramSocket()) {
      probe.connect(server);
      return new InetSocketAddress(probe.getLocalAddress(), 0);
    }
  }

  boolean isIpv6() {
    return ipv6;
  }

  /// What carries the messages, where there is something to tell.
  String describeWay() {
    return bridge == null ? "" : bridge.describe();
  }

  /// Signs requests and checks answers from now on.
  void register(CredentialsAuthority credentials) {
    stack.getCredentialsManager().registerAuthority(credentials);
  }

  void onIndication(MessageEventHandler handler) {
    stack.addIndicationListener(local, handler);
  }

  /// Sends an indication under an id that its addresses were encoded with.
  void send(Indication indication, TransactionID id) throws CheckException {
    try {
      indication.setTransactionID(id.getBytes());
      stack.sendIndication(indication, server, local);
    } catch (StunException e) {
      throw new CheckException("cannot send: " + e.getMessage(), "is there a route to the server?");
    }
  }

  /// Sends a request and waits for its answer, be it an error.
  Response exchange(Request request, TransactionID id) throws CheckException, InterruptedException {
    var answer = new Answer();
    try {
      stack.sendRequest(
          request,
          server,
          local,
          answer,
          id,
          FIRST_WAIT_MILLIS,
          LONGEST_WAIT_MILLIS,
          RETRANSMISSIONS);
    } catch (IOException | IllegalArgumentException e) {
      throw new CheckException("cannot send: " + e.getMessage(), "is there a route to the server?");
    }
    var response = answer.await();
    if (response == null) {
      throw new CheckException(
          "no answer from " + url,
          "is the server up, and does every firewall on the way let its port pass?");
    }
    return response;
  }

  /// As `exchange`, for a request that has to succeed.
  Response succeed(Request request, TransactionID id) throws CheckException, InterruptedException {
    var response = exchange(request, id);
    if (Message.isErrorResponseType(response.getMessageType())) {
      throw new CheckException("the server answers " + describe(response), hint(response));
    }
    return response;
  }

  static int errorCode(Response response) {
    return response.getAttribute(Attribute.ERROR_CODE) instanceof ErrorCodeAttribute error
        ? error.getErrorCode()
        : 0;
  }

  static String describe(Response response) {
    return response.getAttribute(Attribute.ERROR_CODE) instanceof ErrorCodeAttribute error
        ? ((int) error.getErrorCode() + " " + error.getReasonPhrase()).strip()
        : "success";
  }

  private static String hint(Response response) {
    return switch (errorCode(response)) {
      case 401 -> "do API and TURN server share the secret, and do their clocks agree?";
      case 403 -> "the server's peer rules deny its own relayed addresses";
      case 440 -> "the server has no relay address of this family; see relay.addresses";
      case 486 -> "the user's quota is used up";
      case 508 -> "the server has no relay port left, or drains; see relay.ports and its log";
      default -> "see the server's log";
    };
  }

  static String text(InetSocketAddress address) {
    return dev.hairpin.turnserver.net.TransportAddress.of(address).toString();
  }

  @Override
  public void close() {
    stack.removeSocket(local);
    stack.shutDown();
    if (bridge != null) {
      bridge.close();
    }
  }

  /// Null where none came.
  private static final class Answer extends AbstractResponseCollector {
    private final CompletableFuture<@Nullable Response> response = new CompletableFuture<>();

    @Override
    public void processResponse(StunResponseEvent event) {
      response.complete(event.getResponse());
    }

    @Override
    protected void processFailure(BaseStunMessageEvent event) {
      response.complete(null);
    }

    @Nullable Response await() throws InterruptedException {
      try {
        return response.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}

package dev.hairpin.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;

/// An anonymous user of an XMPP server on this machine, with no more of XMPP than it takes to ask
/// for its TURN servers (RFC 6120, XEP-0215).
record XmppClient(Socket socket) implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// Returns once the server takes connections.
  static XmppClient connect(int port) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        return new XmppClient(socket);
      } catch (ConnectException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  /// The answer, as it came.
  String externalServices() throws IOException {
    String open =
        "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client'"
            + " xmlns:stream='http://etherx.jabber.org/streams'>";
    ask(open, "</stream:features>");
    ask("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", "<success");
    ask(open, "</stream:features>");
    ask(
        "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
        "</bind></iq>");
    return ask(
        "<iq type='get' id='2' to='localhost'><services xmlns='urn:xmpp:extdisco:2'/></iq>",
        "</services></iq>");
  }

  private String ask(String question, String end) throws IOException {
    socket.getOutputStream().write(question.getBytes(UTF_8));
    var answer = new StringBuilder();
    var bytes = new byte[4096];
    while (answer.indexOf(end) < 0) {
      int count = socket.getInputStream().read(bytes);
      if (count < 0) {
        throw new IOException("it hangs up after " + answer);
      }
      answer.append(new String(bytes, 0, count, UTF_8));
    }
    return answer.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

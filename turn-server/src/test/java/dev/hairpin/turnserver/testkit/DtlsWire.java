package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.UDPTransport;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/// DTLS 1.2 by BouncyCastle's client, with a hand on its datagrams. It trusts every certificate.
public final class DtlsWire implements Wire {
  private static final int MTU = 1_500;
  private static final int MAX_MESSAGE = 1 << 14;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final DatagramSocket socket;
  private final List<Bytes> sent = new ArrayList<>();
  private @Nullable DTLSTransport session;

  /// Which datagrams get lost on their way here.
  public Predicate<Bytes> loses = _ -> false;

  /// Which datagrams get lost on their way to the server.
  public Predicate<Bytes> withholds = _ -> false;

  public Duration timeout = PATIENCE;
  public boolean offersExtendedMasterSecret = true;
  public int[] suites = {
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
  };

  /// A socket that has said nothing yet.
  public DtlsWire(InetSocketAddress server) {
    this(server, server.getAddress());
  }

  private DtlsWire(InetSocketAddress server, InetAddress local) {
    try {
      socket = new DatagramSocket(new InetSocketAddress(local, 0));
      socket.connect(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// With the handshake done.
  public static DtlsWire to(InetSocketAddress server) {
    var wire = new DtlsWire(server);
    wire.shakeHands();
    return wire;
  }

  public static DtlsWire to(InetSocketAddress server, InetAddress local) {
    var wire = new DtlsWire(server, local);
    wire.shakeHands();
    return wire;
  }

  /// Fails with an `UncheckedIOException` where the handshake does.
  public void shakeHands() {
    try {
      session = new DTLSClientProtocol().connect(new Client(), new Datagrams(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Every datagram that the client wanted to send.
  public List<Bytes> sent() {
    return sent;
  }

  @Override
  public InetSocketAddress server() {
    return (InetSocketAddress) socket.getRemoteSocketAddress();
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  @Override
  public boolean isStream() {
    return false;
  }

  @Override
  public void send(Bytes message) {
    try {
      session().send(message.toArray(), 0, message.length());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public @Nullable Bytes receive(Duration patience) {
    if (patience.toMillis() <= 0) {
      return null;
    }
    var buffer = new byte[MAX_MESSAGE];
    try {
      int length = session().receive(buffer, 0, buffer.length, (int) patience.toMillis());
      return length < 0 ? null : Bytes.of(buffer, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sends a datagram past the session.
  public void sendDatagram(Bytes datagram) {
    try {
      socket.send(new DatagramPacket(datagram.toArray(), datagram.length()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The next datagram as it came.
  public Bytes receiveDatagram() {
    var packet = new DatagramPacket(new byte[MTU], MTU);
    try {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.receive(packet);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(packet.getData(), packet.getLength());
  }

  /// Says close_notify.
  public void takeLeave() {
    try {
      session().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Goes away without a word.
  @Override
  public void close() {
    socket.close();
  }

  private DTLSTransport session() {
    if (session == null) {
      throw new IllegalStateException("no handshake was made");
    }
    return session;
  }

  private final class Datagrams extends UDPTransport {
    Datagrams(DatagramSocket socket) throws IOException {
      super(socket, MTU);
    }

    @Override
    public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
      int received = super.receive(buffer, offset, length, waitMillis);
      var datagram = Bytes.of(Arrays.copyOfRange(buffer, offset, offset + Math.max(0, received)));
      return received > 0 && loses.test(datagram) ? -1 : received;
    }

    @Override
    public void send(byte[] buffer, int offset, int length) throws IOException {
      var datagram = Bytes.of(Arrays.copyOfRange(buffer, offset, offset + length));
      sent.add(datagram);
      if (!withholds.test(datagram)) {
        super.send(buffer, offset, length);
      }
    }

    @Override
    public void close() {} // the socket is looked at afterwards
  }

  private final class Client extends DefaultTlsClient {
    Client() {
      super(new BcTlsCrypto());
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
      return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
      return suites.clone();
    }

    @Override
    public boolean shouldUseExtendedMasterSecret() {
      return offersExtendedMasterSecret;
    }

    @Override
    public int getHandshakeTimeoutMillis() {
      return (int) timeout.toMillis();
    }

    @Override
    public TlsAuthentication getAuthentication() {
      return new TlsAuthentication() {
        @Override
        public void notifyServerCertificate(TlsServerCertificate certificate) {}

        @Override
        public @Nullable TlsCredentials getClientCredentials(CertificateRequest request) {
          return null;
        }
      };
    }
  }
}

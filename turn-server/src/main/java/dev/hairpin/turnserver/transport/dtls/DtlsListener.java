package dev.hairpin.turnserver.transport.dtls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.hairpin.turnserver.net.AddressTable;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.transport.ClientEvents;
import dev.hairpin.turnserver.transport.ClientListener;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSVerifier;
import org.jspecify.annotations.Nullable;

/// One loop's socket on an address where clients speak DTLS (RFC 7350), with their sessions.
///
/// A stranger costs an answer and no memory: its ClientHello is answered by a cookie bound to its
/// address (RFC 6347 §4.2.1), and a session begins when the cookie has come back.
public final class DtlsListener implements ClientListener, UdpHandler {
  private static final int MAX_RECORD_BYTES = 1 << 14;
  private static final int SCRATCH_BYTES = 66 << 10;

  final UdpSocket socket;
  final IoEventLoop loop;
  final DtlsSettings settings;
  final ClientEvents events;
  private final DTLSVerifier verifier = new DTLSVerifier(new DtlsCrypto());
  private final AddressTable<DtlsSession> sessions = new AddressTable<>();

  /// Points at what a session has decrypted; used again for the next.
  final Packet message = new Packet();

  /// Where a session decrypts into; the next one uses it again.
  final byte[] plaintext = new byte[MAX_RECORD_BYTES];

  final ByteBuf plaintextBuffer = Unpooled.wrappedBuffer(plaintext);

  /// Where a message is put together before it is encrypted.
  final ByteBuf scratch = Unpooled.buffer(SCRATCH_BYTES);

  /// Those under way.
  int handshakes;

  /// @throws IOException where the address cannot be bound
  public DtlsListener(
      UdpEngine engine,
      IoEventLoop loop,
      TransportAddress address,
      Sharing sharing,
      DtlsSettings settings,
      ClientEvents events)
      throws IOException {
    this.loop = loop;
    this.settings = settings;
    this.events = events;
    this.socket = engine.open(address, sharing, this);
  }

  @Override
  public void onPacket(UdpSocket from, Packet packet) {
    var session = sessions.get(packet.sourceHigh(), packet.sourceLow(), packet.sourcePort());
    boolean isHello = DtlsRecords.isClientHello(packet);
    if (session == null && !isHello) {
      events.counters().drop(DropReason.NO_DTLS_SESSION);
      return;
    }
    byte[] datagram = new byte[packet.length()];
    packet.buffer().getBytes(packet.offset(), datagram);
    if (session == null || (isHello && session.isFromBefore(datagram))) {
      greet(datagram, packet, session);
    } else {
      session.receive(datagram);
    }
  }

  /// @param former the client's session, which ends when a new one begins (RFC 6347 §4.2.8)
  private void greet(byte[] hello, Packet packet, @Nullable DtlsSession former) {
    var client = packet.source();
    var wire = new DtlsWire(this, client, packet.localHigh(), packet.localLow());
    var request = DtlsRecords.areSound(hello) ? verify(client, hello, wire) : null;
    if (request == null) {
      if (wire.sent) {
        events.counters().increment(Counter.DTLS_COOKIES);
      } else {
        events.counters().drop(DropReason.NO_DTLS_SESSION);
      }
      return;
    }
    if (former != null) {
      former.end();
    }
    if (!hasRoomFor(client)) {
      events.counters().drop(DropReason.DTLS_BUSY);
      return;
    }
    var session = new DtlsSession(this, client, DtlsRecords.random(hello), wire);
    sessions.put(client, session);
    handshakes++;
    events.counters().increment(Counter.DTLS_SESSIONS_OPENED);
    session.start(request);
  }

  /// What a hello with a good cookie asks for. Any other is answered by a HelloVerifyRequest, which
  /// is smaller than any ClientHello.
  private @Nullable DTLSRequest verify(TransportAddress client, byte[] hello, DtlsWire wire) {
    byte[] id = client.toString().getBytes(US_ASCII);
    try {
      return verifier.verifyRequest(id, hello, 0, hello.length, wire);
    } catch (RuntimeException _) {
      return null; // what BouncyCastle's parser does not expect is not a defect of this server
    }
  }

  private boolean hasRoomFor(TransportAddress client) {
    if (sessions.size() >= settings.maxSessions() || handshakes >= settings.maxHandshakes()) {
      return false;
    }
    var source = IpPrefix.ofSource(client.ip());
    long ofSource =
        sessions.stream()
            .filter(session -> !session.hasAllocation() && source.contains(session.client().ip()))
            .count();
    return ofSource < settings.maxSessionsPerSource();
  }

  /// Ends the sessions that have been idle for too long.
  @Override
  public void sweep(long nowNanos) {
    sessions.stream().forEach(session -> session.sweep(nowNanos));
  }

  void remove(DtlsSession session) {
    sessions.remove(session.client());
    events.counters().increment(Counter.DTLS_SESSIONS_CLOSED);
  }

  @Override
  public TransportAddress localAddress() {
    return socket.localAddress();
  }

  /// Takes leave of every client.
  @Override
  public void close() {
    sessions.stream().forEach(DtlsSession::end);
    socket.close();
  }
}

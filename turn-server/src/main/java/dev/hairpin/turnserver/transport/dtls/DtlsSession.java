package dev.hairpin.turnserver.transport.dtls;

import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.allocation.FiveTuple.Holder;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.transport.SingleClient;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.jspecify.annotations.Nullable;

/// One client's session, from its verified cookie on. The handshake has a thread of its own, since
/// BouncyCastle waits in it; everything else happens on the loop.
final class DtlsSession implements SingleClient {
  private static final int DONT_WAIT = 1; // milliseconds: 0 would be forever

  private final DtlsListener listener;
  private final FiveTuple fiveTuple;
  private final byte[] clientRandom;
  private final DtlsWire wire;
  private @Nullable Thread handshake;
  private @Nullable DTLSTransport records;
  private @Nullable Holder holder;
  private int maxMessageBytes;
  private boolean isHeard = true;
  private boolean isEnded;
  private long quietSinceNanos;

  DtlsSession(DtlsListener listener, TransportAddress client, byte[] clientRandom, DtlsWire wire) {
    this.listener = listener;
    this.fiveTuple = new FiveTuple(Transport.DTLS, client, listener.localAddress());
    this.clientRandom = clientRandom;
    this.wire = wire;
  }

  @Override
  public FiveTuple fiveTuple() {
    return fiveTuple;
  }

  boolean hasAllocation() {
    return holder != null;
  }

  /// Whether a ClientHello is another than the one that this session began with.
  boolean isFromBefore(byte[] clientHello) {
    return !Arrays.equals(clientRandom, DtlsRecords.random(clientHello));
  }

  /// Starts the handshake.
  void start(DTLSRequest request) {
    handshake = Thread.ofVirtual().name("dtls-handshake").start(() -> shakeHands(request));
  }

  private void shakeHands(DTLSRequest request) {
    DTLSTransport agreed = null;
    DtlsWire.CORES.acquireUninterruptibly();
    try {
      var server = new DtlsHandshake(new DtlsCrypto(), listener.settings);
      agreed = new DTLSServerProtocol().accept(server, wire, request);
    } catch (IOException | RuntimeException _) {
      // the client has been told by an alert, if it could be; counted on the loop
    } finally {
      DtlsWire.CORES.release();
      var result = agreed;
      listener.events.post(() -> handshakeEnded(result));
    }
  }

  private void handshakeEnded(@Nullable DTLSTransport agreed) {
    if (isEnded) {
      return;
    }
    if (agreed == null) {
      listener.events.counters().drop(DropReason.TLS_FAILED);
      end();
      return;
    }
    listener.handshakes--;
    records = agreed;
    try {
      maxMessageBytes = agreed.getSendLimit();
    } catch (IOException e) {
      end();
      return;
    }
    read(agreed);
  }

  /// Takes a datagram from the client's address.
  void receive(byte[] datagram) {
    if (!DtlsRecords.areSound(datagram)) {
      listener.events.counters().drop(DropReason.MALFORMED_DTLS);
    } else if (!wire.arrived.offer(datagram)) {
      listener.events.counters().drop(DropReason.DTLS_BUSY);
    } else if (records != null) {
      read(records);
    }
  }

  /// Handles whatever has arrived. Nothing here waits: the wire ends the reading when it is empty.
  private void read(DTLSTransport from) {
    byte[] plaintext = listener.plaintext;
    try {
      do {
        int length = from.receive(plaintext, 0, plaintext.length, DONT_WAIT);
        if (length < 0) {
          length = from.receivePending(plaintext, 0, plaintext.length);
        }
        while (length >= 0 && !isEnded) {
          isHeard = true;
          listener.message.point(listener.plaintextBuffer, 0, length, client());
          listener.events.onMessage(this, listener.message);
          length = from.receivePending(plaintext, 0, plaintext.length);
        }
      } while (!wire.arrived.isEmpty() && !isEnded);
    } catch (InterruptedIOException _) {
      // all of it was read
    } catch (IOException _) {
      end(); // a fatal alert, ours or the client's
    }
    if (wire.closed) {
      end(); // close_notify, which BouncyCastle has answered
    }
  }

  /// Ends a session that has said nothing for too long and has no allocation.
  void sweep(long nowNanos) {
    if (isHeard || hasAllocation() || records == null) {
      isHeard = false;
      quietSinceNanos = nowNanos;
    } else if (nowNanos - quietSinceNanos > listener.settings.idleTimeout().toNanos()) {
      listener.events.counters().drop(DropReason.CONNECTION_TIMED_OUT);
      end();
    }
  }

  /// Says close_notify where that is possible, and takes the allocation along.
  void end() {
    if (isEnded) {
      return;
    }
    isEnded = true;
    listener.remove(this);
    if (records != null) {
      try {
        records.close();
      } catch (IOException _) {
        // then without
      }
    } else if (handshake != null) {
      listener.handshakes--;
      wire.muted = true;
      handshake.interrupt();
    }
    if (holder != null) {
      listener.events.onDisconnect(this, holder);
    }
  }

  @Override
  public @Nullable Holder holderOf(Packet packet) {
    return holder;
  }

  @Override
  public void add(TransportAddress known, Holder added) {
    holder = added;
    if (isEnded) {
      listener.events.onDisconnect(this, added);
    }
  }

  @Override
  public void remove(TransportAddress known, Holder ended) {
    if (ended.equals(holder)) {
      holder = null;
    }
  }

  @Override
  public int maxMessageBytes() {
    return maxMessageBytes;
  }

  @Override
  public void relayBehind(int header, Packet packet) {
    var scratch = listener.scratch.clear().writeInt(header);
    encrypt(scratch.writeBytes(packet.buffer(), packet.offset(), packet.length()));
  }

  @Override
  public void send(ByteBuf message) {
    var scratch = listener.scratch.clear();
    encrypt(scratch.writeBytes(message, message.readerIndex(), message.readableBytes()));
  }

  private void encrypt(ByteBuf plain) {
    int length = plain.readableBytes();
    if (records == null || isEnded) {
      return;
    }
    if (length > maxMessageBytes) {
      listener.events.counters().drop(DropReason.TOO_LARGE);
      return;
    }
    try {
      records.send(plain.array(), 0, length);
    } catch (IOException _) {
      listener.events.post(this::end); // not in the midst of whoever sends
    }
  }
}

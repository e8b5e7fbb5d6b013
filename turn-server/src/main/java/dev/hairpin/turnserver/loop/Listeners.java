package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.tcp.TcpSockets;
import dev.hairpin.turnserver.transport.ClientEvents;
import dev.hairpin.turnserver.transport.StreamListener;
import dev.hairpin.turnserver.transport.UdpListener;
import dev.hairpin.turnserver.transport.dtls.DtlsListener;
import dev.hairpin.turnserver.transport.dtls.DtlsSettings;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpEngine.Sharing;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Where clients come in to one loop.
public final class Listeners {
  private final IoEventLoop eventLoop;
  private final UdpEngine engine;
  private final StreamListener.OfLoop streams;
  private final ClientEvents events;
  private final List<UdpListener> udpListeners = new ArrayList<>();
  private final List<StreamListener> streamListeners = new ArrayList<>();
  private final List<DtlsListener> dtlsListeners = new ArrayList<>();

  Listeners(IoEventLoop eventLoop, UdpEngine engine, StreamListener.OfLoop streams) {
    this.eventLoop = eventLoop;
    this.engine = engine;
    this.streams = streams;
    this.events = streams.events();
  }

  /// Finds out whether an address is free.
  ///
  /// @throws UncheckedIOException where it is not
  public void requireFree(ListenUrl url) {
    try {
      if (url.transport().isDatagram()) {
        engine.requireFree(url.address());
      } else {
        streams.sockets().requireFree(url.address());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + url, e);
    }
  }

  /// Binds a listener and returns the address that it got.
  ///
  /// @throws UncheckedIOException where the address cannot be bound
  public TransportAddress listen(ListenUrl url, Sharing sharing) {
    try {
      return bind(url, sharing);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + url, e);
    }
  }

  private TransportAddress bind(ListenUrl url, Sharing sharing) throws IOException {
    return switch (url.transport()) {
      case UDP -> {
        var listener = new UdpListener(engine, url.address(), sharing, events);
        udpListeners.add(listener);
        yield listener.localAddress();
      }
      case TCP, TLS -> {
        boolean shares = sharing == Sharing.SHARED;
        var tcpSharing = shares ? TcpSockets.Sharing.SHARED : TcpSockets.Sharing.EXCLUSIVE;
        var listener = new StreamListener(url, streams, tcpSharing);
        streamListeners.add(listener);
        yield listener.localAddress();
      }
      case DTLS -> {
        var dtls = DtlsSettings.of(streams.shared().identities()::identityFor);
        var listener = new DtlsListener(engine, eventLoop, url.address(), sharing, dtls, events);
        dtlsListeners.add(listener);
        yield listener.localAddress();
      }
    };
  }

  List<UdpListener> udp() {
    return udpListeners;
  }

  void sweep(long nowNanos) {
    streamListeners.forEach(listener -> listener.sweep(nowNanos));
    dtlsListeners.forEach(listener -> listener.sweep(nowNanos));
  }

  void close() {
    streamListeners.forEach(StreamListener::close);
    for (var listener : dtlsListeners) { // a method reference would load the class always
      listener.close();
    }
    udpListeners.forEach(UdpListener::close);
  }
}

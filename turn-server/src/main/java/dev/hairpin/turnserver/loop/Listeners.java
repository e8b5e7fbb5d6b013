package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.transport.ClientListener;
import dev.hairpin.turnserver.transport.StreamListener;
import dev.hairpin.turnserver.transport.UdpListener;
import dev.hairpin.turnserver.transport.dtls.DtlsListener;
import dev.hairpin.turnserver.transport.dtls.DtlsSettings;
import dev.hairpin.turnserver.udp.UdpEngine;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// Where clients come in to one loop.
///
/// @param bound those that there are
public record Listeners(
    IoEventLoop eventLoop,
    UdpEngine engine,
    StreamListener.OfLoop streams,
    List<ClientListener> bound) {
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
      var listener = bind(url, sharing);
      bound.add(listener);
      return listener.localAddress();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + url, e);
    }
  }

  private ClientListener bind(ListenUrl url, Sharing sharing) throws IOException {
    var address = url.address();
    return switch (url.transport()) {
      case UDP -> new UdpListener(engine, address, sharing, streams.events());
      case TCP, TLS -> new StreamListener(url, streams, sharing);
      case DTLS -> {
        var dtls = DtlsSettings.of(streams.shared().identities()::identityFor);
        yield new DtlsListener(engine, eventLoop, address, sharing, dtls, streams.events());
      }
    };
  }

  /// The socket on an address that is bound.
  UdpListener udp(TransportAddress address) {
    return (UdpListener)
        bound.stream()
            .filter(l -> l instanceof UdpListener && l.localAddress().equals(address))
            .findFirst()
            .get();
  }

  void sweep(long nowNanos) {
    bound.forEach(listener -> listener.sweep(nowNanos));
  }

  void close() {
    bound.forEach(ClientListener::close);
  }
}

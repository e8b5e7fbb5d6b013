package dev.hairpin.credentialapi.http;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.transport.HttpBackend;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Callers that come through the TLS listeners of the TURN server in this process. It ends the
/// encryption and pipes what they say to a loopback listener of the API that is theirs alone: so
/// nobody from outside is ever taken for a caller on this machine, though the kernel shows every
/// one of their connections as coming from here. Who really speaks stands in this map.
public final class TlsCallers implements HttpBackend {
  private final TransportAddress address;
  private final Map<TransportAddress, Caller> callers = new ConcurrentHashMap<>();

  /// Counts, for the end of a connection may be told after the start of the next from its port.
  private record Caller(TransportAddress client, int connections) {}

  /// A backend before it listens.
  ///
  /// @param address a free one of the loopback, with its port
  public TlsCallers(TransportAddress address) {
    if (!address.ip().isLoopback() || address.port() == 0) {
      throw new IllegalArgumentException("a port of the loopback is needed, not " + address);
    }
    this.address = address;
  }

  @Override
  public TransportAddress address() {
    return address;
  }

  @Override
  public void opened(TransportAddress via, TransportAddress client) {
    callers.merge(
        via,
        new Caller(client, 1),
        (former, added) -> new Caller(added.client, former.connections + 1));
  }

  @Override
  public void closed(TransportAddress via) {
    callers.computeIfPresent(
        via,
        (_, caller) ->
            caller.connections == 1 ? null : new Caller(caller.client, caller.connections - 1));
  }

  /// Whether a connection came to the listener of these callers.
  ///
  /// @param local the near end, as the API sees it
  public boolean own(@Nullable SocketAddress local) {
    return local instanceof InetSocketAddress here && TransportAddress.of(here).equals(address);
  }

  /// Who speaks through a connection from which something has come, or null where nobody does.
  @Nullable TransportAddress clientAt(@Nullable SocketAddress via) {
    var caller =
        via instanceof InetSocketAddress there ? callers.get(TransportAddress.of(there)) : null;
    return caller == null ? null : caller.client;
  }
}

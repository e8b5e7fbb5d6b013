package dev.hairpin.credentialapi.http;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import io.micronaut.http.HttpRequest;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Says from where a call comes: from the other end of the connection, or, where that is a proxy
/// that is trusted, from where `X-Forwarded-For` says. Anybody may write that header, so it is read
/// from its end, as far as trusted proxies have written it. `Forwarded` is never read.
@Singleton
public final class ClientAddresses {
  private final List<IpPrefix> trusted;
  private final @Nullable TlsCallers tlsCallers;

  ClientAddresses(ApiSettings settings, @Nullable TlsCallers tlsCallers) {
    this.trusted = settings.traffic().trustedProxies();
    this.tlsCallers = tlsCallers;
  }

  /// Null where nobody knows.
  public @Nullable IpAddress of(HttpRequest<?> request) {
    var peer = peer(request);
    return peer == null || !isTrusted(peer)
        ? peer
        : forwarded(peer, request.getHeaders().getAll("X-Forwarded-For"));
  }

  private @Nullable IpAddress peer(HttpRequest<?> request) {
    var remote = request.getRemoteAddress();
    if (tlsCallers != null && tlsCallers.own(request.getServerAddress())) {
      var client = tlsCallers.clientAt(remote);
      return client == null ? null : client.ip();
    }
    return remote.getAddress() == null ? null : IpAddress.of(remote.getAddress());
  }

  private IpAddress forwarded(IpAddress peer, List<String> headers) {
    var chain = new ArrayList<String>();
    headers.forEach(header -> chain.addAll(Arrays.asList(header.split(",", -1))));
    var client = peer;
    for (String hop : chain.reversed()) {
      try {
        client = IpAddress.parse(hop.strip());
      } catch (IllegalArgumentException _) {
        return peer; // who wrote this is not the proxy that we know
      }
      if (!isTrusted(client)) {
        return client;
      }
    }
    return client;
  }

  private boolean isTrusted(IpAddress address) {
    return trusted.stream().anyMatch(prefix -> prefix.contains(address));
  }
}

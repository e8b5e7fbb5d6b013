package dev.hairpin.credentialapi.http;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import io.micronaut.http.HttpRequest;
import io.netty.channel.Channel;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
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
    return of(request.getRemoteAddress(), request.getServerAddress(), request.getHeaders()::getAll);
  }

  private @Nullable IpAddress of(
      InetSocketAddress remote, SocketAddress local, Function<String, List<String>> headers) {
    var peer = peer(remote, local);
    return peer == null || !isTrusted(peer)
        ? peer
        : forwarded(peer, headers.apply("X-Forwarded-For"));
  }

  /// As whom limits count a call; null where nobody knows, and on this machine, where one may speak
  /// for many.
  public @Nullable IpPrefix household(HttpRequest<?> request) {
    return household(of(request));
  }

  /// As whom limits count a call that the framework does not see.
  ///
  /// @param headers all values of a header
  public @Nullable IpPrefix household(Channel connection, Function<String, List<String>> headers) {
    return connection.remoteAddress() instanceof InetSocketAddress remote
        ? household(of(remote, connection.localAddress(), headers))
        : null;
  }

  private static @Nullable IpPrefix household(@Nullable IpAddress client) {
    return client == null || client.isLoopback() ? null : IpPrefix.ofSource(client);
  }

  private @Nullable IpAddress peer(InetSocketAddress remote, SocketAddress local) {
    if (tlsCallers != null && tlsCallers.own(local)) {
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

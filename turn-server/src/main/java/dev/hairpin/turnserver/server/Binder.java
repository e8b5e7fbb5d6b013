package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.loop.Listeners;
import dev.hairpin.turnserver.loop.NatDiscovery;
import dev.hairpin.turnserver.loop.RelayLoop;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.OwnAddresses;
import dev.hairpin.turnserver.udp.UdpMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds the listeners of a server, those of NAT behaviour discovery behind the others. The first
/// loop learns the ports that the system chooses, the others bind the same.
final class Binder {
  private final TurnSettings settings;
  private final OwnAddresses own;
  private final Sharing sharing;
  private final List<ListenUrl> bound = new ArrayList<>();
  private @Nullable NatDiscovery discovery;

  /// @param own told of every address that is bound
  Binder(TurnSettings settings, OwnAddresses own) {
    this.settings = settings;
    this.own = own;
    // Java's IPv6 sockets hear IPv4 too: a portable pair of listeners shares its port
    boolean isShared = settings.loopCount() > 1 || settings.udp().here() == UdpMode.PORTABLE;
    this.sharing = isShared ? Sharing.SHARED : Sharing.EXCLUSIVE;
  }

  /// Where clients are served, with the ports that the system chose.
  List<ListenUrl> served() {
    return bound.stream().limit(settings.listeners().size()).toList();
  }

  /// Binds everything on one more loop.
  ///
  /// @throws java.io.UncheckedIOException where an address cannot be bound
  void bind(RelayLoop loop) {
    if (bound.isEmpty()) {
      bindFirst(loop.listeners());
    } else {
      bound.forEach(url -> loop.listeners().listen(url, sharing));
    }
    if (discovery != null) {
      loop.discover(discovery);
    }
  }

  private void bindFirst(Listeners listeners) {
    settings.listeners().forEach(listeners::requireFree);
    settings.listeners().forEach(url -> bind(listeners, url));
    var wish = settings.service().discovery();
    if (wish != null) {
      int primary = settings.listeners().indexOf(new ListenUrl(Transport.UDP, wish.primary()));
      int otherPort = bindBeside(listeners, wish.local(1)).port();
      discovery = wish.withPorts(bound.get(primary).address().port(), otherPort);
      bindBeside(listeners, discovery.local(2));
      bindBeside(listeners, discovery.local(3));
    }
  }

  /// Binds where RFC 5780 has answers come from, unless there is a listener already.
  private TransportAddress bindBeside(Listeners listeners, TransportAddress address) {
    var url = new ListenUrl(Transport.UDP, address);
    if (bound.contains(url)) {
      return address;
    }
    listeners.requireFree(url);
    return bind(listeners, url);
  }

  private TransportAddress bind(Listeners listeners, ListenUrl url) {
    var address = listeners.listen(url, sharing);
    bound.add(url.withAddress(address));
    var told = new TransportAddress(settings.relay().advertised(address.ip()), address.port());
    own.listeners().addAll(List.of(address, told));
    return address;
  }
}

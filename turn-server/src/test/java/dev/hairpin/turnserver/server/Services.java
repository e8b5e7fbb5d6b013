package dev.hairpin.turnserver.server;

import static dev.hairpin.turnserver.loop.ServiceSettings.DEFAULT;

import dev.hairpin.turnserver.loop.NatDiscovery;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.loop.ServiceSettings.Mode;
import dev.hairpin.turnserver.loop.SourceLimits;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.Strangers;
import java.util.List;
import java.util.Set;

/// Settings that differ from the default in one thing.
public final class Services {
  private Services() {}

  public static ServiceSettings with(Set<Feature> features) {
    return new ServiceSettings(DEFAULT.mode(), features, List.of(), "", null, DEFAULT.limits());
  }

  public static ServiceSettings with(NatDiscovery discovery) {
    return new ServiceSettings(
        DEFAULT.mode(), DEFAULT.features(), List.of(), "", discovery, DEFAULT.limits());
  }

  static ServiceSettings with(Mode mode) {
    return new ServiceSettings(mode, DEFAULT.features(), List.of(), "", null, DEFAULT.limits());
  }

  static ServiceSettings with(SourceLimits limits) {
    return new ServiceSettings(DEFAULT.mode(), DEFAULT.features(), List.of(), "", null, limits);
  }

  static ServiceSettings with(List<TransportAddress> alternates, String domain) {
    return new ServiceSettings(
        DEFAULT.mode(), DEFAULT.features(), alternates, domain, null, DEFAULT.limits());
  }

  /// Of addresses that clients know as they are.
  public static NatDiscovery discovery(TransportAddress primary, TransportAddress other) {
    return new NatDiscovery(primary, other, primary.ip(), other.ip());
  }

  static StreamSettings with(Strangers strangers) {
    var rest = StreamSettings.DEFAULT;
    return new StreamSettings(
        List.of(), List.of(), strangers, rest.timeouts(), rest.backlogBytes());
  }

  /// For clients of load balancers.
  public static StreamSettings behind(StreamSettings rest, List<IpPrefix> proxies) {
    return new StreamSettings(
        rest.certificates(), proxies, rest.strangers(), rest.timeouts(), rest.backlogBytes());
  }
}

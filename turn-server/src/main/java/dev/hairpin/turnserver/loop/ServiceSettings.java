package dev.hairpin.turnserver.loop;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Method;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which parts of the protocols are served.
///
/// @param alternates where clients are sent with ALTERNATE-SERVER (300); none of them where empty
/// @param alternateDomain the name in the certificates of those servers (RFC 8489 §14.16), or empty
/// @param discovery from where Binding requests are answered as clients wish, or null
/// @param limits of what strangers are given
public record ServiceSettings(
    Mode mode,
    Set<Feature> features,
    List<TransportAddress> alternates,
    String alternateDomain,
    @Nullable NatDiscovery discovery,
    SourceLimits limits) {
  public static final ServiceSettings DEFAULT =
      new ServiceSettings(
          Mode.STUN_AND_TURN, Set.of(Feature.MOBILITY), List.of(), "", null, SourceLimits.DEFAULT);

  /// Which half is served.
  public enum Mode {
    STUN_AND_TURN,
    STUN_ONLY,
    TURN_ONLY
  }

  /// What is served only where it is named.
  public enum Feature {
    /// TCP allocations (RFC 6062).
    TCP_RELAY,
    /// Allocations that follow their client to another address (RFC 8016).
    MOBILITY,
    /// Binding requests without the magic cookie (RFC 3489).
    CLASSIC_STUN
  }

  /// Labels of letters, digits and hyphens, with dots between (RFC 1123 §2.1).
  private static final Pattern DNS_NAME =
      Pattern.compile(
          "(?!.{256})[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
              + "(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*");

  public ServiceSettings {
    if (!alternateDomain.isEmpty()) {
      requireDnsName(alternateDomain);
    }
    features = Set.copyOf(features);
    alternates = List.copyOf(alternates);
  }

  /// Returns the name where it is one.
  public static String requireDnsName(String name) {
    require(DNS_NAME.matcher(name).matches(), "not a DNS name: " + name);
    return name;
  }

  /// Whether messages of a method are for the half that is served.
  boolean serves(int method) {
    return switch (mode) {
      case STUN_AND_TURN -> true;
      case STUN_ONLY -> method == Method.BINDING;
      case TURN_ONLY -> method != Method.BINDING;
    };
  }

  public boolean has(Feature feature) {
    return features.contains(feature);
  }
}

package dev.hairpin.bench.jmh;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.policy.OwnAddresses;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.policy.PolicySettings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// May a client reach a peer? Asked when a permission is made, and for each packet to an address of
/// the server's own.
@State(Scope.Thread)
public class PeerPolicyBenchmark {
  private static final IpAddress PUBLIC = IpAddress.parse("11.22.33.44");
  private static final IpAddress PUBLIC_IPV6 = IpAddress.parse("2a00:1450::1");
  private static final IpAddress PRIVATE = IpAddress.parse("192.168.1.1");
  private static final IpAddress OWN = IpAddress.parse("11.0.0.1");
  private static final int RELAYED_PORT = 50_000;

  private final PeerPolicy policy = policy(0);
  private final PeerPolicy longPolicy = policy(100);

  private static PeerPolicy policy(int denied) {
    var ranges =
        IntStream.range(0, denied).mapToObj(i -> IpPrefix.parse("12.0." + i + ".0/24")).toList();
    var listeners = List.of(Messages.address("11.0.0.1", 3478), Messages.address("11.0.0.1", 5349));
    return new PeerPolicy(
        PolicySettings.DEFAULT.withPeers(List.of(), ranges),
        Map.of(),
        new OwnAddresses(Set.of(OWN), Set.of(IpAddress.parse("11.0.0.255")), listeners),
        (high, low, port) -> low == OWN.low() && port == RELAYED_PORT);
  }

  @Benchmark
  public boolean judgePublic() {
    return policy.allows(PUBLIC, 40_000, CredentialScope.NONE);
  }

  @Benchmark
  public boolean judgePublicIpv6() {
    return policy.allows(PUBLIC_IPV6, 40_000, CredentialScope.NONE);
  }

  @Benchmark
  public boolean judgePrivate() {
    return policy.allows(PRIVATE, 40_000, CredentialScope.NONE);
  }

  /// Where the operator denies a hundred ranges.
  @Benchmark
  public boolean judgeByManyRanges() {
    return longPolicy.allows(PUBLIC, 40_000, CredentialScope.NONE);
  }

  @Benchmark
  public boolean packetToRelayed() {
    return policy.allowsNow(OWN, RELAYED_PORT, CredentialScope.NONE);
  }

  @Benchmark
  public boolean isPortDenied() {
    return policy.deniesPort(40_000);
  }
}

package dev.hairpin.turnserver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.policy.PolicySettings.PeerRate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What the settings of peers say about themselves, and how a policy passes them on.
class PolicySettingsTest {
  private static final PolicySettings STANDARD = PolicySettings.DEFAULT;
  private static final IpAddress METADATA = IpAddress.parse("169.254.169.254");
  private static final IpAddress RELAYED = IpAddress.parse("198.41.0.4");
  private static final OwnAddresses OWN = new OwnAddresses(Set.of(RELAYED), Set.of(), List.of());

  @Test
  void whatIsUnsafeIsNamedInWords() {
    var unsafe =
        new PolicySettings(
            List.of(IpPrefix.parse("127.0.0.0/8"), IpPrefix.parse("10.0.0.0/8")),
            List.of(),
            List.of(METADATA),
            List.of(),
            List.of(),
            STANDARD.newPeers());
    assertEquals(
        List.of(
            "clients may reach 169.254.169.254, which gives out the keys of a cloud",
            "clients may reach 127.0.0.0/8, the services of this machine itself"),
        unsafe.warnings());
    assertEquals(List.of(), STANDARD.warnings());
  }

  @Test
  void newPeersComeAtARateThatIsNoneOrAtLeastOneASecond() {
    assertEquals(0, new PeerRate(0, 1).atOnce());
    assertThrows(IllegalArgumentException.class, () -> new PeerRate(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> new PeerRate(1, 0));
    var policy = new PeerPolicy(STANDARD, Map.of(), OWN, (_, _, _) -> false);
    assertSame(STANDARD.newPeers(), policy.newPeers());
  }

  @Test
  void theSameRulesHoldBesideOtherRelayedAddresses() {
    var nothing = new PeerPolicy(STANDARD, Map.of(), OWN, (_, _, _) -> false);
    assertFalse(nothing.allows(RELAYED, 50_000, CredentialScope.NONE));
    var one = nothing.withRelayed((_, _, port) -> port == 50_000);
    assertTrue(one.allows(RELAYED, 50_000, CredentialScope.NONE));
    assertFalse(one.allows(RELAYED, 50_001, CredentialScope.NONE));
    assertFalse(one.allows(IpAddress.parse("10.0.0.1"), 9, CredentialScope.NONE));
  }
}

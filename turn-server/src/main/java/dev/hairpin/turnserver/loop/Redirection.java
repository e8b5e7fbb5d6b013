package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.turn.Answer;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sends new clients to other servers (RFC 8489 §10): always where there are any of the client's
/// family, and away from a server that drains in any case. Clients that have shown a password alone
/// get there, so that the answer is signed and nobody else's packets are made longer by it.
final class Redirection {
  private final List<TransportAddress> alternates;
  private final String domain;
  private final SecureRandom random = new SecureRandom();
  private boolean draining;

  Redirection(ServiceSettings settings) {
    this.alternates = settings.alternates();
    this.domain = settings.alternateDomain();
  }

  void drain(boolean drains) {
    draining = drains;
  }

  /// What an Allocate is answered instead of being served, or null.
  @Nullable Answer answer(FiveTuple client) {
    var family = client.client().ip().family();
    var choice = alternates.stream().filter(a -> a.ip().family() == family).toList();
    if (!choice.isEmpty()) {
      boolean verified = client.transport().isEncrypted();
      return new Answer.Redirected(
          choice.get(random.nextInt(choice.size())), verified ? domain : "");
    }
    return draining ? Answer.refused(ErrorCode.INSUFFICIENT_CAPACITY) : null;
  }
}

package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.turn.Answer;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Sends new clients to other servers (RFC 8489 §10): always where there are any of the client's
/// family, and away from a server that drains in any case. Clients that have shown a password alone
/// get there, so that the answer is signed and nobody else's packets are made longer by it.
record Redirection(ServiceSettings settings, AtomicBoolean draining) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /// What an Allocate is answered instead of being served, or null.
  @Nullable Answer answer(FiveTuple client) {
    var family = client.client().ip().family();
    var choice = settings.alternates().stream().filter(a -> a.ip().family() == family).toList();
    if (!choice.isEmpty()) {
      boolean verified = client.transport().isEncrypted();
      return new Answer.Redirected(
          choice.get(RANDOM.nextInt(choice.size())), verified ? settings.alternateDomain() : "");
    }
    return draining.get() ? Answer.refused(ErrorCode.INSUFFICIENT_CAPACITY) : null;
  }
}

package dev.hairpin.turnserver.loop;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.net.SourceBudget;
import java.time.Duration;

/// What one source is given before it has shown who it is; 0 is no bound. A source is an IPv4
/// address or a /64 of IPv6.
///
/// @param turnAnswers a second, over UDP, to requests that show no nonce of ours: challenges and
///   errors
/// @param bindingAnswers a second, over UDP
/// @param wrongPasswords that are looked at one after the other; from then on one a second is
public record SourceLimits(int turnAnswers, int bindingAnswers, int wrongPasswords) {
  public static final SourceLimits DEFAULT = new SourceLimits(20, 50, 10);

  public SourceLimits {
    boolean areLimits = turnAnswers >= 0 && bindingAnswers >= 0 && wrongPasswords >= 0;
    require(areLimits, "a limit is 0 or more");
  }

  /// What is left of them; all loops share it.
  public record Budgets(SourceBudget turn, SourceBudget binding, SourceBudget passwords) {
    public static Budgets of(SourceLimits limits) {
      return new Budgets(
          SourceBudget.perSecond(limits.turnAnswers),
          SourceBudget.perSecond(limits.bindingAnswers),
          new SourceBudget(limits.wrongPasswords, Duration.ofSeconds(1)));
    }
  }
}

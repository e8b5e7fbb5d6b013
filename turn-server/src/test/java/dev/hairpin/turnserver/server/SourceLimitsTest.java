package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.testkit.Namespace;
import org.junit.jupiter.api.Test;

/// What a source that is not this very machine gets, in a network of its own.
class SourceLimitsTest {
  @Test
  void nobodyGetsMoreThanHisShareAndNobodyIsShutOut() {
    Namespace.run(SourceLimitsScene.class);
  }
}

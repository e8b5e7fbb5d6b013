package dev.hairpin.turnserver.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.Serial;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class TransactionIdsTest {
  @Test
  void everyIdIsDrawnAnewFromTheSecureSource() {
    var source = new Counting();
    var ids = new TransactionIds(source);
    for (int i = 1; i <= 3 * TransactionIds.AT_A_TIME; i++) {
      ids.next();
      assertEquals(3 * i - 2, ids.high());
      assertEquals((3L * i - 1) << 32 | 3L * i, ids.low());
    }
    assertEquals(3, source.draws);
  }

  /// Counts 1, 2, 3 in four bytes each.
  private static final class Counting extends SecureRandom {
    @Serial private static final long serialVersionUID = 1;
    private int last;
    private int draws;

    @Override
    public void nextBytes(byte[] bytes) {
      draws++;
      var numbers = ByteBuffer.wrap(bytes).asIntBuffer();
      while (numbers.hasRemaining()) {
        numbers.put(++last);
      }
    }
  }
}

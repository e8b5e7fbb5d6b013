package dev.hairpin.bench.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static final int RUN = 3;
  private static final int BYTES = 171;

  private final Tally tally = new Tally(2);

  TallyTest() {
    tally.begin(RUN);
  }

  @Test
  void everyTenthThatDoesNotComeIsLoss() {
    for (int i = 0; i < 1_000; i++) {
      tally.sent(BYTES, false);
      if (i % 10 != 0) {
        arrive(payload(0, i));
      }
    }
    var counts = tally.cut();
    assertEquals(1_000, counts.sent);
    assertEquals(900, counts.received);
    assertEquals(10.0, counts.lossPercent());
    assertEquals(0, counts.duplicates + counts.reordered + counts.corrupt);
  }

  @Test
  void theSameAgainIsADuplicateAndNotReceivedTwice() {
    arrive(payload(1, 0));
    arrive(payload(1, 1));
    arrive(payload(1, 0));
    var counts = tally.cut();
    assertEquals(2, counts.received);
    assertEquals(1, counts.duplicates);
  }

  @Test
  void whatComesBehindAHigherNumberIsReorderedAndOfItsClientAlone() {
    arrive(payload(0, 5));
    arrive(payload(1, 0));
    arrive(payload(0, 4));
    var counts = tally.cut();
    assertEquals(3, counts.received);
    assertEquals(1, counts.reordered);
  }

  @Test
  void anyByteThatChangesIsSeen() {
    for (int at = 0; at < BYTES; at++) {
      var payload = payload(0, at);
      payload.setByte(at, payload.getByte(at) ^ 0x10);
      arrive(payload);
    }
    var shorter = payload(0, BYTES);
    shorter.writerIndex(BYTES - 1);
    arrive(shorter);
    var counts = tally.cut();
    assertEquals(0, counts.received);
    assertEquals(BYTES + 1, counts.corrupt);
  }

  @Test
  void whatIsLeftOfAnEarlierRunIsPassedOver() {
    var old = payload(0, 0);
    tally.begin(RUN + 1);
    arrive(old);
    var counts = tally.cut();
    assertEquals(0, counts.received + counts.corrupt);
  }

  @Test
  void latencyCountsFromWhenAPacketWasDue() {
    var payload = Stamp.template(0, BYTES);
    Stamp.write(payload, 0, BYTES, RUN, 0, 0, System.nanoTime() - 5_000_000_000L);
    arrive(payload);
    assertTrue(tally.cut().latency.getMaxValue() >= 5_000_000_000L);
  }

  private void arrive(ByteBuf payload) {
    tally.received(payload, 0, payload.readableBytes());
    payload.release();
  }

  private static ByteBuf payload(int client, long number) {
    var payload = Stamp.template(0, BYTES);
    Stamp.write(payload, 0, BYTES, RUN, client, number, System.nanoTime());
    return payload;
  }
}

package dev.hairpin.turnserver.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How what a client is to get over a stream is gathered and written.
class StreamBatchTest {
  private static final int CHANNEL = 0x4000;
  private static final int BACKLOG = StreamSettings.DEFAULT.backlogBytes();
  private static final int RECORD = 16 << 10;

  private final StreamTarget.Events events = new StreamTarget.Events();
  private final EmbeddedSocket socket = new EmbeddedSocket();
  private long nanos;
  private final StreamConnection connection =
      new StreamConnection(
          StreamTarget.closedListener(StreamSettings.DEFAULT, events, () -> nanos),
          socket,
          TransportAddress.of(EmbeddedSocket.CLIENT));
  private final long before = EmbeddedSocket.HEAP.metric().usedDirectMemory();
  private Bytes expected = Bytes.EMPTY;

  StreamBatchTest() {
    socket.config().setWriteBufferWaterMark(new WriteBufferWaterMark(BACKLOG / 2, BACKLOG));
    socket.pipeline().addLast(connection);
    socket.freezeTime();
    nanos = StreamConnection.SPACING_NANOS; // since it was accepted
  }

  @AfterEach
  void nothingIsKept() {
    socket.releaseOutbound();
    var _ = socket.close();
    assertEquals(before, EmbeddedSocket.HEAP.metric().usedDirectMemory());
  }

  private void relay(int length) {
    var payload = Bytes.random(length);
    var packet = new Packet();
    packet.point(
        Unpooled.wrappedBuffer(payload.toArray()),
        0,
        length,
        TransportAddress.of(socket.localAddress()));
    connection.relayBehind(ChannelData.header(CHANNEL, length), packet);
    expected =
        expected
            .plus(Bytes.uint16(CHANNEL))
            .plus(Bytes.uint16(length))
            .plus(payload)
            .plus(Bytes.of(new byte[-length & 3]));
  }

  private void answer() {
    var answer = Bytes.random(20);
    connection.answer(Unpooled.wrappedBuffer(answer.toArray()), new Packet());
    expected = expected.plus(answer);
  }

  private void endTurn() {
    socket.runPendingTasks();
  }

  private void pass(long time) {
    nanos += time;
    socket.advanceTimeBy(time, TimeUnit.NANOSECONDS);
    socket.runScheduledPendingTasks();
  }

  /// What one write to the kernel, or one record of TLS, has; null where there was none.
  private @Nullable Bytes written() {
    ByteBuf next = socket.readOutbound();
    if (next == null) {
      return null;
    }
    var bytes = Bytes.of(ByteBufUtil.getBytes(next));
    next.release();
    return bytes;
  }

  private void assertWrittenAtOnce() {
    assertEquals(expected, written());
    assertNull(written());
    expected = Bytes.EMPTY;
  }

  @Test
  void whatATurnHasForAClientIsOneWriteInOrderAndPadded() {
    for (int length = 0; length < 40; length++) {
      relay(length);
    }
    assertNull(written());
    endTurn();
    assertWrittenAtOnce();
  }

  @Test
  void whatComesRightBehindAWriteWaitsForMore() {
    relay(160);
    endTurn();
    assertWrittenAtOnce();
    pass(StreamConnection.SPACING_NANOS / 4);
    relay(161);
    endTurn();
    relay(162);
    endTurn();
    pass(StreamConnection.SPACING_NANOS / 4 * 3 - 1);
    assertNull(written());
    pass(1);
    assertWrittenAtOnce();
    pass(StreamConnection.SPACING_NANOS / 2);
    relay(163);
    endTurn();
    assertWrittenAtOnce();
  }

  @Test
  void anAnswerDoesNotWait() {
    relay(160);
    endTurn();
    assertWrittenAtOnce();
    answer();
    endTurn();
    assertWrittenAtOnce();
  }

  @Test
  void whatFillsARecordDoesNotWait() {
    relay(160);
    endTurn();
    assertWrittenAtOnce();
    for (int i = 0; i < RECORD / 1_204; i++) {
      relay(1_200);
    }
    endTurn();
    assertNull(written());
    var full = expected;
    expected = Bytes.EMPTY;
    relay(1_200);
    assertEquals(full, written());
    relay(20_000); // more than any batch
    written();
    pass(StreamConnection.SPACING_NANOS);
    assertEquals(20_004, Objects.requireNonNull(written()).length());
  }

  @Test
  void aSlowReaderLosesWholeMessagesNotMemory() {
    socket.stalls = true;
    var kept = Bytes.EMPTY;
    for (int i = 0; i < 2 * BACKLOG / 160; i++) {
      kept = events.counters().get(DropReason.BACKLOG_FULL) == 0 ? expected : kept;
      relay(160);
      endTurn();
      pass(StreamConnection.SPACING_NANOS);
    }
    assertTrue(events.counters().get(DropReason.BACKLOG_FULL) > 0);
    long used = EmbeddedSocket.HEAP.metric().usedDirectMemory() - before;
    assertTrue(used <= BACKLOG + RECORD, used + " bytes");
    socket.stalls = false;
    socket.flush();
    var written = Bytes.EMPTY;
    for (var next = written(); next != null; next = written()) {
      written = written.plus(next);
    }
    assertTrue(written.length() > BACKLOG / 4, written.length() + " were kept");
    assertTrue(kept.equals(written), "not whole, or not in order");
  }

  @Test
  void whatWaitsWhenTheConnectionEndsIsLetGo() {
    relay(160);
    endTurn();
    assertWrittenAtOnce();
    relay(160);
    endTurn();
    assertTrue(EmbeddedSocket.HEAP.metric().usedDirectMemory() > before);
    var _ = socket.close();
    assertEquals(before, EmbeddedSocket.HEAP.metric().usedDirectMemory());
  }

  @Test
  void whatWaitsIsWrittenBeforeTheServerEndsTheConnection() {
    relay(160);
    endTurn();
    assertWrittenAtOnce();
    relay(160);
    endTurn();
    connection.end();
    assertWrittenAtOnce();
  }

  @Test
  void whatWaitsIsWrittenBeforeTheConnectionBecomesAPipe() {
    relay(160);
    connection.letGo();
    assertWrittenAtOnce();
  }
}

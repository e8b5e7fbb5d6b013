package dev.hairpin.credentialapi.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.http.ConnectionGuard.Deadline;
import io.micronaut.http.server.netty.NettyServerCustomizer.ChannelRole;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionGuardTest {
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private final EmbeddedChannel channel = new EmbeddedChannel();

  @BeforeEach
  void connect() {
    channel.freezeTime();
    channel.pipeline().addLast(new HttpServerCodec(), new Deadline(Duration.ofSeconds(30)));
  }

  @AfterEach
  void release() {
    channel.finishAndReleaseAll();
  }

  @Test
  void aConnectionWithoutARequestIsClosed() {
    pass(29_999);
    assertTrue(channel.isOpen());
    pass(1);
    assertFalse(channel.isOpen());
  }

  @Test
  void aRequestThatDripsInIsClosedAsSoonAsASilentOne() {
    for (int i = 0; i < REQUEST.length() - 1; i++) {
      receive(REQUEST.substring(i, i + 1));
      pass(1000);
    }
    assertTrue(channel.isOpen());
    pass(30_000 - 1000L * (REQUEST.length() - 1));
    assertFalse(channel.isOpen());
  }

  @Test
  void aBodyThatDripsInIsClosedToo() {
    receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 30; i++) {
      assertTrue(channel.isOpen());
      receive("x");
      pass(1000);
    }
    assertFalse(channel.isOpen());
  }

  @Test
  void anAnswerWithoutAnEndHasTimeForEachOfItsParts() {
    receive(REQUEST);
    var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set("Content-Type", "text/event-stream").set("Transfer-Encoding", "chunked");
    channel.writeOutbound(head);
    for (int i = 0; i < 3; i++) {
      pass(29_999);
      channel.writeOutbound(new DefaultHttpContent(Unpooled.copiedBuffer(new byte[] {'x'})));
      ReferenceCountUtil.release(channel.readOutbound());
    }
    assertTrue(channel.isOpen());
    pass(30_000);
    assertFalse(channel.isOpen());
  }

  @Test
  void eachRequestAndEachAnswerHasTimeOfItsOwn() {
    for (int i = 0; i < 3; i++) {
      pass(29_999);
      receive(REQUEST);
      pass(29_999);
      answer();
    }
    assertTrue(channel.isOpen());
    pass(30_000);
    assertFalse(channel.isOpen());
  }

  @Test
  void anAnswerThatDoesNotComeEndsTheConnection() {
    receive(REQUEST);
    pass(30_000);
    assertFalse(channel.isOpen());
  }

  @Test
  void aClosedConnectionLeavesNoTimerBehind() {
    channel.finishAndReleaseAll();
    assertEquals(-1, channel.runScheduledPendingTasks());
  }

  @Test
  void oneConnectionMoreThanThereMayBeIsClosedAtOnce() {
    var guard = new ConnectionGuard(null);
    var channels = new ArrayList<EmbeddedChannel>();
    for (int i = 0; i < Limits.MAX_CONNECTIONS; i++) {
      channels.add(connect(guard));
      assertTrue(channels.getLast().isOpen());
    }
    assertFalse(connect(guard).isOpen());

    channels.removeLast().finishAndReleaseAll();
    assertTrue(connect(guard).isOpen());
    assertFalse(connect(guard).isOpen());
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
  }

  private static EmbeddedChannel connect(ConnectionGuard guard) {
    var connection = new EmbeddedChannel();
    guard.specializeForChannel(connection, ChannelRole.CONNECTION).onInitialPipelineBuilt();
    return connection;
  }

  private void receive(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  private void answer() {
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set("Content-Length", 0);
    channel.writeOutbound(response);
    ReferenceCountUtil.release(channel.readOutbound());
  }

  private void pass(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }
}

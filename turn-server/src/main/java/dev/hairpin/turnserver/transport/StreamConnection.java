package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.allocation.FiveTuple.Holder;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.tcp.DirectMemory;
import dev.hairpin.turnserver.tcp.Pipe;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One client's TCP or TLS connection: cuts what arrives into messages (RFC 8489 §6.2.2, RFC 8656
/// §12.5) and sends what goes back, as far as the client takes it.
public final class StreamConnection extends ByteToMessageDecoder implements SingleClient {
  /// From one write of payloads to the next, as a rule: under load, each then has several.
  static final long SPACING_NANOS = 1_000_000;

  private static final int HEADER_BYTES = 4; // enough to know how long a message is
  private static final int COOKIE_END = 8;

  /// What every client may have waiting, however little memory there is.
  private static final int MIN_BACKLOG_BYTES = 16 << 10;

  /// As much as a TLS record takes.
  private static final int BATCH_BYTES = 16 << 10;

  private static final int MAX_CHANNEL_DATA_BYTES = 65_535 + ChannelData.HEADER_BYTES;

  /// The longest message of a client that has no allocation.
  private static final int MAX_STRANGER_BYTES = 2_048;

  /// In how many pieces, such as TLS records, all that a client says before its allocation comes.
  private static final int MAX_STRANGER_READS = 1_024;

  final StreamListener.OfLoop loop;
  final StreamListener listener;
  private final SocketChannel channel;
  private final Runnable endTurn = this::endTurn;

  /// Its client is the other end, or whom a load balancer names.
  private FiveTuple fiveTuple;

  private @Nullable String serverName;
  private @Nullable Holder holder;
  private final long acceptedNanos;
  private long deadlineNanos;

  /// The client has not had an allocation, nor any other success that takes a password.
  private boolean stranger = true;

  /// For whom the connection is counted while the client is a stranger.
  private @Nullable IpAddress source;

  private int reads;

  /// The beginning of a message has come.
  private boolean hasBegun;

  /// A whole STUN message has come: before that, no ChannelData makes sense.
  private boolean spoke;

  private boolean closing;

  /// What the client is to get, gathered until the turn's end or longer.
  private @Nullable ByteBuf batch;

  private long flushedNanos;

  StreamConnection(StreamListener listener, SocketChannel channel, TransportAddress client) {
    this.listener = listener;
    this.loop = listener.loop;
    this.channel = channel;
    var server = TransportAddress.of(channel.localAddress());
    this.fiveTuple = new FiveTuple(Transport.TCP, client, server);
    this.acceptedNanos = loop.nowNanos();
    this.flushedNanos = acceptedNanos;
  }

  @Override
  public FiveTuple fiveTuple() {
    return fiveTuple;
  }

  void speaksFor(TransportAddress other) {
    fiveTuple = new FiveTuple(transport(), other, fiveTuple.server());
    countSource();
  }

  /// Closes the connection where its source has as many as it may.
  void countSource() {
    if (loop.shared().gate().ofSource.add(client().ip())) {
      source = client().ip();
    } else {
      close(DropReason.TOO_MANY_STRANGERS);
    }
  }

  private void forgetSource() {
    if (source != null) {
      loop.shared().gate().ofSource.remove(source);
      source = null;
    }
  }

  /// Ends the counting of a stranger: it is known now, or gone.
  void leaveStrangers() {
    if (stranger) {
      stranger = false;
      forgetSource();
      loop.strangers().remove(this);
      loop.shared().gate().leave();
    }
  }

  void encrypted(@Nullable String name) {
    serverName = name;
    fiveTuple = new FiveTuple(Transport.TLS, client(), fiveTuple.server());
  }

  @Override
  public @Nullable String serverName() {
    return serverName;
  }

  /// The next step has to come within this time, and a stranger's allocation at last.
  void expect(Duration timeout) {
    long now = loop.nowNanos();
    long left = acceptedNanos + settings().strangers().patience().toNanos() - now;
    deadlineNanos = now + (stranger ? Math.min(left, timeout.toNanos()) : timeout.toNanos());
  }

  private StreamSettings settings() {
    return loop.shared().settings();
  }

  /// The connection carries no more messages: it has become a pipe, with an owner of its own. Many
  /// who speak HTTP may share a source.
  void letGo() {
    flush();
    listener.connections.remove(this);
    forgetSource();
  }

  /// Makes the connection an end of a pipe, while it hands on a message: what comes behind that is
  /// held.
  public SocketChannel becomePipe() {
    letGo();
    leaveStrangers();
    channel.config().setAutoRead(false).setAllowHalfClosure(true);
    channel.pipeline().addLast(new Pipe.Holder());
    channel.pipeline().remove(this);
    return channel;
  }

  /// Closes it where it has waited too long.
  void sweep(long nowNanos) {
    if (holder == null && deadlineNanos - nowNanos <= 0) {
      close(DropReason.CONNECTION_TIMED_OUT);
    }
  }

  void close(DropReason reason) {
    if (!closing) {
      closing = true;
      loop.events().counters().drop(reason);
      end();
    }
  }

  /// Closes the connection behind what was written and gathered, as far as the kernel takes it now:
  /// TLS by itself would wait for some seconds for a client that takes nothing, and go on reading.
  void end() {
    flush();
    var tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      var _ = tls.closeOutbound();
    }
    channel.unsafe().close(channel.voidPromise());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) throws Exception {
    loop.events().onTurn();
    if (stranger && ++reads > MAX_STRANGER_READS) {
      close(DropReason.TOO_LARGE);
    }
    super.channelRead(context, bytes);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof SslCloseCompletionEvent) {
      end(); // the client waits for the same from here
    } else {
      super.userEventTriggered(context, event);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (channel.isOpen() && !decode(in) && holder == null && !hasBegun) {
      hasBegun = true;
      expect(settings().timeouts().firstMessage());
    }
  }

  /// Whether there was a whole message, or one that ends the connection.
  private boolean decode(ByteBuf in) {
    int readable = in.readableBytes();
    if (readable < HEADER_BYTES) {
      return false;
    }
    int start = in.readerIndex();
    int length = in.getUnsignedShort(start + 2);
    int first = in.getUnsignedByte(start);
    boolean isStun = StunMessage.startsWith(first);
    boolean isChannelData = spoke && ChannelData.startsWith(first);
    if (isStun ? isBroken(in, length) : !isChannelData) {
      close(DropReason.NOT_STUN_NOR_CHANNEL_DATA);
      return true;
    }
    int bytes = length + (isStun ? StunMessage.HEADER_BYTES : ChannelData.HEADER_BYTES);
    int padded = bytes + (-bytes & 3); // RFC 8656 §12.5
    if (holder == null && bytes > MAX_STRANGER_BYTES) {
      close(DropReason.TOO_LARGE);
    } else if (readable < padded) {
      return false;
    } else {
      in.skipBytes(padded);
      spoke = true;
      hasBegun = false;
      if (holder == null) {
        expect(settings().timeouts().idle());
      }
      var packet = listener.packet;
      packet.point(in, start, bytes, client());
      try {
        loop.events().onMessage(this, packet);
      } catch (RuntimeException | Error fault) {
        loop.events().onFault(fault);
      }
    }
    return true;
  }

  /// What cannot be a STUN message, seen before all of it has come.
  private static boolean isBroken(ByteBuf in, int length) {
    return (length & 3) != 0
        || (in.readableBytes() >= COOKIE_END
            && in.getInt(in.readerIndex() + HEADER_BYTES) != StunMessage.MAGIC_COOKIE);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context);
    flush(); // what is gathered is let go of
    if (holder != null) {
      loop.events().onDisconnect(this, holder);
    }
  }

  /// A reset, or TLS that does not decrypt.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end();
  }

  @Override
  public @Nullable Holder holderOf(Packet packet) {
    return holder;
  }

  @Override
  public void add(TransportAddress known, Holder added) {
    holder = added;
    leaveStrangers();
    if (!channel.isActive()) {
      loop.events().onDisconnect(this, added);
    }
  }

  @Override
  public void remove(TransportAddress known, Holder ended) {
    if (ended.equals(holder)) {
      holder = null;
      expect(settings().timeouts().idle());
    }
  }

  @Override
  public int maxMessageBytes() {
    return MAX_CHANNEL_DATA_BYTES;
  }

  /// Unlike what peers send, it does not wait for more.
  @Override
  public void answer(ByteBuf message, Packet request) {
    send(message);
    flushedNanos -= SPACING_NANOS;
  }

  @Override
  public void send(ByteBuf message) {
    var out = room(message.readableBytes());
    if (out != null) {
      out.writeBytes(message, message.readerIndex(), message.readableBytes());
    }
  }

  @Override
  public void relayBehind(int header, Packet packet) {
    int length = packet.length();
    int padding = -length & 3;
    var out = room(ChannelData.HEADER_BYTES + length + padding);
    if (out != null) {
      out.writeInt(header).writeBytes(packet.buffer(), packet.offset(), length).writeZero(padding);
    }
  }

  /// Null where the client reads slowly, or others have taken all memory: it loses messages then.
  private @Nullable ByteBuf room(int bytes) {
    if (batch != null && batch.maxWritableBytes() < bytes) {
      flush();
    }
    try {
      if (batch != null) {
        return batch.ensureWritable(bytes);
      }
      long pending = settings().backlogBytes() - channel.bytesBeforeUnwritable();
      if (channel.isWritable()
          && (pending <= MIN_BACKLOG_BYTES || !DirectMemory.isScarce(channel.alloc()))) {
        batch = channel.alloc().directBuffer(bytes, Math.max(bytes, BATCH_BYTES));
        channel.eventLoop().execute(endTurn);
        return batch;
      }
    } catch (OutOfMemoryError _) {
      // told below, as everything that is lost here
    }
    loop.events().counters().drop(DropReason.BACKLOG_FULL);
    return null;
  }

  private void endTurn() {
    long now = loop.nowNanos();
    long wait = flushedNanos + SPACING_NANOS - now;
    if (wait > SPACING_NANOS / 2) { // else too little would join it
      listener.hold(this, channel.eventLoop(), wait);
    } else {
      flush(now);
    }
  }

  void flush(long now) {
    flushedNanos = now;
    flush();
  }

  /// Hands over what has been gathered, in one write.
  private void flush() {
    if (batch != null) {
      var full = batch;
      batch = null;
      var _ = channel.write(full, channel.voidPromise());
    }
    channel.flush();
  }
}

package dev.hairpin.credentialapi.http;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets threads that serve HTTP give way to those that relay, where both want one core: a call may
/// wait for a millisecond, a packet had better not.
public final class Courtesy {
  /// As `nice` counts: a tenth of the share of a thread at 0, and all that nobody else wants.
  static final int NICE = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Courtesy.class);
  private static final int PRIO_PROCESS = 0; // with the id 0: the calling thread, on Linux alone

  /// Makes way when a connection has been served, before the next one is: the kernel would let the
  /// thread go on for most of a millisecond, whoever waits.
  static final ChannelHandler BETWEEN_CALLS = new BetweenCalls();

  private Courtesy() {}

  @Sharable
  private static final class BetweenCalls extends ChannelInboundHandlerAdapter {
    @Override
    @SuppressWarnings("ThreadPriorityCheck") // nothing is waited for by it
    public void channelReadComplete(ChannelHandlerContext context) {
      context.fireChannelReadComplete();
      Thread.yield();
    }
  }

  /// Lowers the priority of the calling thread, for good. Does nothing but on Linux: Java's own
  /// priorities have no effect there, and those of other systems are left alone.
  @SuppressWarnings("restricted") // Java cannot do it itself
  public static void show() {
    if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux")) {
      return;
    }
    var linker = Linker.nativeLinker();
    var function = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    try {
      var symbol = linker.defaultLookup().findOrThrow("setpriority");
      int result = (int) linker.downcallHandle(symbol, function).invokeExact(PRIO_PROCESS, 0, NICE);
      if (result != 0) {
        LOG.warn("HTTP runs at the same priority as the relay: setpriority failed");
      }
    } catch (Throwable e) {
      LOG.warn("HTTP runs at the same priority as the relay", e);
    }
  }
}

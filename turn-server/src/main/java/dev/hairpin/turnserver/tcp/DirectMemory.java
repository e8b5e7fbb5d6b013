package dev.hairpin.turnserver.tcp;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;

/// The memory that waits to be sent, of all connections together.
public final class DirectMemory {
  private static final long MAX_BYTES = maxBytes();

  private DirectMemory() {}

  /// Whether three quarters are taken. Without any left, the JVM would collect garbage and wait, on
  /// the loop, at each message.
  public static boolean isScarce(ByteBufAllocator allocator) {
    return allocator instanceof ByteBufAllocatorMetricProvider known
        && known.metric().usedDirectMemory() > MAX_BYTES / 4 * 3;
  }

  /// The heap's size where no option says otherwise.
  private static long maxBytes() {
    var diagnostics = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long option = Long.parseLong(diagnostics.getVMOption("MaxDirectMemorySize").getValue());
    return option > 0 ? option : Runtime.getRuntime().maxMemory();
  }
}

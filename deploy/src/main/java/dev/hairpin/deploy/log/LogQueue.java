package dev.hairpin.deploy.log;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/// Writes the log on a thread of its own, so that a full disk or a pipe that nobody reads stops no
/// loop. What finds the queue full is lost, and told once there is room again.
public final class LogQueue extends AsyncAppender {
  private static final int ROOM_TO_TELL = 2;

  private final AtomicLong lost = new AtomicLong();

  public LogQueue() {
    setNeverBlock(true);
    setDiscardingThreshold(0);
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (getRemainingCapacity() < ROOM_TO_TELL) {
      lost.incrementAndGet();
      return;
    }
    long untold = lost.getAndSet(0);
    if (untold > 0) {
      var logger = (Logger) LoggerFactory.getLogger(LogQueue.class);
      String text = untold + " lines are missing here: the log could not be written in time";
      super.append(
          new LoggingEvent(LogQueue.class.getName(), logger, Level.WARN, text, null, null));
    }
    super.append(event);
  }

  /// Writes what is left, for a second at most.
  public static void flush() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.stop();
    }
  }
}

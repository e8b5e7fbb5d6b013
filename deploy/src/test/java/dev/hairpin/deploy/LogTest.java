package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import dev.hairpin.deploy.log.LogQueue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/// The log as the program is set up to write it.
@Timeout(60)
class LogTest {
  private static final List<String> HOSTILE =
      List.of(
          "\r\n2026-11-21T00:00:00.000Z INFO  Ending: stopped",
          "\u001b[2J\u001b[31m",
          "a\u0000b",
          "a\u0085b\u2028c\u2029d\u000be\u000cf",
          "\u202egpj.exe",
          "\u2066x\u2069\u200b\ufeff",
          "\ud800",
          "${jndi:ldap://127.0.0.1:1/a}",
          "${env:PATH} ${sys:user.home} %d %s%n{} %msg {}",
          "x".repeat(100_000));

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private static LogQueue queue() {
    var queue = (LogQueue) root().getAppender("QUEUE");
    assertNotNull(queue, "the program's own logback.xml is in force");
    return queue;
  }

  private static String written(String text, @Nullable Throwable thrown) {
    var sink = (ConsoleAppender<ILoggingEvent>) queue().getAppender("STDERR");
    var event =
        new LoggingEvent(
            LogTest.class.getName(),
            root(),
            Level.INFO,
            "user {} ended",
            thrown,
            new Object[] {text});
    return new String(sink.getEncoder().encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void oneRecordIsOneLineWhateverStrangersWrite() {
    var random = new Random(11);
    var texts = new ArrayList<>(HOSTILE);
    while (texts.size() < 500) {
      texts.add(
          IntStream.range(0, 1 + random.nextInt(60))
              .mapToObj(
                  _ ->
                      random.nextInt(3) == 0
                          ? HOSTILE.get(random.nextInt(9))
                          : Character.toString(random.nextInt(0x3000)))
              .collect(Collectors.joining()));
    }
    for (String text : texts) {
      for (var thrown : new Throwable[] {null, new IllegalStateException(text)}) {
        String line = written(text, thrown);
        assertTrue(line.endsWith("\n"), line);
        String record = line.substring(0, line.length() - 1);
        assertTrue(record.length() < 2_100, record.length() + " characters");
        assertFalse(
            record
                .codePoints()
                .anyMatch(
                    c ->
                        switch (Character.getType(c)) {
                          case Character.CONTROL,
                              Character.FORMAT,
                              Character.SURROGATE,
                              Character.LINE_SEPARATOR,
                              Character.PARAGRAPH_SEPARATOR ->
                              true;
                          default -> false;
                        }),
            record);
        assertTrue(record.matches("\\S+Z INFO +ROOT: user .*"), record);
      }
    }
  }

  @Test
  void nothingIsLookedUpOrFormattedThatAStrangerWrote() {
    for (String text : List.of(HOSTILE.get(7), HOSTILE.get(8))) {
      assertTrue(written(text, null).endsWith("user " + text + " ended\n"), text);
    }
    for (String lookup :
        List.of(
            "org.apache.logging.log4j.core.lookup.JndiLookup",
            "org.apache.logging.log4j.core.Logger",
            "org.apache.log4j.Logger")) {
      assertThrows(ClassNotFoundException.class, () -> Class.forName(lookup), lookup);
    }
  }

  @Test
  void timesAreUtc() {
    assertTrue(
        written("", null).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z .*\n"));
  }

  @Test
  void aSinkThatNobodyReadsStopsNobodyAndWhatIsLostIsTold() throws InterruptedException {
    var isRead = new CountDownLatch(1);
    var lines = new CopyOnWriteArrayList<String>();
    var sink =
        new AppenderBase<ILoggingEvent>() {
          @Override
          protected void append(ILoggingEvent event) {
            try {
              isRead.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            lines.add(event.getFormattedMessage());
          }
        };
    var context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    var queue = new LogQueue();
    var logger = context.getLogger("test");
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    for (var appender : List.of(sink, queue)) {
      appender.setContext(context);
    }
    queue.setQueueSize(100);
    queue.addAppender(sink);
    sink.start();
    queue.start();
    logger.addAppender(queue);
    long began = System.nanoTime();
    for (int i = 0; i < 10_000; i++) {
      logger.info("event {}", i);
    }
    assertTrue(System.nanoTime() - began < Duration.ofSeconds(5).toNanos(), "nobody waited");
    isRead.countDown();
    while (queue.getNumberOfElementsInQueue() > 0) {
      Thread.sleep(10);
    }
    LongSupplier told =
        () ->
            lines.stream()
                .filter(line -> line.contains("missing here"))
                .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                .sum();
    LongSupplier heard = () -> lines.stream().filter(line -> line.startsWith("event ")).count();
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (told.getAsLong() + heard.getAsLong() < 10_000 && System.nanoTime() < deadline) {
      logger.info("later"); // what is missing is told with the next line that finds room
      Thread.sleep(10);
    }
    var events =
        lines.stream()
            .filter(line -> line.startsWith("event "))
            .map(line -> Integer.parseInt(line.substring("event ".length())))
            .toList();
    assertEquals(10_000, told.getAsLong() + events.size());
    assertEquals(events.stream().sorted().distinct().toList(), events, "in order");
    queue.stop();
  }
}

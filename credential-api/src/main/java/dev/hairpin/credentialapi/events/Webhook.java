package dev.hairpin.credentialapi.events;

import dev.hairpin.credentialapi.sessions.SessionEvent;
import io.micronaut.serde.ObjectMapper;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells one URL, in order, on a thread of its own. What it does not take is told again, later and
/// later; what it has not taken by then is put aside, and told when somebody asks for it. Nothing
/// of it grows without bounds, and nobody waits for it.
final class Webhook implements AutoCloseable {
  static final int MAX_WAITING = 10_000;
  static final int MAX_LETTER = 100;
  static final int MAX_DEAD = 100;
  static final int ATTEMPTS = 8;
  private static final Duration LINGER = Duration.ofMillis(200);
  private static final SecureRandom JITTER = new SecureRandom();
  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);

  private final URI url;
  private final Signature signature;
  private final ObjectMapper json;
  private final InstantSource clock;
  private final Duration patience;
  private final Duration firstPause;
  private final BlockingQueue<SessionEvent> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Deque<Letter> again = new ArrayDeque<>();
  private final Deque<Letter> dead = new ArrayDeque<>();
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("hairpin-webhook").unstarted(this::run);
  private volatile @Nullable String trouble;

  /// Some events; the id is the same each time that they are told.
  record Letter(String id, List<SessionEvent> events) {}

  /// What is sent.
  @Serdeable
  @Schema(name = "WebhookMessage", description = "What is posted to a webhook.")
  record Message(
      @Schema(description = "In the order of their happening.") List<SessionEvent> events) {}

  /// @param patience for an answer
  /// @param firstPause before a message is told again; twice as long each time, up to a minute
  Webhook(
      URI url,
      Signature signature,
      ObjectMapper json,
      InstantSource clock,
      Duration patience,
      Duration firstPause) {
    this.url = url;
    this.signature = signature;
    this.json = json;
    this.clock = clock;
    this.patience = patience;
    this.firstPause = firstPause;
  }

  void start() {
    thread.start();
  }

  /// Returns at once.
  void tell(SessionEvent event) {
    if (!waiting.offer(event)) {
      lost.incrementAndGet();
    }
  }

  /// Puts what was set aside back in line, and says how many events that are.
  int retry() {
    synchronized (dead) {
      int events = dead.stream().mapToInt(letter -> letter.events.size()).sum();
      again.addAll(dead);
      dead.clear();
      return events;
    }
  }

  List<Letter> dead() {
    synchronized (dead) {
      return List.copyOf(dead);
    }
  }

  URI url() {
    return url;
  }

  int waiting() {
    return waiting.size();
  }

  long delivered() {
    return delivered.get();
  }

  /// How many events nobody will be told of: too many waited, or were set aside.
  long lost() {
    return lost.get();
  }

  /// Why the last attempt failed; null where it did not.
  @Nullable String trouble() {
    return trouble;
  }

  private void run() {
    try (var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience)
            .build()) {
      try {
        while (true) {
          deliver(client, next());
        }
      } finally {
        client.shutdownNow();
      }
    } catch (InterruptedException _) {
      // the API stops
    }
  }

  private Letter next() throws InterruptedException {
    var events = new ArrayList<SessionEvent>();
    while (true) {
      synchronized (dead) {
        var letter = again.pollFirst();
        if (letter != null) {
          return letter;
        }
      }
      var first = waiting.poll(LINGER.toMillis(), TimeUnit.MILLISECONDS);
      if (first != null) {
        events.add(first);
        waiting.drainTo(events, MAX_LETTER - 1);
        return new Letter("msg_" + first.id(), List.copyOf(events));
      }
    }
  }

  private void deliver(HttpClient client, Letter letter) throws InterruptedException {
    var pause = firstPause;
    for (int attempt = 1; ; attempt++) {
      var problem = attempt(client, letter);
      if (problem == null) {
        noTrouble();
        delivered.addAndGet(letter.events.size());
        return;
      }
      if (trouble == null) {
        LOG.warn("webhook {} does not take events: {}", url.getHost(), problem);
      }
      trouble = problem;
      if (attempt == ATTEMPTS) {
        setAside(letter);
        return;
      }
      Thread.sleep(jittered(pause));
      pause = pause.multipliedBy(2);
    }
  }

  private void noTrouble() {
    if (trouble != null) {
      LOG.info("webhook {} takes events again", url.getHost());
      trouble = null;
    }
  }

  /// Null where it was taken.
  private @Nullable String attempt(HttpClient client, Letter letter) throws InterruptedException {
    try {
      byte[] body = json.writeValueAsBytes(new Message(letter.events));
      long seconds = clock.instant().getEpochSecond();
      var request =
          HttpRequest.newBuilder(url)
              .header("Content-Type", "application/json")
              .header("User-Agent", "Hairpin")
              .header("webhook-id", letter.id)
              .header("webhook-timestamp", Long.toString(seconds))
              .header("webhook-signature", signature.of(letter.id, seconds, body))
              .POST(BodyPublishers.ofByteArray(body))
              .build();
      int status = whole(client.sendAsync(request, BodyHandlers.discarding())).statusCode();
      return status / 100 == 2 ? null : "status " + status;
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause()).getClass().getSimpleName();
    } catch (IOException | TimeoutException | RuntimeException e) { // of a URL that nobody can ask
      return e.getClass().getSimpleName();
    }
  }

  /// An answer when all of it is there: the client's own timeout is for its head alone.
  @SuppressWarnings("Interruption") // a client gives an exchange up by that alone
  private <T> T whole(Future<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      answer.cancel(true);
    }
  }

  private void setAside(Letter letter) {
    synchronized (dead) {
      dead.addLast(letter);
      if (dead.size() > MAX_DEAD) {
        lost.addAndGet(dead.removeFirst().events.size());
      }
    }
  }

  private static Duration jittered(Duration pause) {
    return Duration.ofNanos((long) (pause.toNanos() * JITTER.nextDouble(0.8, 1.2)));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

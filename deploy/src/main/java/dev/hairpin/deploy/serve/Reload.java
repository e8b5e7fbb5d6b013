package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.operations.Reloader;
import dev.hairpin.credentialapi.storage.Database;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.net.Transport;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the configuration again while the servers run. All of it comes into force that can change,
/// or, where anything is wrong, nothing does.
public final class Reload implements Reloader {
  private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

  private final Supplier<Configuration> reader;
  private final Plan started;
  private final Servers servers;
  private final AtomicBoolean isAwaited = new AtomicBoolean();

  /// @param reader of the file, the command line and this machine
  /// @param started what the servers were started with
  public Reload(Supplier<Configuration> reader, Plan started, Servers servers) {
    this.reader = reader;
    this.started = started;
    this.servers = servers;
  }

  /// Reads once more, and tells the log and the metrics what came of it. Calls that come while one
  /// runs share the next.
  public void request() {
    if (isAwaited.compareAndSet(false, true)) {
      try {
        var _ = reload();
      } catch (Refused _) {
        // the log says so
      }
    }
  }

  /// Reads once more, and returns the keys that have changed and wait for the next start.
  @Override
  public List<String> reload() throws Refused {
    try {
      var rest = run();
      told(true);
      return rest;
    } catch (Refused e) {
      told(false);
      throw e;
    }
  }

  private void told(boolean success) {
    servers.api().ifPresent(api -> api.metrics().reloaded(success));
  }

  private synchronized List<String> run() throws Refused {
    isAwaited.set(false);
    try {
      var wanted = Plan.following(reader.get());
      var rest = changedOtherwise(wanted);
      var plan = beside(wanted, rest);
      servers.prepare(plan).run();
      plan.warnings().forEach(LOG::warn);
      if (!rest.isEmpty()) {
        LOG.warn("changed, and in force only after the next start: {}", String.join(", ", rest));
      }
      LOG.info("the configuration has been read again and is in force");
      return rest;
    } catch (ConfigException e) {
      LOG.error("the former configuration stays in force: {}", e.getMessage());
      throw new Refused(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("the configuration could not be read again, the former stays in force", e);
      throw new Refused("the configuration could not be read again; the log says why");
    }
  }

  /// What tenants have from the server is what it has itself until the next start.
  private Plan beside(Plan wanted, List<String> rest) {
    var inForce = started.configuration();
    for (var key : List.of(HairpinKeys.TENANTS_DIR, HairpinKeys.UNSAFE)) {
      inForce = inForce.taking(wanted.configuration(), key);
    }
    try {
      return wanted.beside(inForce);
    } catch (ConfigException e) { // it goes together with what waits, so something does
      throw new ConfigException(
          e.getMessage() + "; or start anew, for which these wait: " + String.join(", ", rest));
    }
  }

  private List<String> changedOtherwise(Plan now) {
    return now.configuration().keys().all().stream()
        .filter(key -> !HairpinKeys.RELOADABLE.contains(key) && differs(key, now))
        .map(Key::path)
        .toList();
  }

  /// What nobody wrote may be found otherwise at another time; and a file may hold other secrets.
  private boolean differs(Key<?> key, Plan now) {
    boolean isTold =
        started.configuration().isWritten(key)
            || now.configuration().isWritten(key)
            || (key.equals(TurnKeys.LISTEN) && opensTls(started) != opensTls(now));
    return (isTold && !started.configuration().all(key).equals(now.configuration().all(key)))
        || (key.equals(HairpinKeys.API_WEBHOOK_SECRET_FILE)
            && !started.webhooks().secrets().equals(now.webhooks().secrets()))
        || (key.equals(HairpinKeys.STORAGE_PASSWORD_FILE)
            && !Objects.equals(password(started), password(now)));
  }

  private static boolean opensTls(Plan plan) {
    return plan.listeners().stream().anyMatch(l -> l.transport() == Transport.TLS);
  }

  private static @Nullable String password(Plan plan) {
    return plan.database() instanceof Database.Server server ? server.password() : null;
  }
}

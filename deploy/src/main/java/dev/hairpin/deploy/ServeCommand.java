package dev.hairpin.deploy;

import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.Reload;
import dev.hairpin.deploy.serve.Servers;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `hairpin serve`.
@Command(
    name = "serve",
    description = {
      "Serves STUN and TURN, and hands out credentials over HTTP.",
      "",
      "Needs no configuration: makes a secret and an API key at its first start and keeps them for"
          + " its user alone. Options win over the file.",
      ""
    })
final class ServeCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);

  private final PrintWriter out;

  @Mixin private final ServeOptions options = new ServeOptions();

  ServeCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() throws InterruptedException {
    var ending = new Ending();
    var started = new CompletableFuture<Reload>();
    Signals.on("TERM", ending::wish); // what comes before the start is over is done then
    Signals.on("INT", ending::wish);
    Signals.on("HUP", () -> started.join().request());
    var plan = Plan.of(options.effective());
    var servers = Servers.start(plan);
    var reload = new Reload(options::effective, plan, servers);
    started.complete(reload);
    servers.api().ifPresent(api -> api.reloadBy(reload));
    out.print(Summary.of(plan, servers));
    out.flush();
    plan.warnings().forEach(log::warn);
    System.gc(); // what the start left behind would make the first pauses under load long
    try {
      ending.await(servers, plan.configuration().one(HairpinKeys.DRAIN_TIMEOUT));
      return 0;
    } catch (RuntimeException e) {
      log.error("could not stop in order", e);
      return 1;
    }
  }
}

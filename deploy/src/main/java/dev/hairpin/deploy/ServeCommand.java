package dev.hairpin.deploy;

import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.Servers;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
    var plan = Plan.of(options.effective());
    var servers = Servers.start(plan);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(servers), "hairpin-stop"));
    out.print(Summary.of(plan, servers));
    out.flush();
    plan.warnings().forEach(log::warn);
    new CountDownLatch(1).await(); // a signal ends the process
    return 0;
  }

  /// Runs when SIGTERM or SIGINT has come. Java would exit with 143 or 130, but this is a good end.
  private static void stop(Servers servers) {
    try {
      servers.close();
      log.info("stopped");
      Runtime.getRuntime().halt(0);
    } catch (RuntimeException e) {
      log.error("could not stop in order", e);
      Runtime.getRuntime().halt(1);
    }
  }
}

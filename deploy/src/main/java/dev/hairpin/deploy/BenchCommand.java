package dev.hairpin.deploy;

import dev.hairpin.bench.Bench;
import dev.hairpin.bench.BenchException;
import dev.hairpin.bench.Load;
import dev.hairpin.bench.Load.Direction;
import dev.hairpin.bench.Payload;
import dev.hairpin.bench.Target;
import dev.hairpin.bench.report.HtmlReport;
import dev.hairpin.bench.result.Progress;
import dev.hairpin.bench.result.Results;
import dev.hairpin.bench.result.ResultsJson;
import dev.hairpin.bench.result.Table;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.FileProblem;
import dev.hairpin.deploy.config.Format;
import dev.hairpin.deploy.config.Origin;
import dev.hairpin.turnserver.net.IpAddress;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `hairpin bench`.
@Command(
    name = "bench",
    description = {
      "Puts a load on a TURN server, any there is, and measures what comes through: loss, latency,"
          + " and the server's CPU and memory where it runs on this machine. With --versus, two"
          + " servers in turns.",
      "",
      "Exit code 0 if it ran, 1 if it could not.",
      ""
    })
final class BenchCommand implements Callable<Integer> {
  private static final Duration MAX_DURATION = Duration.ofDays(7);
  private static final Duration SPARE = Duration.ofHours(2);

  /// Hairpin refuses what ends later than in two days by default, and lets allocations outlive it.
  private static final Duration MAX_TTL = Duration.ofHours(47);

  private enum Mix {
    AUDIO,
    VIDEO
  }

  private final PrintWriter out;
  private final PrintWriter err;

  @Mixin private final BenchServers servers = new BenchServers();

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "10",
      description = "Clients, each with an allocation and a channel.")
  private int clients;

  @Option(
      names = "--rate",
      paramLabel = "PPS",
      description =
          "Packets a second, of all clients together; the default is what the mix asks for.")
  private @Nullable Integer rate;

  @Option(names = "--flood", description = "As many packets as go, in place of a rate.")
  private boolean flood;

  @Option(names = "--size", paramLabel = "BYTES", description = "Of a payload, 32 to 1400.")
  private @Nullable Integer size;

  @Option(
      names = "--burst",
      paramLabel = "N",
      description = "With --size: packets that a client sends back to back, 1 to 64.")
  private @Nullable Integer burst;

  @Option(
      names = "--mix",
      paramLabel = "KIND",
      description = "audio (the default) or video, instead of a size.")
  private @Nullable Mix mix;

  @Option(
      names = "--direction",
      paramLabel = "WAY",
      defaultValue = "up",
      description = "up, client to peer; down, peer to client; or echo, there and back.")
  private Direction direction = Direction.UP;

  @Option(
      names = "--duration",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description = "Of a round, like 30s or 10m.")
  private String duration = "";

  @Option(
      names = "--warm-up",
      paramLabel = "DURATION",
      defaultValue = "2s",
      description = "The same load before each round, not measured; 0s for none.")
  private String warmUp = "";

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Rounds; medians are told.")
  private int rounds;

  @Option(
      names = "--search",
      description = "Find the highest rate with at most 0.1 percent of loss first.")
  private boolean search;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads of the load generator.")
  private int threads;

  @Option(
      names = "--peer-address",
      paramLabel = "IP",
      description =
          "Where the peer listens, on this machine; the default is the address from which the"
              + " server is reached.")
  private @Nullable String peerAddress;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there.")
  private @Nullable Path json;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a report with plots there.")
  private @Nullable Path html;

  @Option(
      names = "--yes",
      description = "Allow heavy loads towards servers outside of private networks.")
  private boolean yes;

  BenchCommand(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws InterruptedException {
    var load = blaming(this::load);
    var rest = load.duration().plus(load.warmUp()).multipliedBy(2L * load.rounds());
    var ttl = rest.plus(SPARE);
    List<Target> targets =
        servers.targets(load.clients(), ttl.compareTo(MAX_TTL) < 0 ? ttl : MAX_TTL);
    var plan = blaming(() -> plan(targets, load));
    requireWritable("--json", json);
    requireWritable("--html", html);
    var objection = plan.objection();
    if (objection.isPresent() && !yes) {
      throw new ConfigException(objection.get());
    }
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    var bench = new Bench(plan, new Progress(out, terminal));
    Signals.on("INT", stopper(bench));
    Signals.on("TERM", stopper(bench));
    try {
      return tell(bench.run());
    } catch (BenchException e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  /// The second time ends it at once.
  private static Runnable stopper(Bench bench) {
    var wishes = new AtomicInteger();
    return () -> {
      bench.stop();
      if (wishes.incrementAndGet() > 1) {
        Runtime.getRuntime().halt(1);
      }
    };
  }

  private Load load() {
    if (flood && (rate != null || search)) {
      throw new ConfigException("--flood has no rate; leave out --rate and --search, or --flood");
    }
    if (mix != null && (size != null || burst != null)) {
      throw new ConfigException("--mix has its own sizes; leave out --size and --burst, or --mix");
    }
    var kind = mix == Mix.VIDEO ? Payload.VIDEO : Payload.AUDIO;
    var payload =
        size == null && burst == null
            ? kind
            : Payload.of(size == null ? kind.bytes() : size, burst == null ? 1 : burst);
    int standard = clients * payload.perClient();
    return new Load(
        clients,
        direction,
        payload,
        flood ? OptionalInt.empty() : OptionalInt.of(rate == null ? standard : rate),
        duration(Duration.ZERO, "--warm-up", warmUp),
        duration(Duration.ofSeconds(1), "--duration", duration),
        rounds);
  }

  /// A run may take days; what it comes to should not be lost over a slip.
  private static void requireWritable(String flag, @Nullable Path file) {
    if (file != null) {
      var folder = file.toAbsolutePath().getParent();
      boolean there = Files.exists(file);
      if (Files.isDirectory(file) || folder == null || !Files.isWritable(there ? file : folder)) {
        throw new ConfigException(
            flag + ": cannot write " + file + "; name a file in a folder that can be written to");
      }
    }
  }

  private static Duration duration(Duration min, String flag, String text) {
    return Format.duration(min, MAX_DURATION).read(text, new Origin.Flag(flag), "");
  }

  private Bench.Plan plan(List<Target> targets, Load load) {
    var peer = peerAddress == null ? null : IpAddress.parse(peerAddress);
    return new Bench.Plan(targets, load, search, threads, peer, Version.text());
  }

  private static <T> T blaming(Supplier<T> task) {
    try {
      return task.get();
    } catch (IllegalArgumentException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
  }

  private int tell(Results results) {
    out.println();
    out.print(Table.of(results));
    out.flush();
    var written = new ArrayList<Path>();
    try {
      String text = ResultsJson.write(results);
      if (json != null) {
        written.add(json);
        Files.writeString(json, text);
      }
      if (html != null) {
        written.add(html);
        Files.writeString(html, HtmlReport.render(text));
      }
    } catch (IOException e) {
      err.println("cannot write " + written.getLast() + ": " + FileProblem.of(e));
      return 1;
    }
    return 0;
  }
}

package dev.hairpin.deploy;

import dev.hairpin.credentialapi.auth.ApiKey;
import dev.hairpin.credentialapi.auth.KeyConflict;
import dev.hairpin.credentialapi.auth.KeyRing;
import dev.hairpin.credentialapi.auth.KeyWish;
import dev.hairpin.credentialapi.auth.Scope;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.FileProblem;
import dev.hairpin.deploy.config.Format;
import dev.hairpin.deploy.config.Origin;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `hairpin key`, with a command for each thing that can be done to the key ring.
@Command(
    name = "key",
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Makes, shows and revokes keys of the API; needs no running server.",
      "",
      "A running server knows of changes within a second. The key ring holds hashes alone.",
      ""
    })
final class KeyCommand {
  private KeyCommand() {}

  static CommandLine commandLine(PrintWriter out) {
    return new CommandLine(new KeyCommand())
        .addSubcommand(new Create(out))
        .addSubcommand(new Show(out))
        .addSubcommand(new Revoke(out))
        .addSubcommand(new Rotate(out));
  }

  /// What all of them share.
  private abstract static class OnRing implements Callable<Integer> {
    final PrintWriter out;

    @Mixin private final FileOptions files = new FileOptions();

    @Option(
        names = "--key-ring",
        paramLabel = "FILE",
        description = "The file of hashes; the default is api.key-ring.")
    private @Nullable String keyRing;

    OnRing(PrintWriter out) {
      this.out = out;
    }

    @Override
    public Integer call() {
      var given =
          FileOptions.override(
              files.configuration(), HairpinKeys.API_KEY_RING, "--key-ring", keyRing);
      var configuration = FileOptions.fill(given);
      var path = configuration.one(HairpinKeys.API_KEY_RING);
      var ring =
          configuration.blaming(
              HairpinKeys.API_KEY_RING,
              "restore the line, or remove it and make its key anew",
              () -> KeyRing.open(path, InstantSource.system()));
      try {
        run(ring);
      } catch (KeyConflict e) {
        throw new StartException(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        throw new StartException("cannot write " + path + ": " + FileProblem.of(e));
      }
      out.flush();
      return 0;
    }

    abstract void run(KeyRing ring) throws IOException;

    final void tell(KeyRing.NewKey made) {
      out.print(
          """
          id   %s
          key  %s
          """
              .formatted(made.key().id(), made.secret()));
    }
  }

  @Command(
      name = "create",
      description = {"Makes a key and prints it: it is shown this once, and kept nowhere.", ""})
  private static final class Create extends OnRing {
    @Option(
        names = "--name",
        required = true,
        paramLabel = "NAME",
        description = "For people; no two live keys share one.")
    private String name = "";

    @Option(
        names = "--scopes",
        paramLabel = "SCOPE",
        split = ",",
        defaultValue = "issue",
        description = "What it may do: issue, read, manage; issue by default.")
    private List<String> scopes = List.of();

    @Option(
        names = "--expires",
        paramLabel = "DURATION",
        description = "When it ends, from now, like 12h or 90d; never by default.")
    private @Nullable String expires;

    @Option(
        names = "--origin",
        paramLabel = "URL",
        description = "Makes it a key for web pages of this origin; may be repeated.")
    private List<String> origins = List.of();

    @Option(names = "--tenant", paramLabel = "NAME", description = "Whose it is.")
    private @Nullable String tenant;

    @Option(
        names = "--limits",
        paramLabel = "LIMITS",
        defaultValue = "",
        description =
            "Of every credential that it gets, like 'allocations=2'; see docs/credentials.md.")
    private String limits = "";

    Create(PrintWriter out) {
      super(out);
    }

    @Override
    void run(KeyRing ring) throws IOException {
      tell(ring.create(wish()));
    }

    private KeyWish wish() {
      var end = expires == null ? null : Instant.now().plus(lifetime(expires));
      try {
        return new KeyWish(name, KeyWish.scopes(scopes), tenant, origins, limits, end);
      } catch (IllegalArgumentException e) {
        throw new ConfigException("hairpin key create: " + e.getMessage());
      }
    }

    private static Duration lifetime(String text) {
      return Format.duration(Duration.ofMinutes(1), Duration.ofDays(3650))
          .read(text, new Origin.Flag("--expires"), "");
    }
  }

  @Command(
      name = "list",
      description = {"Shows the keys, without their secrets.", ""})
  private static final class Show extends OnRing {
    Show(PrintWriter out) {
      super(out);
    }

    @Override
    void run(KeyRing ring) {
      var rows = new ArrayList<List<String>>();
      rows.add(List.of("ID", "NAME", "SCOPES", "TENANT", "CREATED", "EXPIRES", "ORIGINS"));
      ring.keys().forEach(key -> rows.add(row(key)));
      var widths = new int[rows.getFirst().size()];
      for (var row : rows) {
        for (int i = 0; i < widths.length; i++) {
          widths[i] = Math.max(widths[i], columns(row.get(i)));
        }
      }
      rows.forEach(row -> out.println(line(row, widths)));
    }

    private static List<String> row(ApiKey key) {
      var end = key.wish().expires();
      String expires =
          end == null ? "never" : key.isLive(Instant.now()) ? end + "" : end + " (over)";
      return List.of(
          key.id(),
          key.name(),
          key.scopes().stream().sorted().map(Scope::text).collect(Collectors.joining(",")),
          key.tenant() == null ? "-" : key.tenant(),
          key.created().toString(),
          expires,
          key.isForPages() ? String.join(",", key.origins()) : "-");
    }

    private static int columns(String cell) {
      return cell.codePointCount(0, cell.length());
    }

    private static String line(List<String> row, int[] widths) {
      var line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - columns(row.get(i)) + 2));
      }
      return line.toString().stripTrailing();
    }
  }

  @Command(
      name = "revoke",
      description = {"Takes a key out of force.", ""})
  private static final class Revoke extends OnRing {
    @Parameters(paramLabel = "ID", description = "Of the key, as list shows it.")
    private String id = "";

    Revoke(PrintWriter out) {
      super(out);
    }

    @Override
    void run(KeyRing ring) throws IOException {
      if (!ring.revoke(id)) {
        throw none(id);
      }
      out.println("revoked " + id);
    }
  }

  @Command(
      name = "rotate",
      description = {"Gives a key a new secret and prints it, this once.", ""})
  private static final class Rotate extends OnRing {
    @Parameters(paramLabel = "ID", description = "Of the key, as list shows it.")
    private String id = "";

    @Option(
        names = "--overlap",
        paramLabel = "DURATION",
        defaultValue = "24h",
        description = "For how long the former secret stays good: 24h by default, 0s for none.")
    private String overlap = "24h";

    Rotate(PrintWriter out) {
      super(out);
    }

    @Override
    void run(KeyRing ring) throws IOException {
      var time =
          Format.duration(Duration.ZERO, Duration.ofDays(30))
              .read(overlap, new Origin.Flag("--overlap"), "");
      tell(ring.rotate(id, time).orElseThrow(() -> none(id)));
    }
  }

  private static StartException none(String id) {
    return new StartException("there is no key " + id + "; hairpin key list shows them");
  }
}

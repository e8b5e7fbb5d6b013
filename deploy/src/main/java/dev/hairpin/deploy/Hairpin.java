package dev.hairpin.deploy;

import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.log.LogQueue;
import dev.hairpin.deploy.serve.StartException;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// The program. Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong.
@Command(
    name = "hairpin",
    description = "A STUN/TURN server with a REST credential API.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Start with: hairpin serve",
      "Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong."
    })
public final class Hairpin {
  private static final int FAILED = 1;
  private static final int MISCONFIGURED = 2;

  private Hairpin() {}

  public static void main(String[] args) {
    int exitCode = commandLine(writer(System.out), writer(System.err)).execute(args);
    LogQueue.flush();
    System.exit(exitCode);
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, stream.charset());
  }

  /// The program with its commands, writing to these.
  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    var root =
        new CommandLine(new Hairpin())
            .addSubcommand(new ServeCommand(out))
            .addSubcommand(new CredentialCommand(out))
            .addSubcommand(KeyCommand.commandLine(out))
            .addSubcommand(new CheckCommand(out, System.out.charset()))
            .addSubcommand(new BenchCommand(out, err))
            .addSubcommand(new ConfigCommand(out));
    addHelp(root);
    return root.setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Hairpin::explainUsage)
        .setExecutionExceptionHandler(Hairpin::explain);
  }

  private static void addHelp(CommandLine parent) {
    for (var command : parent.getSubcommands().values()) {
      command.getCommandSpec().mixinStandardHelpOptions(true);
      command.getCommandSpec().versionProvider(new Version());
      addHelp(command);
    }
  }

  private static int explainUsage(ParameterException e, String[] args) {
    var command = e.getCommandLine();
    command.getErr().println(e.getMessage());
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("Try: " + name + " --help");
    return MISCONFIGURED;
  }

  /// A message for the operator; no stack trace, which is the developers' matter.
  private static int explain(Exception e, CommandLine command, ParseResult parsed) {
    switch (e) {
      case ConfigException known -> {
        command.getErr().println(known.getMessage());
        return MISCONFIGURED;
      }
      case StartException known -> command.getErr().println(known.getMessage());
      default -> {
        command.getErr().println("hairpin failed unexpectedly: " + e);
        command.getErr().println("Please report this, with what HAIRPIN_DEBUG=1 adds to it.");
        if (System.getenv("HAIRPIN_DEBUG") != null) {
          e.printStackTrace(command.getErr());
        }
      }
    }
    return FAILED;
  }
}

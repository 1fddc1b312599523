package io.vpc4j.cli;

import io.vpc4j.ConfigurationException;
import io.vpc4j.VpcException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Where the {@code vpc4j} command begins. */
public final class Main {

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs one command; its exit code. */
  static int run(String... arguments) {
    return commandLine().execute(arguments);
  }

  static CommandLine commandLine() {
    return new CommandLine(new VpcCommand())
        .setExecutionExceptionHandler((e, command, parsed) -> explain(e, command.getErr()))
        .setParameterExceptionHandler(Main::misused)
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpLongOptionsMaxWidth(28)
        .setUsageHelpWidth(100);
  }

  /** Says what went wrong, in a sentence and never as a stack trace unless it is our fault. */
  private static int explain(Exception e, PrintWriter err) {
    if (e instanceof ConfigurationException configuration) {
      configuration.problems().forEach(err::println);
      return ExitCode.USAGE;
    }
    if (e instanceof VpcException failed) {
      err.println("vpc4j: " + failed.getMessage());
      return ExitCode.of(failed);
    }
    if (e instanceof Failure failure) {
      err.println("vpc4j: " + failure.getMessage());
      return failure.exitCode();
    }
    if (e instanceof IllegalArgumentException) {
      err.println("vpc4j: " + e.getMessage());
      return ExitCode.BAD_URL;
    }
    err.println("vpc4j: a fault of this program; please report it:");
    e.printStackTrace(err);
    return ExitCode.INTERNAL;
  }

  private static int misused(ParameterException e, String[] arguments) {
    var command = e.getCommandLine();
    command.getErr().println("vpc4j: " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }
}

package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.ConfigurationException;
import io.vpc4j.VpcException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Where the {@code vpc4j} command begins. */
public final class Main {

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(run(Streams.standard(), arguments));
  }

  /** Runs one command; its exit code. */
  static int run(Streams streams, String... arguments) {
    var line = commandLine(streams);
    var code = line.execute(arguments);
    // A writer keeps its errors to itself until asked: a full disk must not look like success.
    return line.getOut().checkError() && code == ExitCode.OK ? ExitCode.WRITE_ERROR : code;
  }

  static CommandLine commandLine(Streams streams) {
    return new CommandLine(new VpcCommand(streams))
        .setExecutionExceptionHandler((e, command, parsed) -> explain(e, command.getErr()))
        .setParameterExceptionHandler(Main::misused)
        .setAbbreviatedOptionsAllowed(false)
        .setExpandAtFiles(false) // "@FILE" is the value of -d, as in curl
        .setUsageHelpLongOptionsMaxWidth(28)
        .setUsageHelpWidth(100)
        .setOut(text(streams.out()))
        .setErr(text(streams.err()));
  }

  /** UTF-8 wherever it runs: what goes to another program must not depend on the locale. */
  private static PrintWriter text(OutputStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, UTF_8), true);
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

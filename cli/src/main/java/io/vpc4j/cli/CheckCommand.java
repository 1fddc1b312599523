package io.vpc4j.cli;

import io.vpc4j.Problem;
import io.vpc4j.Problem.Origin;
import io.vpc4j.Problem.Severity;
import io.vpc4j.core.runtime.Configuration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is wrong with a configuration. */
@Command(
    name = "check",
    description = {
      "Say everything that is wrong with a configuration and its directory, with file, line and",
      "column. Opens nothing.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j check",
      "  vpc4j check -e production wrangler.toml",
      "  vpc4j check --json one.jsonc other.jsonc     wrangler's verdict, a line of JSON each",
      "",
      "Exit codes: 0 no error; 1 errors; 2 usage."
    })
final class CheckCommand implements Callable<Integer> {

  private static final Problem NO_FILE =
      new Problem(
          Severity.ERROR,
          Origin.VPC4J,
          "",
          0,
          0,
          "",
          "no wrangler.json, wrangler.jsonc or wrangler.toml here or in a folder above");

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "wrangler.json, .jsonc or .toml. Default: found as wrangler finds it.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The same as FILE.")
  private @Nullable Path config;

  @Option(
      names = "--directory",
      paramLabel = "FILE",
      description = "The connectivity directory. Default: directory.jsonc or .toml beside it.")
  private @Nullable Path directory;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME",
      description = "The named environment. Default: $CLOUDFLARE_ENV.")
  private @Nullable String environment;

  @Option(
      names = "--json",
      description = "What wrangler would say, a line of JSON for each FILE; nothing of our own.")
  private boolean json;

  @SuppressWarnings("NullAway.Init")
  CheckCommand() {}

  @Override
  public Integer call() throws Exception {
    if (config != null) {
      files.add(config);
    }
    return json ? lines() : problems();
  }

  private int lines() throws Failure {
    if (files.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "--json wants at least one FILE.");
    }
    var out = spec.commandLine().getOut();
    var ok = true;
    for (var file : files) {
      var checked = Configuration.checkLine(file, Optional.ofNullable(environment));
      out.println(checked.json());
      ok &= checked.ok();
    }
    out.flush();
    return ok ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }

  private int problems() throws Exception {
    var wanted = new ArrayList<Optional<Path>>();
    files.forEach(file -> wanted.add(Optional.of(file)));
    if (wanted.isEmpty()) {
      wanted.add(Optional.empty());
    }
    var problems = new ArrayList<Problem>();
    var read = new ArrayList<String>();
    for (var file : wanted) {
      var sources = Configuration.sources(file, Optional.ofNullable(directory));
      sources.config().ifPresent(path -> read.add(path.toString()));
      sources.directory().ifPresent(path -> read.add(path.toString()));
      problems.addAll(
          Configuration.check(
              file, Optional.ofNullable(directory), Optional.ofNullable(environment)));
      if (sources.config().isEmpty()) {
        problems.add(NO_FILE);
      }
    }
    return say(problems, read);
  }

  private int say(List<Problem> problems, List<String> read) {
    var out = spec.commandLine().getOut();
    problems.stream().distinct().forEach(out::println); // a directory may belong to two files
    var errors = counted(problems, Severity.ERROR);
    out.println(
        problems.isEmpty()
            ? "no problem found in " + String.join(", ", new LinkedHashSet<>(read))
            : plural(errors, "error")
                + ", "
                + plural(counted(problems, Severity.WARNING), "warning"));
    out.flush();
    return errors == 0 ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }

  private static long counted(List<Problem> problems, Severity severity) {
    return problems.stream().distinct().filter(each -> each.severity() == severity).count();
  }

  private static String plural(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}

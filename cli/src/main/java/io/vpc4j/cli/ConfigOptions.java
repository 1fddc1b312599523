package io.vpc4j.cli;

import io.vpc4j.Fetcher;
import io.vpc4j.Limits;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which configuration and which binding: the same for every command that uses one. */
final class ConfigOptions {

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "wrangler.json, .jsonc or .toml. Default: found as wrangler finds it.")
  @Nullable Path config;

  @Option(
      names = "--directory",
      paramLabel = "FILE",
      description = "The connectivity directory. Default: directory.jsonc or .toml beside it.")
  @Nullable Path directory;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME",
      description = "The named environment. Default: $CLOUDFLARE_ENV.")
  @Nullable String environment;

  @Option(
      names = {"-b", "--binding"},
      paramLabel = "NAME",
      description = "The binding to use. May be left out if there is only one.")
  @Nullable String binding;

  @Option(
      names = "--simulated",
      description = "Use the simulated network, whatever \"remote\" says.")
  boolean simulated;

  @Option(names = "--real", description = "Use the real network, whatever \"remote\" says.")
  boolean real;

  /** A connector that has found no edge tries again after up to 32 s. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(40);

  @SuppressWarnings("NullAway.Init")
  ConfigOptions() {}

  /** For a command that asks something and ends: what it has read is what it goes by. */
  Vpc open() throws VpcException, Failure {
    return builder().watch(false).open();
  }

  /** For a command that runs until it is told to end: it follows the directory. */
  Vpc openForLong() throws VpcException, Failure {
    return builder().watch(true).open();
  }

  private Vpc.Builder builder() throws Failure {
    if (real && simulated) {
      throw new Failure(ExitCode.USAGE, "--real and --simulated exclude each other.");
    }
    var builder = Vpc.builder().limits(patience());
    if (config != null) {
      builder.config(config);
    }
    if (directory != null) {
      builder.directory(directory);
    }
    if (environment != null) {
      builder.environment(environment);
    }
    if (simulated) {
      builder.mode(Vpc.Mode.SIMULATED);
    } else if (real) {
      builder.mode(Vpc.Mode.REAL);
    }
    return builder;
  }

  /**
   * A command is gone when it fails, and with it the edge it has opened: it waits longer than an
   * application would.
   */
  private static Limits patience() {
    return Limits.defaults().toBuilder()
        .connectTimeout(CONNECT_TIMEOUT)
        .resolveTimeout(CONNECT_TIMEOUT)
        .build();
  }

  /** The binding named, or the only one. */
  Fetcher binding(Vpc vpc) throws Failure {
    var wanted = binding;
    var names = List.copyOf(vpc.bindings());
    if (wanted != null) {
      if (!names.contains(wanted)) {
        throw new Failure(
            ExitCode.USAGE, "No binding is called \"" + wanted + "\". There are: " + list(names));
      }
      return vpc.binding(wanted);
    }
    if (names.size() != 1) {
      throw new Failure(
          ExitCode.USAGE,
          names.isEmpty()
              ? "The configuration has no vpc_networks and no vpc_services binding."
              : "Which binding? Say -b NAME. There are: " + list(names));
    }
    return vpc.binding(names.get(0));
  }

  private static String list(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}

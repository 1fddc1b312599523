package io.vpc4j.cli;

import io.vpc4j.tunnel.Connector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a connector until the process is told to end. */
@Command(
    name = "run",
    description = {
      "Run a connector until the process is told to end. With a token or with credentials.",
      ""
    },
    modelTransformer = ConnectorFlags.OnCommand.class,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  TUNNEL_TOKEN=\"$(cat token)\" vpc4j connector run --edge 127.0.0.1:7844 --cacert"
          + " edge-ca.pem",
      "  vpc4j connector run --edge edge.example:7844 --credentials-file cred.json TUNNEL-ID",
      "  curl http://127.0.0.1:20241/ready                how it stands",
      "",
      "Exit codes: 2 usage or configuration; 7 the edge refused the registration for good; 23 the",
      "pid file cannot be written; 130 and 143 ended by Ctrl-C and SIGTERM."
    })
final class ConnectorRunCommand implements Callable<Integer> {

  /** After the grace period, for what still has to be closed. */
  private static final long LAST_SECONDS = 5;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "TUNNEL-ID",
      arity = "0..1",
      description = "The tunnel's UUID, for credentials that do not name it.")
  private @Nullable UUID tunnelId;

  @SuppressWarnings("NullAway.Init")
  ConnectorRunCommand() {}

  @Override
  public Integer call() throws Exception {
    var flags = new ConnectorFlags(spec, System.getenv());
    var settings = new ConnectorSettings(flags, tunnelId);
    var log = new EventLines(spec.commandLine().getErr(), settings.logLevel());
    try (var connector = start(settings, log)) {
      var graceSeconds = settings.gracePeriod().toSeconds() + LAST_SECONDS;
      var hook = new Thread(() -> leave(connector, graceSeconds), "vpc4j-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        settings.pidFile().ifPresent(file -> writeLater(connector, file, log));
        connector.ended().get();
      } catch (ExecutionException e) {
        var cause = e.getCause() == null ? e : e.getCause();
        throw new Failure(ExitCode.COULD_NOT_CONNECT, cause.getMessage() + ".");
      } finally {
        unhook(hook);
      }
    }
    return ExitCode.OK;
  }

  private static Connector start(ConnectorSettings settings, EventLines log)
      throws Failure, IOException {
    try {
      var connector = settings.builder(log).start();
      log.info("Connector ID " + connector.connectorId());
      connector
          .metricsAddress()
          .ifPresent(
              address ->
                  log.info(
                      "Metrics on http://"
                          + address.getAddress().getHostAddress()
                          + ":"
                          + address.getPort()
                          + "/metrics"));
      return connector;
    } catch (IOException e) {
      throw new Failure(ExitCode.USAGE, "The connector cannot start: " + e.getMessage() + ".");
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, e.getMessage() + ".");
    }
  }

  /** What the process does when it is told to end: the virtual machine waits for this. */
  private static void leave(Connector connector, long seconds) {
    connector.shutdown();
    try {
      connector.ended().get(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the machine goes anyway
    } catch (ExecutionException | TimeoutException e) {
      connector.close();
    }
  }

  private static void unhook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending: the hook runs, or has run
    }
  }

  private static void writeLater(Connector connector, Path file, EventLines log) {
    connector
        .registered()
        .thenRun(
            () -> {
              try {
                Files.writeString(file, ProcessHandle.current().pid() + "\n");
              } catch (IOException e) {
                log.warn("The pid file " + file + " cannot be written: " + e);
              }
            });
  }
}

package io.vpc4j.cli;

import io.vpc4j.core.config.directory.FileDirectory;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.tunnel.GoDurations;
import io.vpc4j.tunnel.TunnelEdge;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The edge as a process. */
@Command(
    name = "edge",
    description = {
      "Run the edge that connectors dial, until the process is told to end. What it is to do"
          + " stands",
      "in the directory's \"edge\" and \"tunnels\" sections; a change of these takes effect at"
          + " once.",
      "",
      "An application with a binding to a tunnel runs an edge of its own and needs no other. This",
      "one is for looking at connectors, and for keeping them connected.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j edge",
      "  vpc4j edge --directory /etc/vpc4j/directory.jsonc --ops 127.0.0.1:9090",
      "",
      "Exit codes: 2 usage, configuration, or a port that is taken; 23 cannot write;",
      "130 and 143 ended by Ctrl-C and SIGTERM, in order."
    })
final class EdgeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @ParentCommand private VpcCommand parent;
  @Mixin private DirectoryOption directory;
  @Mixin private OpsOption ops;

  @Option(
      names = "--grace-period",
      paramLabel = "TIME",
      description =
          "For streams that are open when it is told to end, such as 30s or 1m30s, up to 3m."
              + " Default: 30s.")
  private String gracePeriod = "30s";

  @SuppressWarnings("NullAway.Init")
  EdgeCommand() {}

  @Override
  public Integer call() throws Exception {
    Logging.events();
    var grace = grace();
    var file = directory.file();
    var stop = parent.streams().stop();
    try (var watched = FileDirectory.open(file, FileDirectory.Options.defaults());
        var loops = EventLoops.open()) {
      var settings =
          watched
              .snapshot()
              .edge()
              .orElseThrow(
                  () ->
                      new Failure(
                          ExitCode.USAGE,
                          file + " has no \"edge\" section; 'vpc4j tunnel create NAME' adds one."));
      var edge = start(watched, loops, grace);
      try (var served =
          ops.serve(new EdgeReport(edge::status, watched), settings.stateFolder(), loops)) {
        say(edge, watched, served);
        stop.await();
        spec.commandLine().getErr().println("vpc4j: ending");
        edge.close(); // while it is still told how it stands
      } finally {
        edge.close();
      }
    } finally {
      stop.ended();
    }
    return ExitCode.OK;
  }

  private Duration grace() throws Failure {
    return GoDurations.parse(gracePeriod)
        .filter(grace -> grace.compareTo(TunnelEdge.MAX_GRACE_PERIOD) <= 0)
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.USAGE,
                    "--grace-period must be a time such as 30s, up to 3m, not \""
                        + gracePeriod
                        + "\"."));
  }

  private static TunnelEdge start(FileDirectory directory, EventLoops loops, Duration grace)
      throws Failure {
    try {
      return TunnelEdge.builder(directory).eventLoops(loops).gracePeriod(grace).start();
    } catch (IOException e) {
      throw new Failure(ExitCode.USAGE, "The edge cannot start: " + e.getMessage() + ".");
    }
  }

  private void say(TunnelEdge edge, FileDirectory directory, OpsOption.Served served) {
    var out = spec.commandLine().getOut();
    edge.addresses().stream()
        .map(address -> address.getAddress().getHostAddress() + ":" + address.getPort())
        .distinct()
        .forEach(address -> out.println("listening   " + address));
    edge.caPath().ifPresent(path -> out.println("authority   " + path.toAbsolutePath()));
    out.println("status      " + served.server().uri() + "/status");
    var tunnels = directory.snapshot().tunnels().values();
    tunnels.stream()
        .sorted(Comparator.comparing(TunnelRecord::name))
        .forEach(
            tunnel ->
                out.println(
                    "tunnel      "
                        + Table.shown(tunnel.name())
                        + " "
                        + tunnel.tunnelId()
                        + (tunnel.tunnelSecret().isPresent()
                            ? ""
                            : " (no secret: no connector may register)")));
    out.flush();
  }
}

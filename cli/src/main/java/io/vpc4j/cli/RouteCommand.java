package io.vpc4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Routes: which tunnel carries what. */
@Command(
    name = "route",
    description = {
      "Say which tunnel carries which prefixes and names of the mesh: what a binding with",
      "network_id \"cf1:network\" goes by. A binding with a tunnel_id needs no route.",
      ""
    },
    subcommands = {RouteAddCommand.class, RouteListCommand.class, RouteDeleteCommand.class},
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j route add 10.0.0.0/16 office",
      "  vpc4j route list",
      "",
      "Exit codes: 0 done; 1 refused; 2 usage or configuration; 23 cannot write; 26 cannot read."
    })
final class RouteCommand implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init")
  RouteCommand() {}

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}

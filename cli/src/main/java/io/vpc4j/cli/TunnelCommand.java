package io.vpc4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tunnels: made, listed, shown, taken away. */
@Command(
    name = "tunnel",
    description = {
      "Make, list and delete tunnels. A tunnel is an entry of the directory and a secret; a",
      "connector that shows the secret makes everything it can reach reachable.",
      ""
    },
    subcommands = {
      TunnelCreateCommand.class,
      TunnelListCommand.class,
      TunnelInfoCommand.class,
      TunnelTokenCommand.class,
      TunnelDeleteCommand.class
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j tunnel create office --binding MY_VPC",
      "  vpc4j tunnel list",
      "",
      "Exit codes: 0 done; 1 refused; 2 usage or configuration; 23 cannot write; 26 cannot read."
    })
final class TunnelCommand implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init")
  TunnelCommand() {}

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}

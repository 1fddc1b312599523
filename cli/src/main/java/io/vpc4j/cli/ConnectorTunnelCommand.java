package io.vpc4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The word that stands before {@code run} on a line of {@code cloudflared}. */
@Command(
    name = "tunnel",
    hidden = true, // cloudflared's own spelling; the help of "connector" says that it may stay
    description = {"As 'vpc4j connector': for a line that begins 'cloudflared tunnel'.", ""},
    subcommands = ConnectorRunCommand.class,
    modelTransformer = ConnectorFlags.OnCommand.class,
    mixinStandardHelpOptions = true)
final class ConnectorTunnelCommand implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init")
  ConnectorTunnelCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say 'vpc4j connector tunnel run' to run a connector");
  }
}

package io.vpc4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The connector as a process. */
@Command(
    name = "connector",
    description = {
      "Dial an edge, and make reachable through it what this machine can reach. Takes the command",
      "line of cloudflared: change its first words to 'vpc4j connector'.",
      ""
    },
    subcommands = {ConnectorRunCommand.class, ConnectorTunnelCommand.class},
    modelTransformer = ConnectorFlags.OnCommand.class,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j connector run --edge 127.0.0.1:7844 --cacert edge-ca.pem --token-file token",
      "  vpc4j connector --edge edge.example:7844 run --credentials-file cred.json TUNNEL-ID",
      "  vpc4j connector tunnel --config config.yml run",
      "",
      "A flag may stand before or after 'run'. It comes before its environment variable, and that",
      "before config.yml.",
      "Exit codes: 2 usage or configuration; 7 the edge refused the registration for good; 23 the",
      "pid file cannot be written; 130 and 143 ended by Ctrl-C and SIGTERM."
    })
final class ConnectorCommand implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init")
  ConnectorCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say 'vpc4j connector run' to run a connector");
  }
}

package io.vpc4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The mesh: who takes part. */
@Command(
    name = "mesh",
    description = {
      "Make a mesh of WireGuard peers: this process, and nodes and devices that run WireGuard as"
          + " it",
      "is, a Linux kernel, a router, a phone. No root, no TUN device on this side.",
      ""
    },
    subcommands = {
      MeshInitCommand.class,
      MeshAddCommand.class,
      MeshConfigCommand.class,
      MeshImportCommand.class,
      MeshListCommand.class,
      MeshPingCommand.class,
      MeshJoinCommand.class,
      MeshRemoveCommand.class
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh init",
      "  vpc4j mesh add db-1 --route 10.0.5.0/24 > vpc4j.conf",
      "  vpc4j mesh import wg0.conf",
      "  vpc4j mesh ping db-1",
      "  vpc4j mesh join vpc4j.conf --route 10.0.5.0/24      on a machine without root",
      "",
      "Exit codes: 0 done; 1 refused; 2 usage or configuration; 23 cannot write; 26 cannot read."
    })
final class MeshCommand implements Runnable {

  @Spec private CommandSpec spec;
  @ParentCommand private VpcCommand parent;

  @SuppressWarnings("NullAway.Init")
  MeshCommand() {}

  Streams streams() {
    return parent.streams();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}

package io.vpc4j.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The file for a participant's end, once more. */
@Command(
    name = "config",
    description = {
      "Print the wg-quick file for a participant's end, as the directory has it now. It holds the",
      "participant's private key, unless that was made elsewhere.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh config db-1 --our-endpoint vpn.example.com:51820 > vpc4j.conf",
      "  vpc4j mesh config phone --qr",
      "",
      "Exit codes: 0 done; 1 refused; 2 usage or configuration; 26 cannot read."
    })
final class MeshConfigCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @ParentCommand private MeshCommand parent;
  @Mixin private DirectoryOption directory;
  @Mixin private FarSideOptions farSide;

  @Parameters(paramLabel = "NAME", description = "The participant's name or id.")
  private String name;

  @SuppressWarnings("NullAway.Init")
  MeshConfigCommand() {}

  @Override
  public Integer call() throws Exception {
    farSide.print(directory, name, spec, parent.streams());
    return ExitCode.OK;
  }
}

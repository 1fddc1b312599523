package io.vpc4j.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a route away. */
@Command(
    name = "delete",
    description = {
      "Delete the route for a prefix or a name. What a mesh node announces is the node's: 'vpc4j",
      "mesh remove' takes that away.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j route delete 10.0.0.0/16",
      "  vpc4j route delete 10.0.0.0/8 --vnet staging",
      "",
      "Exit codes: 0 done; 1 no such route; 2 usage or configuration; 23 cannot write; 26 cannot"
          + " read."
    })
final class RouteDeleteCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(paramLabel = "CIDR|HOST", description = "As 'vpc4j route list' shows it.")
  private String target;

  @Option(
      names = "--vnet",
      paramLabel = "NETWORK",
      description = "The virtual network the prefix holds in, by name or id. Default: default.")
  private @Nullable String virtualNetwork;

  @SuppressWarnings("NullAway.Init")
  RouteDeleteCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var wanted = RouteTarget.of(target, virtualNetwork, editor.snapshot());
    if (editor.removeIf(wanted.section(), wanted.matches()) == 0) {
      throw new Failure(
          ExitCode.REFUSED, "There is no route for " + wanted + " in " + editor.file() + ".");
    }
    DirectoryOption.write(editor, spec.commandLine().getErr());
    spec.commandLine().getOut().println("deleted the route for " + wanted);
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }
}

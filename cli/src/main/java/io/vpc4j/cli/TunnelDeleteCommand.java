package io.vpc4j.cli;

import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.directory.TunnelRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a tunnel away. */
@Command(
    name = "delete",
    description = {
      "Delete a tunnel from the directory, and its secret, credentials and token from the state",
      "folder. Its connectors are sent away by an edge that runs.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j tunnel delete office",
      "  vpc4j tunnel delete --force office     its routes too",
      "",
      "Exit codes: 0 done; 1 no such tunnel, or still in use; 2 usage or configuration;",
      "23 cannot write; 26 cannot read."
    })
final class TunnelDeleteCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(paramLabel = "TUNNEL", description = "Its name or its id.")
  private String tunnel;

  @Option(names = "--force", description = "Delete the routes that lead to it as well.")
  private boolean force;

  @SuppressWarnings("NullAway.Init")
  TunnelDeleteCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var found = Tunnels.find(editor.snapshot(), tunnel);
    refuseIfUsed(editor, found);
    var ours = Tunnels.has("tunnel_id", found.tunnelId());
    var routes = editor.removeIf("routes", ours) + editor.removeIf("hostname_routes", ours);
    editor.removeIf("tunnels", ours);
    var files = Tunnels.Files.of(DirectoryOption.stateFolder(editor), found.tunnelId());
    DirectoryOption.write(editor, spec.commandLine().getErr());
    var out = spec.commandLine().getOut();
    out.println(
        "deleted \""
            + Table.shown(found.name())
            + "\""
            + (routes == 0 ? "" : " and " + routes + (routes == 1 ? " route" : " routes")));
    for (var file : files.all()) {
      try {
        if (Files.deleteIfExists(file)) {
          out.println("deleted " + file);
        }
      } catch (IOException e) {
        throw new Failure(ExitCode.WRITE_ERROR, "Cannot delete " + file + ": " + e + ".");
      }
    }
    out.flush();
    return ExitCode.OK;
  }

  private void refuseIfUsed(DirectoryEditor editor, TunnelRecord found) throws Failure {
    var services = Tunnels.services(editor.snapshot(), found);
    if (!services.isEmpty()) {
      throw new Failure(
          ExitCode.REFUSED,
          "Services are reached through it: "
              + String.join(", ", services)
              + ". Change them first.");
    }
    var routes = Tunnels.routes(editor.snapshot(), found);
    if (!routes.isEmpty() && !force) {
      throw new Failure(
          ExitCode.REFUSED,
          "Routes lead to it: "
              + String.join(", ", routes)
              + ". Delete them first, or say --force to delete them with it.");
    }
  }
}

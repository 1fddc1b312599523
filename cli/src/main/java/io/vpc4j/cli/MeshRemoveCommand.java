package io.vpc4j.cli;

import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.spi.NextHop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a participant away. */
@Command(
    name = "remove",
    description = {
      "Take a node or a device from the mesh, with what it announces, and its keys from the state",
      "folder. A process that runs hangs up on it at once.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh remove phone",
      "  vpc4j mesh remove --force db-1     the routes that lead to it too",
      "",
      "Exit codes: 0 done; 1 no such participant, or still in use; 2 usage or configuration;",
      "23 cannot write; 26 cannot read."
    })
final class MeshRemoveCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(paramLabel = "NAME", description = "The participant's name or id.")
  private String name;

  @Option(names = "--force", description = "Delete the routes that lead to it as well.")
  private boolean force;

  @SuppressWarnings("NullAway.Init")
  MeshRemoveCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var state = new MeshState(editor);
    var node = state.find(name);
    refuseIfUsed(editor.snapshot(), node);
    var ours = Tunnels.has("node_id", node.nodeId());
    editor.removeIf("routes", ours);
    editor.removeIf("hostname_routes", ours);
    editor.removeIf("mesh.nodes", ours);
    editor.removeIf("mesh.devices", ours);
    DirectoryOption.write(editor, spec.commandLine().getErr());
    var out = spec.commandLine().getOut();
    out.println("removed \"" + Table.shown(node.name()) + "\"");
    for (var file : List.of(state.keyFile(node.nodeId()), state.presharedKeyFile(node.nodeId()))) {
      if (MeshState.delete(file)) {
        out.println("deleted " + file);
      }
    }
    out.flush();
    return ExitCode.OK;
  }

  private void refuseIfUsed(DirectorySnapshot snapshot, NodeRecord node) throws Failure {
    var hop = new NextHop.NodeHop(node.nodeId());
    var services =
        snapshot.services().values().stream()
            .filter(service -> service.hop().equals(hop))
            .map(service -> service.name())
            .sorted()
            .toList();
    if (!services.isEmpty()) {
      throw new Failure(
          ExitCode.REFUSED,
          "Services are reached through it: "
              + String.join(", ", services)
              + ". Change them first.");
    }
    var announced = node.routes().stream().map(NodeRecord.Announcement::network).toList();
    var routes = new ArrayList<String>();
    snapshot.routes().stream()
        .filter(route -> route.hop().equals(hop) && !announced.contains(route.network()))
        .forEach(route -> routes.add(route.network().toString()));
    snapshot.hostnameRoutes().stream()
        .filter(route -> route.hop().equals(hop))
        .forEach(route -> routes.add(route.hostname()));
    if (!routes.isEmpty() && !force) {
      throw new Failure(
          ExitCode.REFUSED,
          "Routes lead to it: "
              + String.join(", ", routes)
              + ". Delete them first, or say --force to delete them with it.");
    }
  }
}

package io.vpc4j.cli;

import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.spi.NextHop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
      "folder. A process that runs hangs up on it at once. With --network, a whole network: its",
      "participants, our key in it, and the network itself.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh remove phone",
      "  vpc4j mesh remove --force db-1     the routes that lead to it too",
      "  vpc4j mesh remove --network lab",
      "",
      "Exit codes: 0 done; 1 no such participant, or still in use; 2 usage or configuration;",
      "23 cannot write; 26 cannot read."
    })
final class MeshRemoveCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "The participant's name or id.")
  private @Nullable String name;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "A network that 'vpc4j mesh import' or 'init --network' has made.")
  private @Nullable String network;

  @Option(names = "--force", description = "Delete the routes that lead to it as well.")
  private boolean force;

  @SuppressWarnings("NullAway.Init")
  MeshRemoveCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var state = new MeshState(editor);
    if ((name == null) == (network == null)) {
      throw new Failure(ExitCode.USAGE, "Name a participant, or a network with --network.");
    }
    var leaving = network == null ? null : state.network(network);
    var nodes =
        leaving == null
            ? List.of(state.find(String.valueOf(name)))
            : state.participants(leaving.name());
    for (var node : nodes) {
      refuseIfUsed(editor.snapshot(), node);
      var ours = Tunnels.has("node_id", node.nodeId());
      editor.removeIf("routes", ours);
      editor.removeIf("hostname_routes", ours);
      editor.removeIf("mesh.nodes", ours);
      editor.removeIf("mesh.devices", ours);
    }
    var keys = new ArrayList<Path>();
    if (leaving != null) {
      editor.removeIf("mesh.networks", MeshState.of(leaving, "name"));
      keys.add(state.ownKeyFile(leaving.name()));
      keys.add(state.ownKeyFile(leaving.name()).resolveSibling("endpoints"));
    }
    DirectoryOption.write(editor, spec.commandLine().getErr());
    var out = spec.commandLine().getOut();
    for (var node : nodes) {
      out.println("removed \"" + Table.shown(node.name()) + "\"");
      keys.add(state.keyFile(node.nodeId()));
      keys.add(state.presharedKeyFile(node.nodeId()));
    }
    if (leaving != null) {
      out.println("removed network \"" + leaving.name() + "\"");
    }
    for (var file : keys) {
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
          "Services are reached through "
              + node.name()
              + ": "
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
          "Routes lead to "
              + node.name()
              + ": "
              + String.join(", ", routes)
              + ". Delete them first, or say --force to delete them with it.");
    }
  }
}

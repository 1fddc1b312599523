package io.vpc4j.cli;

import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.config.edit.Fields;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.net.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** One more participant. */
@Command(
    name = "add",
    description = {
      "Add a node or a device: make its keys, give it an address, enter it in the directory, and",
      "print the wg-quick file for its end on stdout. What to do with the file goes to stderr.",
      "",
      "Its private key is in that file, and in the state folder so that 'vpc4j mesh config' can",
      "print it again; the directory has its public key alone.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh add db-1 --route 10.0.5.0/24 > vpc4j.conf",
      "  vpc4j mesh add gate --route 10.1.0.0/16 --endpoint gate.example.com:51820 > vpc4j.conf",
      "  vpc4j mesh add phone --device --qr",
      "",
      "Exit codes: 0 done; 1 refused; 2 usage or configuration; 23 cannot write; 26 cannot read."
    })
final class MeshAddCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @ParentCommand private MeshCommand parent;
  @Mixin private DirectoryOption directory;
  @Mixin private FarSideOptions farSide;

  @Parameters(paramLabel = "NAME", description = "One label: it is NAME.mesh from then on.")
  private String name;

  @Option(
      names = "--route",
      paramLabel = "CIDR",
      description = "A prefix that is reached through it; again for another.")
  private List<String> routes = new ArrayList<>();

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "The network it takes part in. Default: the directory's own.")
  private @Nullable String network;

  @Option(names = "--device", description = "It has its own addresses alone: a phone, a laptop.")
  private boolean device;

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description = "Its address; again for another. Default: a free one of each of our ranges.")
  private List<String> addresses = new ArrayList<>();

  @Option(
      names = "--endpoint",
      paramLabel = "HOST:PORT",
      description = "Where we call it. Default: it calls us.")
  private @Nullable String endpoint;

  @Option(
      names = "--keepalive",
      paramLabel = "DURATION",
      description = "How often we let it know that we are there, such as 25s. Default: never.")
  private @Nullable String keepalive;

  @Option(
      names = "--public-key",
      paramLabel = "KEY",
      description = "Its public key, if it has made its keys itself.")
  private @Nullable String publicKey;

  @Option(names = "--preshared-key", description = "Make a pre-shared key as well.")
  private boolean preshared;

  @SuppressWarnings("NullAway.Init")
  MeshAddCommand() {}

  @Override
  public Integer call() throws Exception {
    if (device && !routes.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "A device announces no route; leave out --device.");
    }
    var editor = directory.edit();
    var state = new MeshState(editor);
    var ours = state.network(network);
    state.requireInit(ours);
    if (state.participants().stream().anyMatch(node -> node.name().equals(name))) {
      throw new Failure(
          ExitCode.REFUSED,
          "\"" + name + "\" is in the mesh already; 'vpc4j mesh config' prints its file again.");
    }
    var key = publicKey == null ? MeshState.newPrivateKey() : null;
    var psk = preshared ? MeshState.newPresharedKey() : null;
    enter(editor, state, ours, key);
    state.ownKey(ours); // before anything is written: without it there is no file to print
    if (key != null) {
      state.keep(state.keyFile(name), key);
    }
    if (psk != null) {
      state.keep(state.presharedKeyFile(name), psk);
    }
    var written = false;
    try {
      DirectoryOption.write(editor, spec.commandLine().getErr());
      written = true;
    } finally {
      if (!written) {
        state.undo();
      }
    }
    farSide.print(directory, name, spec, parent.streams());
    return ExitCode.OK;
  }

  private void enter(
      DirectoryEditor editor, MeshState state, MeshNetwork ours, @Nullable Secret key)
      throws Exception {
    var own = new ArrayList<>(addresses);
    if (own.isEmpty()) {
      for (var range : MeshState.ranges(ours)) {
        own.add(state.free(range).toString());
      }
    }
    var fields = Fields.of().text("node_id", name).text("name", name);
    if (!ours.isOwn()) {
      fields.text("network", ours.name());
    }
    fields.texts("addresses", own);
    if (!routes.isEmpty()) {
      fields.texts("routes", routes);
    }
    fields.text("public_key", key == null ? String.valueOf(publicKey) : MeshState.publicKey(key));
    if (endpoint != null) {
      fields.text("endpoint", endpoint);
    }
    if (preshared) {
      fields.text(
          "preshared_key", DirectoryOption.reference(editor.file(), state.presharedKeyFile(name)));
    }
    if (keepalive != null) {
      fields.text("persistent_keepalive", keepalive);
    }
    editor.append(device ? "mesh.devices" : "mesh.nodes", fields);
  }
}

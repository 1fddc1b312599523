package io.vpc4j.cli;

import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.config.edit.Fields;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Our own part in the mesh. */
@Command(
    name = "init",
    description = {
      "Make this side's key and address. The key goes to a file of its owner's alone in the state",
      "folder (.vpc4j/mesh), never into the directory itself.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh init",
      "  vpc4j mesh init --address 100.96.0.1 --address fd00:5:3::1 --listen-port 51821",
      "  vpc4j mesh init --network lab",
      "",
      "Exit codes: 0 done; 1 there is a key already; 2 usage or configuration; 23 cannot write;",
      "26 cannot read."
    })
final class MeshInitCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description =
          "Our address; again for another, of IPv6 say. Default: the first free one of"
              + " 100.96.0.0/12. Others get theirs from the same range.")
  private List<String> addresses = new ArrayList<>();

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description =
          "Another network beside the directory's own: with a key, a UDP port and participants of"
              + " its own.")
  private @Nullable String network;

  @Option(
      names = "--listen-port",
      paramLabel = "PORT",
      description =
          "The UDP port that peers call; 0 for any. Default: 51820, of a --network the next free"
              + " one.")
  private @Nullable Integer listenPort;

  @SuppressWarnings("NullAway.Init")
  MeshInitCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var state = new MeshState(editor);
    var name = network == null ? MeshNetwork.OWN : network.toLowerCase(Locale.ROOT);
    refuseAgain(editor, name);
    for (var address : addresses) {
      if (IpAddress.parse(address).isEmpty()) {
        throw new Failure(ExitCode.USAGE, "Not an IP address: " + address + ".");
      }
    }
    var own =
        addresses.isEmpty()
            ? List.of(state.free(MeshState.DEFAULT_RANGE).toString())
            : List.copyOf(addresses);
    var port = listenPort == null ? freePort(editor, name) : listenPort;
    var keyFile = state.ownKeyFile(name);
    var reference = DirectoryOption.reference(editor.file(), keyFile);
    if (network == null) {
      editor.set("mesh.private_key", reference);
      if (!editor.has("mesh.addresses")) {
        editor.set("mesh.addresses", own);
      }
      if (listenPort != null) {
        editor.set("mesh.listen_port", listenPort);
      }
    } else {
      editor.append(
          "mesh.networks",
          Fields.of()
              .text("name", name)
              .text("private_key", reference)
              .number("listen_port", port)
              .texts("addresses", own)
              .flag("hub", true));
    }
    var key = MeshState.newPrivateKey();
    state.keep(keyFile, key);
    var written = false;
    try {
      DirectoryOption.write(editor, spec.commandLine().getErr());
      written = true;
    } finally {
      if (!written) {
        state.undo();
      }
    }
    var out = spec.commandLine().getOut();
    out.println("public key   " + MeshState.publicKey(key));
    out.println("private key  " + keyFile + ", which " + editor.file() + " refers to");
    out.println("addresses    " + String.join(", ", own));
    out.println("UDP port     " + port);
    out.println();
    out.println("Next, for each node and device:");
    out.println();
    out.println(
        "  vpc4j mesh add NAME"
            + (network == null ? "" : " --network " + name)
            + " --route 10.0.5.0/24 > vpc4j.conf");
    out.flush();
    return ExitCode.OK;
  }

  private static void refuseAgain(DirectoryEditor editor, String name) throws Failure {
    if (name.equals(MeshNetwork.OWN) && editor.has("mesh.private_key")) {
      throw new Failure(
          ExitCode.REFUSED,
          "This side has a key already: \"private_key\" in \"mesh\" of " + editor.file() + ".");
    }
    if (!name.equals(MeshNetwork.OWN) && editor.snapshot().mesh().network(name).isPresent()) {
      throw new Failure(
          ExitCode.REFUSED,
          "There is a network \"" + name + "\" already, in \"mesh\" of " + editor.file() + ".");
    }
  }

  /** The first from 51820 on that no other network has. */
  private static int freePort(DirectoryEditor editor, String name) {
    var port = MeshNetwork.DEFAULT_LISTEN_PORT;
    if (!name.equals(MeshNetwork.OWN)) {
      var taken =
          editor.snapshot().mesh().networks().stream().map(MeshNetwork::listenPort).toList();
      while (taken.contains(port)) {
        port++;
      }
    }
    return port;
  }
}

package io.vpc4j.cli;

import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
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
      names = "--listen-port",
      paramLabel = "PORT",
      description = "The UDP port that peers call. Default: 51820; 0 for any.")
  private @Nullable Integer listenPort;

  @SuppressWarnings("NullAway.Init")
  MeshInitCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    if (editor.has("mesh.private_key")) {
      throw new Failure(
          ExitCode.REFUSED,
          "This side has a key already: \"private_key\" in \"mesh\" of " + editor.file() + ".");
    }
    var state = new MeshState(editor);
    for (var address : addresses) {
      if (IpAddress.parse(address).isEmpty()) {
        throw new Failure(ExitCode.USAGE, "Not an IP address: " + address + ".");
      }
    }
    var own =
        addresses.isEmpty()
            ? List.of(state.free(MeshState.DEFAULT_RANGE).toString())
            : List.copyOf(addresses);
    editor.set("mesh.private_key", DirectoryOption.reference(editor.file(), state.ownKeyFile()));
    if (!editor.has("mesh.addresses")) {
      editor.set("mesh.addresses", own);
    }
    if (listenPort != null) {
      editor.set("mesh.listen_port", listenPort);
    }
    var key = MeshState.newPrivateKey();
    state.keep(state.ownKeyFile(), key);
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
    out.println("private key  " + state.ownKeyFile() + ", which " + editor.file() + " refers to");
    out.println("addresses    " + String.join(", ", own));
    out.println(
        "UDP port     " + (listenPort == null ? MeshSettings.DEFAULT_LISTEN_PORT : listenPort));
    out.println();
    out.println("Next, for each node and device:");
    out.println();
    out.println("  vpc4j mesh add NAME --route 10.0.5.0/24 > vpc4j.conf");
    out.flush();
    return ExitCode.OK;
  }
}

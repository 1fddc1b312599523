package io.vpc4j.cli;

import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.config.edit.Fields;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.WgQuickException;
import io.vpc4j.mesh.WgQuickFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** An existing WireGuard network, joined as one more peer. */
@Command(
    name = "import",
    description = {
      "Join an existing WireGuard network with the wg-quick file that its owner made for this"
          + " side:",
      "its key and addresses become ours, its peers nodes of the mesh. Single addresses among"
          + " their",
      "AllowedIPs are their own; prefixes are what they announce.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh import wg0.conf",
      "  vpc4j mesh import wg0.conf --name office",
      "",
      "Exit codes: 0 done; 1 this side has another key; 2 usage, configuration, or not such a"
          + " file;",
      "23 cannot write; 26 cannot read."
    })
final class MeshImportCommand implements Callable<Integer> {

  private static final long MAX_OCTETS = 16L << 20;

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(paramLabel = "FILE", description = "As wg-quick takes it.")
  private Path file;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "What the peers are called, with a number if there are several. Default: FILE's.")
  private @Nullable String name;

  @SuppressWarnings("NullAway.Init")
  MeshImportCommand() {}

  @Override
  public Integer call() throws Exception {
    var read = read();
    var self = read.self();
    var key = self.privateKey();
    var editor = directory.edit();
    var state = new MeshState(editor);
    var isNew = !editor.has("mesh.private_key");
    if (isNew) {
      editor.set("mesh.private_key", DirectoryOption.reference(editor.file(), state.ownKeyFile()));
    } else if (!state.ownKey().equals(key)) {
      throw new Failure(
          ExitCode.REFUSED,
          "This side has a key already, and another one: a directory is one peer. Use a directory"
              + " of its own for "
              + file
              + ".");
    }
    var own =
        new ArrayList<>(
            editor.snapshot().mesh().addresses().stream().map(Object::toString).toList());
    self.addresses().stream()
        .map(address -> address.address().toString())
        .filter(address -> !own.contains(address))
        .forEach(own::add);
    editor.set("mesh.addresses", List.copyOf(own));
    if (isNew) {
      editor.set("mesh.listen_port", self.listenPort().orElse(0));
    }
    var names = enter(editor, state, read);
    if (isNew) {
      state.keep(state.ownKeyFile(), key);
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
    self.others().stream().map(WgQuickFile.Other::key).distinct().forEach(this::sayIgnored);
    if (!self.dns().isEmpty() || !self.searchDomains().isEmpty()) {
      sayIgnored("DNS");
    }
    var out = spec.commandLine().getOut();
    out.println("addresses  " + String.join(", ", own));
    out.println("peers      " + (names.isEmpty() ? "none" : String.join(", ", names)));
    out.flush();
    return ExitCode.OK;
  }

  private void sayIgnored(String key) {
    spec.commandLine()
        .getErr()
        .println("vpc4j: " + key + " in " + file + " is for wg-quick; it has no part in this");
  }

  private WgQuickFile read() throws Failure {
    try {
      if (Files.size(file) > MAX_OCTETS) {
        throw new Failure(ExitCode.USAGE, file + " is larger than " + MAX_OCTETS + " octets.");
      }
      return WgQuickFile.read(Files.readString(file, StandardCharsets.UTF_8));
    } catch (WgQuickException e) {
      throw new Failure(
          ExitCode.USAGE, file + " is no wg-quick file: " + String.join("; ", e.problems()));
    } catch (IOException e) {
      throw new Failure(ExitCode.READ_ERROR, "Cannot read " + file + ": " + e + ".");
    }
  }

  private List<String> enter(DirectoryEditor editor, MeshState state, WgQuickFile read)
      throws Exception {
    var taken = new HashSet<String>();
    var known = new HashSet<String>();
    for (var node : state.participants()) {
      taken.add(node.name());
      node.peer().map(NodeRecord.Peer::publicKey).ifPresent(known::add);
    }
    var names = new ArrayList<String>();
    for (var peer : read.peers()) {
      if (!known.add(peer.publicKey())) {
        continue; // imported before, or twice in the file
      }
      var node = freeName(base(), read.peers().size() == 1, taken);
      names.add(node);
      editor.append("mesh.nodes", fields(editor, state, peer, node));
    }
    return names;
  }

  private Fields fields(DirectoryEditor editor, MeshState state, WgQuickFile.Peer peer, String node)
      throws Failure {
    var addresses = new ArrayList<String>();
    var routes = new ArrayList<String>();
    for (Cidr allowed : peer.allowedIps()) {
      if (allowed.prefixLength() == allowed.network().family().bits()) {
        addresses.add(allowed.network().toString());
      } else {
        routes.add(allowed.toString());
      }
    }
    var fields = Fields.of().text("node_id", node).text("name", node);
    if (!addresses.isEmpty()) {
      fields.texts("addresses", addresses);
    }
    if (!routes.isEmpty()) {
      fields.texts("routes", routes);
    }
    fields.text("public_key", peer.publicKey());
    peer.endpoint().ifPresent(endpoint -> fields.text("endpoint", endpoint));
    if (peer.presharedKey().isPresent()) {
      Secret key = peer.presharedKey().orElseThrow();
      var kept = state.presharedKeyFile(node);
      state.keep(kept, key);
      fields.text("preshared_key", DirectoryOption.reference(editor.file(), kept));
    }
    peer.persistentKeepalive()
        .ifPresent(every -> fields.text("persistent_keepalive", every.toSeconds() + "s"));
    return fields;
  }

  /** The file's name without its ending, as far as it is a label. */
  private String base() {
    var text = name != null ? name : String.valueOf(file.getFileName()).replaceAll("\\.conf$", "");
    var label = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-");
    return label.matches("[a-z0-9].*") ? label : "peer";
  }

  private static String freeName(String base, boolean single, Set<String> taken) {
    if (single && taken.add(base)) {
      return base;
    }
    int number = 1;
    while (!taken.add(base + "-" + number)) {
      number++;
    }
    return base + "-" + number;
  }
}

package io.vpc4j.cli;

import io.vpc4j.ConfigurationException;
import io.vpc4j.mesh.WgQuickException;
import io.vpc4j.mesh.WgQuickFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
      "",
      "Any number of networks can be joined. A file with a key that is not here yet is another",
      "network, with a UDP port, resolvers and an MTU of its own. Where prefixes of two networks",
      "overlap in whole, --vnet tells them apart.",
      "",
      "A file that was imported before is read again: what it says of this side and of its peers",
      "takes the place of what it said, and what it leaves out stays.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh import wg0.conf",
      "  vpc4j mesh import wg1.conf --name office",
      "  vpc4j mesh import wg2.conf --vnet lab        for bindings of virtual network lab",
      "",
      "Exit codes: 0 done; 1 refused; 2 usage, configuration, or not such a file; 23 cannot write;",
      "26 cannot read."
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
          "What the network is called, and its peers, with a number if there are several. Default:"
              + " FILE's.")
  private @Nullable String name;

  @Option(
      names = "--vnet",
      paramLabel = "NAME|ID",
      description =
          "The virtual network in which its prefixes hold, so that they may be another network's"
              + " too; made if it is not there. Default: the default one.")
  private @Nullable String virtualNetwork;

  @Option(
      names = "--listen-port",
      paramLabel = "PORT",
      description = "The UDP port that its peers call; 0 for any. Default: FILE's.")
  private @Nullable Integer listenPort;

  @SuppressWarnings("NullAway.Init")
  MeshImportCommand() {}

  @Override
  public Integer call() throws Exception {
    var read = read();
    var editor = directory.edit();
    var state = new MeshState(editor);
    var imported = new ImportedNetwork(editor, state, read, base(), listenPort, virtualNetwork);
    var err = spec.commandLine().getErr();
    imported.enter(name != null);
    var written = false;
    try {
      DirectoryOption.write(editor, err);
      written = true;
    } catch (ConfigurationException e) {
      if (imported.mayOverlap()) {
        err.println(
            "vpc4j: with --vnet NAME its prefixes are in a virtual network of their own, which a"
                + " binding names");
      }
      throw e;
    } finally {
      if (!written) {
        state.undo();
      }
    }
    imported.written();
    read.self().others().stream()
        .map(WgQuickFile.Other::key)
        .distinct()
        .forEach(
            key ->
                err.println(
                    "vpc4j: " + key + " in " + file + " is for wg-quick; it has no part in this"));
    imported.notes().forEach(note -> err.println("vpc4j: " + file + ": " + note));
    imported.print(spec.commandLine().getOut());
    return ExitCode.OK;
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

  /** The file's name without its ending, as far as it is a label. */
  private String base() {
    var text = name != null ? name : String.valueOf(file.getFileName()).replaceAll("\\.conf$", "");
    var label = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-");
    return label.matches("[a-z0-9].*") ? label : "peer";
  }
}

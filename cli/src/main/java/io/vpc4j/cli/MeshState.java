package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.config.edit.Element;
import io.vpc4j.core.config.edit.OwnerOnly;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.MeshKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the mesh commands know: the directory that is edited, and the keys beside it. */
final class MeshState {

  /** Where addresses are given from, unless our own lie elsewhere. */
  static final Cidr DEFAULT_RANGE = Cidr.require("100.96.0.0/12");

  private static final int V4_RANGE_BITS = 24;
  private static final int V6_RANGE_BITS = 64;

  /** Looked at before it is said that a range is full. */
  private static final int MAX_LOOKED_AT = 1 << 20;

  private final DirectoryEditor editor;
  private final Path folder;
  private final List<Path> made = new ArrayList<>();

  MeshState(DirectoryEditor editor) {
    this.editor = editor;
    this.folder = DirectoryOption.stateFolder(editor).resolve("mesh");
  }

  // ---- participants

  /** Those of the directory, in its order. */
  List<NodeRecord> participants() {
    var nodes = editor.snapshot().nodes();
    var ordered = new ArrayList<NodeRecord>();
    for (var list : List.of("mesh.nodes", "mesh.devices")) {
      editor
          .elements(list)
          .forEach(
              element ->
                  element
                      .text("node_id")
                      .flatMap(id -> Optional.ofNullable(nodes.get(id)))
                      .ifPresent(ordered::add));
    }
    return ordered;
  }

  NodeRecord find(String nameOrId) throws Failure {
    return participants().stream()
        .filter(node -> node.name().equals(nameOrId) || node.nodeId().equals(nameOrId))
        .findFirst()
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.REFUSED,
                    "Nobody in the mesh is called \""
                        + nameOrId
                        + "\". There are: "
                        + (participants().isEmpty()
                            ? "none"
                            : String.join(
                                ", ", participants().stream().map(NodeRecord::name).toList()))));
  }

  /** Those of one network; of the directory's own for the empty name. */
  List<NodeRecord> participants(String network) {
    return participants().stream().filter(node -> node.network().equals(network)).toList();
  }

  /** The network of that name; the directory's own for none. */
  MeshNetwork network(@Nullable String name) throws Failure {
    var mesh = editor.snapshot().mesh();
    if (name == null) {
      return mesh.own();
    }
    return mesh.network(name.toLowerCase(Locale.ROOT))
        .filter(network -> !network.isOwn())
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.REFUSED,
                    "No network of the mesh is called \""
                        + name
                        + "\". There are: "
                        + (mesh.others().isEmpty()
                            ? "none"
                            : String.join(
                                ", ", mesh.others().stream().map(MeshNetwork::name).toList()))));
  }

  /** Refuses where we have no key in the network. */
  void requireInit(MeshNetwork network) throws Failure {
    if (network.isOwn() && !editor.has("mesh.private_key")) {
      throw new Failure(ExitCode.REFUSED, "This side has no key yet; 'vpc4j mesh init' makes one.");
    }
  }

  /** Whether an element of a list is of that network, which is not the directory's own. */
  static Predicate<Element> of(MeshNetwork network, String field) {
    return element ->
        element
            .text(field)
            .map(name -> name.toLowerCase(Locale.ROOT))
            .filter(network.name()::equals)
            .isPresent();
  }

  // ---- addresses

  /** The ranges that our own addresses in a network lie in. */
  static List<Cidr> ranges(MeshNetwork of) {
    return of.addresses().stream()
        .map(
            address ->
                DEFAULT_RANGE.contains(address)
                    ? DEFAULT_RANGE
                    : Cidr.around(
                        address, address.family() == Family.V4 ? V4_RANGE_BITS : V6_RANGE_BITS))
        .distinct()
        .toList();
  }

  /** The lowest address of a range that nobody has; never its first, which is nobody's. */
  IpAddress free(Cidr range) throws Failure {
    var taken = new HashSet<IpAddress>();
    editor.snapshot().mesh().networks().forEach(network -> taken.addAll(network.addresses()));
    participants().forEach(node -> taken.addAll(node.addresses()));
    var candidate = range.network();
    for (int i = 0; i < MAX_LOOKED_AT; i++) {
      candidate = new IpAddress(candidate.family(), candidate.high(), candidate.low() + 1);
      var next = new IpAddress(candidate.family(), candidate.high(), candidate.low() + 1);
      boolean last = candidate.family() == Family.V4 && !range.contains(next);
      if (!range.contains(candidate) || last) {
        break; // the last one of IPv4 is for all
      }
      if (!taken.contains(candidate)) {
        return candidate;
      }
    }
    throw new Failure(ExitCode.REFUSED, "No address of " + range + " is free; name one.");
  }

  // ---- keys

  /** A new private key. */
  static Secret newPrivateKey() {
    return Secret.of(Base64.getDecoder().decode(MeshKeys.generatePrivateKey()));
  }

  /** A new pre-shared key. */
  static Secret newPresharedKey() {
    return Secret.of(Base64.getDecoder().decode(MeshKeys.generatePresharedKey()));
  }

  /** The public key of a private one, in base64. */
  static String publicKey(Secret privateKey) {
    return MeshKeys.publicKey(Base64.getEncoder().encodeToString(privateKey.reveal()));
  }

  /** Where our key in a network is kept. */
  Path ownKeyFile(String network) {
    return network.equals(MeshNetwork.OWN)
        ? folder.resolve("private.key")
        : folder.resolve("networks").resolve(network).resolve("private.key");
  }

  Path keyFile(String nodeId) {
    return folder.resolve("peers").resolve(nodeId + ".key");
  }

  Path presharedKeyFile(String nodeId) {
    return folder.resolve("peers").resolve(nodeId + ".psk");
  }

  /** Whether a file is a participant's key that these commands keep. */
  boolean keeps(Path file) {
    return file.startsWith(folder.toAbsolutePath().normalize().resolve("peers"));
  }

  /** Where another one is kept while the one before may still be read. */
  Path nextPresharedKeyFile(String nodeId) {
    var file = presharedKeyFile(nodeId);
    for (int number = 2; Files.exists(file); number++) {
      file = presharedKeyFile(nodeId + "-" + number);
    }
    return file;
  }

  /** Keeps a key in a file of its own. */
  void keep(Path file, Secret key) throws Failure {
    var octets = Base64.getEncoder().encode(key.reveal());
    try {
      OwnerOnly.create(file, octets);
      made.add(file);
    } catch (IOException e) {
      undo();
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot keep the key in " + file + ": " + e + ".");
    } finally {
      java.util.Arrays.fill(octets, (byte) 0);
    }
  }

  /** Takes away what was kept, where what was to come of it failed. */
  void undo() throws Failure {
    for (var file : made) {
      delete(file);
    }
  }

  static boolean delete(Path file) throws Failure {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot delete " + file + ": " + e + ".");
    }
  }

  /** A key that was kept; empty if it was not, or is not here. */
  static Optional<Secret> kept(Path file) throws Failure {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(decoded(Files.readString(file, UTF_8), file.toString()));
    } catch (IOException e) {
      throw new Failure(ExitCode.READ_ERROR, "Cannot read " + file + ": " + e + ".");
    }
  }

  /** Our own in a network, from wherever the directory says. */
  Secret ownKey(MeshNetwork network) throws Failure {
    var reference =
        network.isOwn()
            ? editor.text("mesh.private_key").orElse("")
            : editor.elements("mesh.networks").stream()
                .filter(of(network, "name"))
                .findFirst()
                .flatMap(element -> element.text("private_key"))
                .orElse("");
    return secret(reference, "the private_key of " + network.described());
  }

  /**
   * A key, from wherever a reference leads.
   *
   * @param what it is, for messages
   */
  Secret secret(String reference, String what) throws Failure {
    if (reference.startsWith("file:")) {
      var file = referred(reference);
      return kept(file)
          .orElseThrow(() -> new Failure(ExitCode.READ_ERROR, "There is no file " + file + "."));
    }
    if (reference.startsWith("env:")) {
      var value = System.getenv(reference.substring(4));
      if (value == null) {
        throw new Failure(ExitCode.READ_ERROR, reference.substring(4) + " is not set.");
      }
      return decoded(value, reference);
    }
    return decoded(reference, what);
  }

  /** The file that {@code file:...} in the directory is. */
  Path referred(String reference) {
    var folderOfFile = editor.file().toAbsolutePath().normalize().getParent();
    var name = reference.substring("file:".length());
    return folderOfFile == null ? Path.of(name) : folderOfFile.resolve(name).normalize();
  }

  private static Secret decoded(String base64, String where) throws Failure {
    try {
      var octets = Base64.getDecoder().decode(base64.strip());
      if (octets.length == 32) {
        return Secret.of(octets);
      }
    } catch (IllegalArgumentException e) {
      // said below, without what was read
    }
    throw new Failure(ExitCode.READ_ERROR, where + " holds no key of 32 octets in base64.");
  }
}

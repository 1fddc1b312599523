package io.vpc4j.cli;

import io.vpc4j.ConfigurationException;
import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.config.edit.Element;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.WgQuickFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A network that was imported before, as its file has it now. What the file says takes the place of
 * what the directory says, in place: comments stay, and so does what the file leaves out, but for a
 * pre-shared key, without which there would be no handshake.
 */
final class ReimportedNetwork {

  private final DirectoryEditor editor;
  private final MeshState state;
  private final MeshNetwork network;
  private final WgQuickFile file;
  private final List<String> changes = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<Path> unused = new ArrayList<>();

  ReimportedNetwork(
      DirectoryEditor editor, MeshState state, MeshNetwork network, WgQuickFile file) {
    this.editor = editor;
    this.state = state;
    this.network = network;
    this.file = file;
  }

  // ---- this side

  void addresses(List<String> own) throws ConfigurationException {
    texts("addresses", own);
  }

  void resolvers(List<String> resolverIps) throws ConfigurationException {
    texts("resolver_ips", resolverIps);
  }

  private void texts(String field, List<String> values) throws ConfigurationException {
    var changed =
        network.isOwn()
            ? editor.setTexts("mesh." + field, values)
            : editor.setTexts("mesh.networks", MeshState.of(network, "name"), field, values);
    if (changed) {
      changes.add(field);
    }
  }

  void number(String field, int before, int now) throws ConfigurationException {
    if (before == now) {
      return;
    }
    if (network.isOwn()) {
      editor.set("mesh." + field, now);
    } else {
      editor.set("mesh.networks", MeshState.of(network, "name"), field, now);
    }
    changes.add(field);
  }

  void virtualNetwork(String id) throws ConfigurationException {
    var which = MeshState.of(network, "name");
    if (!network.virtualNetworkId().equals(id)
        && editor.set("mesh.networks", which, "virtual_network_id", id)) {
      changes.add("virtual_network_id");
    }
  }

  // ---- peers

  /** Those that are there and in the file; who is there and not in the file is said. */
  void peers() throws Failure, ConfigurationException {
    for (var node : state.participants(network.name())) {
      var inFile = file.peers().stream().filter(peer -> ImportedNetwork.is(peer).test(node));
      var peer = inFile.findFirst();
      if (peer.isPresent()) {
        peer(node, peer.get());
      } else {
        notes.add(
            "it does not have "
                + node.name()
                + ", who stays; `vpc4j mesh remove "
                + node.name()
                + "` takes it away");
      }
    }
  }

  private void peer(NodeRecord node, WgQuickFile.Peer peer) throws Failure, ConfigurationException {
    var list = node.kind() == NodeRecord.Kind.DEVICE ? "mesh.devices" : "mesh.nodes";
    var which = Tunnels.has("node_id", node.nodeId());
    var changed = new ArrayList<String>();
    texts(list, which, "addresses", ImportedNetwork.addressesOf(peer), changed);
    if (node.kind() == NodeRecord.Kind.NODE) {
      texts(list, which, "routes", routes(list, which, peer), changed);
    }
    if (peer.endpoint().isPresent()) {
      text(list, which, "endpoint", peer.endpoint().get(), changed);
    }
    var every = peer.persistentKeepalive();
    if (every.isPresent()
        && !node.peer().flatMap(NodeRecord.Peer::persistentKeepalive).equals(every)) {
      text(list, which, "persistent_keepalive", ImportedNetwork.keepalive(every.get()), changed);
    }
    presharedKey(list, which, node, peer.presharedKey(), changed);
    if (!changed.isEmpty()) {
      changes.add(node.name() + " (" + String.join(", ", changed) + ")");
    }
  }

  /** Without those that stand there as objects, which say more than the file does. */
  private List<String> routes(String list, Predicate<Element> which, WgQuickFile.Peer peer) {
    var objects =
        editor.elements(list).stream()
            .filter(which)
            .flatMap(element -> element.objects("routes").stream())
            .flatMap(route -> route.text("network").stream())
            .toList();
    return ImportedNetwork.routesOf(peer).stream()
        .filter(route -> !objects.contains(route))
        .toList();
  }

  private void text(
      String list, Predicate<Element> which, String field, String value, List<String> changed)
      throws ConfigurationException {
    if (editor.set(list, which, field, value)) {
      changed.add(field);
    }
  }

  private void texts(
      String list,
      Predicate<Element> which,
      String field,
      List<String> values,
      List<String> changed)
      throws ConfigurationException {
    if (editor.setTexts(list, which, field, values)) {
      changed.add(field);
    }
  }

  private void presharedKey(
      String list,
      Predicate<Element> which,
      NodeRecord node,
      Optional<Secret> key,
      List<String> changed)
      throws Failure, ConfigurationException {
    var reference =
        editor.elements(list).stream()
            .filter(which)
            .findFirst()
            .flatMap(element -> element.text("preshared_key"));
    if (reference.isPresent()) {
      var what = "the preshared_key of " + node.name();
      if (key.isPresent() && state.secret(reference.get(), what).equals(key.get())) {
        return;
      }
      if (reference.get().startsWith("file:") && state.keeps(state.referred(reference.get()))) {
        unused.add(state.referred(reference.get()));
      }
    }
    if (key.isPresent()) {
      var kept = state.nextPresharedKeyFile(node.nodeId());
      state.keep(kept, key.get());
      editor.set(list, which, "preshared_key", DirectoryOption.reference(editor.file(), kept));
      changed.add("preshared_key");
    } else if (editor.unset(list, which, "preshared_key")) {
      changed.add("no preshared_key");
    }
  }

  // ---- what came of it

  /** For people: what is another now. */
  String changes() {
    return changes.isEmpty() ? "nothing" : String.join(", ", changes);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  /** Deletes keys that nothing refers to any more. */
  void written() throws Failure {
    for (var key : unused) {
      MeshState.delete(key);
    }
  }
}

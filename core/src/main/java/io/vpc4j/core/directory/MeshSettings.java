package io.vpc4j.core.directory;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who this process is in the mesh: the directory's own WireGuard network, and any number of others
 * beside it. The other participants are {@link DirectorySnapshot#nodes}.
 *
 * @param own the directory's own network
 * @param others networks with a name, each with a key of ours of its own
 */
public record MeshSettings(MeshNetwork own, List<MeshNetwork> others) {

  /** WireGuard's customary port. */
  public static final int DEFAULT_LISTEN_PORT = MeshNetwork.DEFAULT_LISTEN_PORT;

  /** A process that does not take part. */
  public static final MeshSettings NONE =
      new MeshSettings(Optional.empty(), DEFAULT_LISTEN_PORT, List.of());

  /** Copies and checks. */
  public MeshSettings {
    others = List.copyOf(others);
    if (!own.isOwn() || others.stream().anyMatch(MeshNetwork::isOwn)) {
      throw new IllegalArgumentException("the directory's own network has no name, others have");
    }
  }

  /** The directory's own network alone. */
  public MeshSettings(Optional<Secret> privateKey, int listenPort, List<IpAddress> addresses) {
    this(new MeshNetwork(MeshNetwork.OWN, privateKey, listenPort, addresses), List.of());
  }

  /** All networks, the directory's own first. */
  public List<MeshNetwork> networks() {
    var all = new ArrayList<MeshNetwork>();
    all.add(own);
    all.addAll(others);
    return List.copyOf(all);
  }

  /** The network of that name; empty text is the directory's own. */
  public Optional<MeshNetwork> network(String name) {
    return name.equals(MeshNetwork.OWN)
        ? Optional.of(own)
        : others.stream().filter(network -> network.name().equals(name)).findFirst();
  }

  /** The network of a participant. */
  public MeshNetwork networkOf(NodeRecord node) {
    return network(node.network())
        .orElseThrow(() -> new IllegalStateException("a node names a network that is there"));
  }

  /** Our key in the directory's own network; empty where that is not joined. */
  public Optional<Secret> privateKey() {
    return own.privateKey();
  }

  /** The UDP port of the directory's own network. */
  public int listenPort() {
    return own.listenPort();
  }

  /** Our addresses in the directory's own network. */
  public List<IpAddress> addresses() {
    return own.addresses();
  }

  /** The same, with files in {@code folder} in which it is kept where peers were last. */
  public MeshSettings withMemory(Path folder) {
    return new MeshSettings(
        own.withMemory(folder.resolve("endpoints")),
        others.stream()
            .map(
                network ->
                    network.withMemory(
                        folder.resolve("networks").resolve(network.name()).resolve("endpoints")))
            .toList());
  }
}

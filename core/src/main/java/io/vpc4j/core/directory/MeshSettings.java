package io.vpc4j.core.directory;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who this process is in the mesh. The other participants are {@link DirectorySnapshot#nodes}.
 *
 * @param privateKey the 32 octets of our Curve25519 key; empty where the mesh is not joined
 * @param listenPort the UDP port that peers call, 0 to 65,535; 0 for any free one
 * @param addresses our own; other participants have none of them
 * @param memory the file in which it is kept where peers were last, so that the next process can
 *     call those that have no endpoint of their own; empty for nowhere. No file where its folder is
 *     not there
 */
public record MeshSettings(
    Optional<Secret> privateKey, int listenPort, List<IpAddress> addresses, Optional<Path> memory) {

  /** WireGuard's customary port. */
  public static final int DEFAULT_LISTEN_PORT = 51_820;

  /** A process that does not take part. */
  public static final MeshSettings NONE =
      new MeshSettings(Optional.empty(), DEFAULT_LISTEN_PORT, List.of());

  /** Without a memory. */
  public MeshSettings(Optional<Secret> privateKey, int listenPort, List<IpAddress> addresses) {
    this(privateKey, listenPort, addresses, Optional.empty());
  }

  /** Copies and checks. */
  public MeshSettings {
    addresses = List.copyOf(addresses);
    if (listenPort < 0 || listenPort > 65_535) {
      throw new IllegalArgumentException("not a port: " + listenPort);
    }
  }
}

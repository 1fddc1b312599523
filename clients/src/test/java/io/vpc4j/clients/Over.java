package io.vpc4j.clients;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import java.nio.file.Path;

/** The transports that every client is run over. */
enum Over {
  /** The simulated network. */
  LOOPBACK(true),
  /** An edge and a Java connector, over QUIC. The connector ends both ways when one ends. */
  TUNNEL_QUIC(false),
  /** The same over HTTP/2. */
  TUNNEL_HTTP2(false),
  /** Two WireGuard nodes in this process. */
  MESH(true);

  /** Whether one direction of a connection may end before the other. */
  final boolean halfClose;

  Over(boolean halfClose) {
    this.halfClose = halfClose;
  }

  /**
   * Opens a private network in which one host has servers on {@code ports}.
   *
   * @param folder for what a server keeps
   */
  PrivateWorld open(Path folder, int... ports) throws Exception {
    return switch (this) {
      case LOOPBACK -> PrivateWorld.simulated(ports);
      case TUNNEL_QUIC -> PrivateWorld.tunnel(Protocol.QUIC, folder);
      case TUNNEL_HTTP2 -> PrivateWorld.tunnel(Protocol.HTTP2, folder);
      case MESH -> PrivateWorld.mesh();
    };
  }
}

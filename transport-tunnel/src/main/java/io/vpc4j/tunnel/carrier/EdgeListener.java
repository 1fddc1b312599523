package io.vpc4j.tunnel.carrier;

import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import java.net.InetSocketAddress;

/**
 * A socket that connectors dial. Made by a static {@code bind} of each carrier's room, which takes
 * a {@link CarrierContext}, the address, the {@link ServerIdentity} and the {@link EdgeAcceptor},
 * and returns a future that fails with {@link java.io.IOException} if the address cannot be had.
 *
 * <p>Methods may be called from any thread.
 */
public interface EdgeListener {

  /** What is spoken. */
  Protocol protocol();

  /** Where it listens; the port is the real one. */
  InetSocketAddress localAddress();

  /** Shows {@code identity} in every later handshake. */
  void present(ServerIdentity identity);

  /** Stops listening. Accepted carriers stay and are closed by whoever accepted them. */
  Future<Void> close();
}

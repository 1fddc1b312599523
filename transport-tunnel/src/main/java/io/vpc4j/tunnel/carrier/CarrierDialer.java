package io.vpc4j.tunnel.carrier;

import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Dials an edge for a connector. Safe for use by many threads. */
public interface CarrierDialer {

  /** What it speaks. */
  Protocol protocol();

  /**
   * Dials, and completes once the handshake is done; over QUIC, once the control stream is there.
   *
   * @param edge where it listens
   * @param settings how
   * @param listener told what happens on the carrier; its first call may precede the completion
   * @param deadlineNs when the handshake must be done, on the context's ticker
   * @return fails with {@link java.io.IOException}. Cancelling gives the dial up
   */
  Future<ConnectorCarrier> dial(
      InetSocketAddress edge,
      Settings settings,
      ConnectorCarrierListener listener,
      long deadlineNs);

  /**
   * How an edge is dialled.
   *
   * @param authorities the certificates that alone are trusted; empty for the system's
   * @param localAddress to dial from, its port kept where it is not 0; empty for any
   * @param serverName the name sent and verified: {@code quic.cftunnel.com} or {@code
   *     h2.cftunnel.com} ([T] 1.2)
   */
  record Settings(
      List<X509Certificate> authorities,
      Optional<InetSocketAddress> localAddress,
      String serverName) {
    /** Copies. */
    public Settings {
      authorities = List.copyOf(authorities);
    }
  }
}

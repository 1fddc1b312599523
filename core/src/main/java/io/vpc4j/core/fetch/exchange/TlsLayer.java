package io.vpc4j.core.fetch.exchange;

import io.netty.channel.Channel;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.TlsSettings;
import org.jspecify.annotations.Nullable;

/** Speaks TLS on a channel. */
@FunctionalInterface
public interface TlsLayer {

  /**
   * Begins a handshake. Called on the channel's event loop, with an empty pipeline and auto-read
   * on; returns at once. The engine keeps the time: it closes the channel when {@link
   * io.vpc4j.Limits#tlsTimeout} passes.
   *
   * @param serverName what the certificate must match, and SNI unless it is an address: the URL's
   *     host, IPv6 in brackets
   * @param port for session resumption
   * @param wish which ALPN protocols are offered: {@code h2} and {@code http/1.1}, or one of them;
   *     null for no ALPN, on a raw connection
   */
  void handshake(
      Channel channel,
      String serverName,
      int port,
      TlsSettings settings,
      Request.@Nullable Http wish,
      Listener listener);

  /** Hears how the handshake went: one of the two, once, on the channel's event loop. */
  interface Listener {
    /**
     * TLS is up.
     *
     * <p>Called from inside the pipeline's event, so that a handler that is added now misses no
     * octet.
     *
     * @param protocol what ALPN chose; empty if it chose nothing
     */
    void onSecured(String protocol);

    /**
     * It failed; the channel is closed, or about to be.
     *
     * @param failure {@code TLS_CERTIFICATE_ERROR} or {@code TLS_PROTOCOL_ERROR}, stage TLS
     */
    void onFailure(VpcException failure);
  }
}

package io.vpc4j.tunnel.carrier.quic;

import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.vpc4j.tunnel.carrier.CarrierDialer;
import io.vpc4j.tunnel.carrier.ServerIdentity;
import java.security.cert.X509Certificate;

/** TLS within QUIC. [C] 1.2 */
final class QuicTls {

  /**
   * Of key exchange, best first. Connectors offer the first and the third, with a share for the
   * first alone from 2025 on and for the third before; the library's own default lacks the first.
   */
  private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256", "P-384"};

  private QuicTls() {}

  static QuicSslContext server(ServerIdentity identity) {
    return server(identity, GROUPS);
  }

  static QuicSslContext server(ServerIdentity identity, String... groups) {
    return QuicSslContextBuilder.forServer(
            identity.key(), null, identity.chain().toArray(new X509Certificate[0]))
        .applicationProtocols(QuicParameters.ALPN)
        .option(BoringSSLContextOption.GROUPS, groups)
        .earlyData(false)
        .build();
  }

  static QuicSslContext client(CarrierDialer.Settings settings) {
    return client(settings, new String[] {QuicParameters.ALPN}, GROUPS);
  }

  static QuicSslContext client(
      CarrierDialer.Settings settings, String[] protocols, String... groups) {
    var builder =
        QuicSslContextBuilder.forClient()
            .applicationProtocols(protocols)
            .option(BoringSSLContextOption.GROUPS, groups)
            .endpointIdentificationAlgorithm("HTTPS")
            .earlyData(false);
    if (!settings.authorities().isEmpty()) {
      builder.trustManager(settings.authorities().toArray(new X509Certificate[0]));
    }
    return builder.build();
  }
}

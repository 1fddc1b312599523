package io.vpc4j.benchmarks;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.Connector;
import io.vpc4j.tunnel.TunnelCredentials;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * The far end of a tunnel, a process of its own: a connector that reaches what this machine does.
 * Ends with its standard input.
 */
public final class Far {

  /** The account that the edge is told to ask for. */
  static final String ACCOUNT = "0123456789abcdef0123456789abcdef";

  /** The tunnel. */
  static final UUID TUNNEL = UUID.fromString("550e8400-e29b-41d4-a716-446655440000");

  /** Connections between the two ends, as many as {@code cloudflared} makes. */
  private static final int CONNECTIONS = 4;

  private Far() {}

  /** The tunnel's secret. It keeps nobody out: the edge listens on loopback for the run alone. */
  static byte[] secret() {
    return new byte[32];
  }

  /**
   * Serves until the standard input ends.
   *
   * @param arguments the edge's port on 127.0.0.1, the certificate to trust, what to speak
   */
  public static void main(String[] arguments) throws Exception {
    var builder =
        Connector.builder(new TunnelCredentials(ACCOUNT, TUNNEL, Secret.of(secret())))
            .authorities(List.of(certificate(Path.of(arguments[1]))))
            .protocols(List.of(Protocol.valueOf(arguments[2].toUpperCase(Locale.ROOT))))
            .connections(CONNECTIONS)
            .retries(0); // the edge is up in a moment: short pauses
    for (var i = 0; i < CONNECTIONS; i++) {
      builder.edge("127.0.0.1:" + arguments[0]);
    }
    try (var connector = builder.start()) {
      connector.registered().join();
      System.out.println("registered");
      System.out.flush();
      while (System.in.read() >= 0) {
        // whoever started us closes our input when it is done
      }
    }
  }

  private static X509Certificate certificate(Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}

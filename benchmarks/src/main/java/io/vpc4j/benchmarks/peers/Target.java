package io.vpc4j.benchmarks.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The origin: where it listens and whom to trust.
 *
 * @param wire what is spoken
 * @param port on 127.0.0.1
 * @param certificate PEM, of the origin's own authority
 */
public record Target(Wire wire, int port, Path certificate) {

  /** {@code http://127.0.0.1:PORT} or https. */
  public String base() {
    return wire.scheme() + "://127.0.0.1:" + port;
  }

  /** Trusts the origin's authority and no other. */
  public X509TrustManager trustManager() throws Exception {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (var in = Files.newInputStream(certificate)) {
      store.setCertificateEntry(
          "origin", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  /** A context with {@link #trustManager}. */
  public SSLContext sslContext() throws Exception {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new javax.net.ssl.TrustManager[] {trustManager()}, null);
    return context;
  }
}

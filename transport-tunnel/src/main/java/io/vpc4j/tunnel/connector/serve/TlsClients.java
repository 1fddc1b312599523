package io.vpc4j.tunnel.connector.serve;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.vpc4j.tunnel.connector.config.OriginOptions;
import io.vpc4j.tunnel.connector.config.OriginOptions.Http;
import io.vpc4j.tunnel.connector.config.OriginOptions.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * How TLS is spoken to origins: one context for each pool of authorities, each manner of
 * verification and each offer of what is spoken over it. Made where blocking is allowed; safe for
 * use by many threads.
 */
final class TlsClients {

  private static final int MAX_KEPT = 1_000;

  private static final ApplicationProtocolConfig HTTP_2_OR_1 =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2,
          ApplicationProtocolNames.HTTP_1_1);

  private record Key(Optional<Path> caPool, Verification verification, Http http) {}

  private final Map<Key, SslContext> made = new ConcurrentHashMap<>();

  /**
   * The context for those options. Reads a file the first time.
   *
   * @param http what is offered by ALPN: with {@link Http#ONE} nothing, which means HTTP/1.1
   * @throws IOException if the file of authorities cannot be read, or holds none
   */
  SslContext context(OriginOptions options, Http http) throws IOException {
    var key = new Key(options.caPool(), options.verification(), http);
    var known = made.get(key);
    if (known != null) {
      return known;
    }
    var context = make(key);
    if (made.size() < MAX_KEPT) {
      made.put(key, context);
    }
    return context;
  }

  /**
   * The context if it was made before; empty means that it must be made, where blocking is allowed.
   */
  Optional<SslContext> known(OriginOptions options, Http http) {
    return Optional.ofNullable(made.get(new Key(options.caPool(), options.verification(), http)));
  }

  private static SslContext make(Key key) throws IOException {
    var builder = SslContextBuilder.forClient();
    if (key.verification() == Verification.NONE) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
      builder.endpointIdentificationAlgorithm(null);
    } else if (key.caPool().isPresent()) {
      builder.trustManager(trusting(key.caPool().get()));
    }
    if (key.http() == Http.TWO) {
      builder.applicationProtocolConfig(HTTP_2_OR_1);
    }
    return builder.build();
  }

  /** The system's authorities and those of the file. */
  private static TrustManagerFactory trusting(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      var trusted = new ArrayList<X509Certificate>(system());
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.add((X509Certificate) certificate);
      }
      for (var i = 0; i < trusted.size(); i++) {
        store.setCertificateEntry("authority-" + i, trusted.get(i));
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory;
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " holds no certificates: " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> system() throws GeneralSecurityException {
    var found = new ArrayList<X509Certificate>();
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (var manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        found.addAll(List.of(x509.getAcceptedIssuers()));
      }
    }
    return found;
  }
}

package io.vpc4j.core.fetch.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.TlsSettings;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The contexts made so far, by what they were made of; the least recently used is dropped at {@link
 * #MAX_CONTEXTS}. A context holds its trust store and its sessions, so making one for each
 * connection would cost a file's worth of parsing and every resumption.
 */
final class TlsContexts {

  /** One for each pair of settings and wish in use; a directory has a handful. */
  static final int MAX_CONTEXTS = 256;

  private final SslProvider provider;

  private record Key(TlsSettings settings, Request.@Nullable Http wish) {}

  // guarded by itself, and never while a context is made
  private final Map<Key, SslContext> made =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, SslContext> eldest) {
          return size() > MAX_CONTEXTS;
        }
      };

  TlsContexts(SslProvider provider) {
    this.provider = provider;
  }

  /** OpenSSL where it is installed, else the JDK. */
  static SslProvider best() {
    try {
      return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    } catch (NoClassDefFoundError e) {
      return SslProvider.JDK; // tcnative is optional, and not on this path
    }
  }

  /**
   * The context for these settings.
   *
   * @throws VpcException {@link ErrorCode#CONFIGURATION_ERROR} if a certificate or key cannot be
   *     read
   */
  SslContext contextFor(TlsSettings settings, Request.@Nullable Http wish) throws VpcException {
    var key = new Key(settings, wish);
    synchronized (made) {
      var known = made.get(key);
      if (known != null) {
        return known;
      }
    }
    var fresh = make(settings, wish); // two at once may make the same: the later is kept
    synchronized (made) {
      made.put(key, fresh);
    }
    return fresh;
  }

  private SslContext make(TlsSettings settings, Request.@Nullable Http wish) throws VpcException {
    try {
      var builder = SslContextBuilder.forClient().sslProvider(provider);
      if (wish != null) {
        builder.applicationProtocolConfig(offers(wish));
      }
      builder.endpointIdentificationAlgorithm(null); // set for each connection
      if (settings.mode() == TlsSettings.Mode.DISABLED) {
        builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
      } else {
        builder.trustManager(TrustManagers.trusting(settings.certificateAuthority()));
      }
      if (settings.clientCertificate().isPresent()) {
        var shown = settings.clientCertificate().get();
        builder.keyManager(stream(shown.chain()), stream(shown.key().revealText()));
      }
      return builder.build();
    } catch (SSLException | GeneralSecurityException | IllegalArgumentException e) {
      throw new VpcException(
          ErrorCode.CONFIGURATION_ERROR,
          Stage.TLS,
          "The directory's tls_settings cannot be used: " + e.getMessage() + ".",
          e);
    }
  }

  private static ApplicationProtocolConfig offers(Request.Http wish) {
    var protocols =
        switch (wish) {
          case NEGOTIATE ->
              new String[] {ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1};
          case HTTP_1_1 -> new String[] {ApplicationProtocolNames.HTTP_1_1};
          case HTTP_2 -> new String[] {ApplicationProtocolNames.HTTP_2};
        };
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        protocols);
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }
}

package io.vpc4j.core.fetch.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The JDK's trust manager, over the system's roots or a private authority's, with its refusals put
 * into words where they happen: {@link CertificateRefused}.
 *
 * <p>That is for more than good manners. Whoever sees the failure later has only a chain of causes
 * that differs between the JDK's engine and OpenSSL; and Netty 4.2 itself tries to say more about a
 * name that does not match, with classes of {@code java.naming} that it cannot see on the module
 * path, so that the refusal arrives as an {@link IllegalAccessError}. {@code NettyTlsTest} keeps
 * this.
 */
final class TrustManagers {

  private TrustManagers() {}

  /**
   * One that trusts these authorities.
   *
   * @param certificateAuthority PEM; empty for the system's
   * @throws GeneralSecurityException if it cannot be read
   */
  static X509ExtendedTrustManager trusting(Optional<String> certificateAuthority)
      throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(certificateAuthority.isPresent() ? store(certificateAuthority.get()) : null);
    for (var manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return new Explaining(extended);
      }
    }
    throw new GeneralSecurityException("this JDK has no X.509 trust manager");
  }

  private static KeyStore store(String pem) throws GeneralSecurityException {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      var octets = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
      var number = 0;
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(octets)) {
        store.setCertificateEntry("authority-" + number++, certificate);
      }
      if (number == 0) {
        throw new CertificateException("no certificate in certificate_authority");
      }
      return store;
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static final class Explaining extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager manager;

    Explaining(X509ExtendedTrustManager manager) {
      this.manager = manager;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      try {
        manager.checkServerTrusted(chain, authType, engine);
      } catch (CertificateException e) {
        throw new CertificateRefused(sentence(e), e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      try {
        manager.checkServerTrusted(chain, authType, socket);
      } catch (CertificateException e) {
        throw new CertificateRefused(sentence(e), e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      try {
        manager.checkServerTrusted(chain, authType);
      } catch (CertificateException e) {
        throw new CertificateRefused(sentence(e), e);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      manager.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      manager.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      manager.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return manager.getAcceptedIssuers();
    }
  }

  /** What is wrong with the certificate, and what to do. */
  private static String sentence(CertificateException refusal) {
    for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException) {
        return "it, or one it is signed by, has expired. Renew it.";
      }
      if (cause instanceof CertificateNotYetValidException) {
        return "it, or one it is signed by, is not valid yet. Look at the clocks.";
      }
      if (cause instanceof CertPathValidatorException path
          && path.getReason() == BasicReason.REVOKED) {
        return "it, or one it is signed by, is revoked.";
      }
      if (cause instanceof CertPathBuilderException) {
        return "no trusted authority has signed it. Give the authority's certificate as"
            + " tls_settings.certificate_authority.";
      }
    }
    var message = String.valueOf(refusal.getMessage());
    // The JDK has no type for it. HostnameChecker's sentences begin so in 17 and in 25.
    if (message.startsWith("No subject alternative") || message.startsWith("No name matching")) {
      return "it is for another name ("
          + message
          + "). Use the name it is for, or cert_verification_mode verify_ca.";
    }
    return message + ".";
  }
}

package io.vpc4j.core.fetch.tls;

import java.security.cert.CertificateException;

/** The peer's certificate was not accepted, and why, in a sentence for the application. */
final class CertificateRefused extends CertificateException {

  private static final long serialVersionUID = 1L;

  CertificateRefused(String sentence, CertificateException cause) {
    super(sentence, cause);
  }
}

package io.vpc4j.core.config.directory;

import io.vpc4j.core.config.directory.References.Privacy;
import io.vpc4j.core.net.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Certificates and keys in PEM, RFC 7468: read once here, so that no handshake finds them bad. */
final class Pem {

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String KEY_END = "-----END PRIVATE KEY-----";

  private Pem() {}

  /**
   * Certificates and the text they came in.
   *
   * @param text PEM
   * @param certificates at least one
   */
  record Certificates(String text, List<X509Certificate> certificates) {}

  /** Reads one or more certificates. */
  static Optional<Certificates> certificates(Item item) {
    var text = References.resolve(item, Privacy.PUBLIC);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    var pem = text.orElseThrow();
    if (UUID.matcher(pem).matches()) {
      item.error(
          "a certificate id means something to the hosted product alone;"
              + " give the PEM itself or \"file:path\"");
      return Optional.empty();
    }
    if (pem.contains("PRIVATE KEY-----")) {
      item.error("holds a private key where certificates alone belong");
      return Optional.empty();
    }
    var certificates = parse(pem);
    if (certificates.isEmpty()) {
      item.error("must be one or more certificates in PEM (-----BEGIN CERTIFICATE-----)");
      return Optional.empty();
    }
    certificates.forEach(certificate -> checkValidity(item, certificate));
    return Optional.of(new Certificates(pem, certificates));
  }

  /** Reads the private key that belongs to {@code certificate}. */
  static Optional<Secret> privateKey(Item item, X509Certificate certificate) {
    var text = References.resolve(item, Privacy.SECRET);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    var pem = text.orElseThrow();
    var complaint = keyComplaint(pem, certificate.getPublicKey());
    if (complaint.isPresent()) {
      item.error(complaint.orElseThrow());
      return Optional.empty();
    }
    return Optional.of(Secret.of(pem));
  }

  private static List<X509Certificate> parse(String pem) {
    try {
      var octets = new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8));
      return CertificateFactory.getInstance("X.509").generateCertificates(octets).stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException e) {
      return List.of();
    }
  }

  private static void checkValidity(Item item, X509Certificate certificate) {
    try {
      certificate.checkValidity();
    } catch (CertificateExpiredException e) {
      item.warning("a certificate expired on " + certificate.getNotAfter().toInstant());
    } catch (CertificateNotYetValidException e) {
      item.warning("a certificate is not valid before " + certificate.getNotBefore().toInstant());
    }
  }

  /** What is wrong with the key, in words that hold nothing of it. */
  private static Optional<String> keyComplaint(String pem, PublicKey publicKey) {
    if (pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")) {
      return Optional.of("must be a key that is not encrypted");
    }
    var begin = pem.indexOf(KEY_BEGIN);
    var end = pem.indexOf(KEY_END);
    if (begin < 0 || end < begin) {
      return Optional.of(
          pem.contains("PRIVATE KEY-----")
              ? "must be PKCS #8; \"openssl pkcs8 -topk8 -nodes -in KEY\" makes it"
              : "must be a private key in PEM (-----BEGIN PRIVATE KEY-----)");
    }
    try {
      var octets = Base64.getMimeDecoder().decode(pem.substring(begin + KEY_BEGIN.length(), end));
      var key =
          KeyFactory.getInstance(publicKey.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(octets));
      return belongTogether(key, publicKey)
          ? Optional.empty()
          : Optional.of("does not belong to the certificate");
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.of(
          "is not a key of the certificate's kind (" + publicKey.getAlgorithm() + ")");
    }
  }

  /** What the one signs, the other must accept. */
  private static boolean belongTogether(PrivateKey key, PublicKey publicKey)
      throws GeneralSecurityException {
    var algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "RSASSA-PSS" -> ""; // needs parameters; left to the handshake
          default -> key.getAlgorithm();
        };
    if (algorithm.isEmpty()) {
      return true;
    }
    var probe = new byte[] {1, 2, 3, 4};
    var signer = Signature.getInstance(algorithm);
    signer.initSign(key);
    signer.update(probe);
    var signature = signer.sign();
    var verifier = Signature.getInstance(algorithm);
    verifier.initVerify(publicKey);
    verifier.update(probe);
    return verifier.verify(signature);
  }
}

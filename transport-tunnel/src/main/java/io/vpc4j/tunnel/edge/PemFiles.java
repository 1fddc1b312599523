package io.vpc4j.tunnel.edge;

import io.vpc4j.core.net.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** Certificates and keys as PEM text. RFC 7468 */
final class PemFiles {

  private static final Base64.Encoder BODY = Base64.getMimeEncoder(64, new byte[] {'\n'});

  /** The kinds of key that connectors verify signatures of, [T] 1.2. */
  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");

  private PemFiles() {}

  static String text(List<X509Certificate> chain) throws CertificateEncodingException {
    var text = new StringBuilder();
    for (var certificate : chain) {
      text.append("-----BEGIN CERTIFICATE-----\n")
          .append(BODY.encodeToString(certificate.getEncoded()))
          .append("\n-----END CERTIFICATE-----\n");
    }
    return text.toString();
  }

  static Secret text(PrivateKey key) {
    return Secret.of(
        "-----BEGIN PRIVATE KEY-----\n"
            + BODY.encodeToString(key.getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
  }

  static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    var found = certificates(Files.readString(file, StandardCharsets.US_ASCII));
    if (found.isEmpty()) {
      throw new IOException("no certificate in " + file);
    }
    return found;
  }

  static List<X509Certificate> certificates(String text) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    return key(Files.readString(file, StandardCharsets.US_ASCII));
  }

  /** A key in PKCS #8. */
  static PrivateKey key(String text) throws GeneralSecurityException {
    var body = text.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "").replaceAll("\\s", "");
    byte[] encoded;
    try {
      encoded = Base64.getDecoder().decode(body);
    } catch (IllegalArgumentException e) {
      throw new InvalidKeySpecException("not a PEM private key", e);
    }
    var refusal =
        new InvalidKeySpecException("not a private key of " + String.join(", ", ALGORITHMS));
    for (var algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        refusal.addSuppressed(e); // another kind, perhaps
      }
    }
    throw refusal;
  }
}

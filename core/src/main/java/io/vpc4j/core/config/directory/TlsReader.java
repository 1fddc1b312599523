package io.vpc4j.core.config.directory;

import io.vpc4j.core.config.directory.Pem.Certificates;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.TlsSettings.ClientCertificate;
import io.vpc4j.core.directory.TlsSettings.Mode;
import java.util.Optional;

/** {@code tls_settings}. */
final class TlsReader {

  private TlsReader() {}

  /** What {@code owner} says of TLS, or the default. */
  static TlsSettings read(Section owner) {
    return owner
        .section("tls_settings", Shape.TLS_SETTINGS)
        .map(TlsReader::settings)
        .orElse(TlsSettings.DEFAULT);
  }

  private static TlsSettings settings(Section section) {
    var modeItem = section.field("cert_verification_mode");
    var mode = modeItem.flatMap(item -> item.choice(Mode.class)).orElse(Mode.VERIFY_FULL);
    var authority = section.field("certificate_authority");
    if (mode == Mode.DISABLED && authority.isPresent()) {
      authority
          .orElseThrow()
          .error(
              "a certificate authority has no use where \"cert_verification_mode\" is"
                  + " \"disabled\"; choose \"verify_full\" or \"verify_ca\"");
    }
    return new TlsSettings(
        mode,
        authority.flatMap(Pem::certificates).map(Certificates::text),
        section
            .section("client_certificate", Shape.CERTIFICATE)
            .flatMap(TlsReader::clientCertificate));
  }

  private static Optional<ClientCertificate> clientCertificate(Section section) {
    var certificates = section.required("certificate").flatMap(Pem::certificates);
    var keyItem = section.required("private_key");
    if (certificates.isEmpty() || keyItem.isEmpty()) {
      return Optional.empty();
    }
    var chain = certificates.orElseThrow();
    return Pem.privateKey(keyItem.orElseThrow(), chain.certificates().get(0))
        .map(key -> new ClientCertificate(chain.text(), key));
  }
}

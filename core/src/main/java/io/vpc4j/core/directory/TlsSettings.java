package io.vpc4j.core.directory;

import io.vpc4j.core.net.Secret;
import java.util.Locale;
import java.util.Optional;

/**
 * How TLS to a destination is verified, and what is shown.
 *
 * @param mode the {@code cert_verification_mode}
 * @param certificateAuthority PEM certificates to trust in place of the system's; empty for the
 *     system's
 * @param clientCertificate what to show if asked; empty for none
 */
public record TlsSettings(
    Mode mode,
    Optional<String> certificateAuthority,
    Optional<ClientCertificate> clientCertificate) {

  /** The hosted product's three. */
  public enum Mode {
    /** The chain must lead to a trusted root, and the name must match. */
    VERIFY_FULL,
    /** The chain must lead to a trusted root; the name is not looked at. */
    VERIFY_CA,
    /** Anything is accepted. */
    DISABLED;

    /** {@code verify_full} and so on. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A certificate and its key.
   *
   * @param chain PEM, leaf first
   * @param key PEM, PKCS #8, not encrypted
   */
  public record ClientCertificate(String chain, Secret key) {}

  /** {@code verify_full} with the system's roots. */
  public static final TlsSettings DEFAULT =
      new TlsSettings(Mode.VERIFY_FULL, Optional.empty(), Optional.empty());
}

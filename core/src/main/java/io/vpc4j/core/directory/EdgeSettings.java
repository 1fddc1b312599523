package io.vpc4j.core.directory;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What the tunnel's edge needs to be started: where connectors dial, and what it shows them.
 *
 * @param listeners at least one
 * @param certificate what connectors are shown; empty for one of a private authority that is made
 *     once and kept in {@code stateFolder}
 * @param stateFolder absolute; holds what must outlive the process, readable by its owner alone
 * @param accountTag the account that connectors must name, 32 hexadecimal digits in lower case;
 *     empty for any
 */
public record EdgeSettings(
    List<Listener> listeners,
    Optional<ServerCertificate> certificate,
    Path stateFolder,
    Optional<String> accountTag) {

  /** The port that connectors dial unless they are told another. */
  public static final int DEFAULT_PORT = 7844;

  /** Copies and checks. */
  public EdgeSettings {
    listeners = List.copyOf(listeners);
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("an edge needs a listener");
    }
  }

  /** What connectors speak. */
  public enum Protocol {
    /** QUIC, over UDP. */
    QUIC,
    /** HTTP/2, over TCP. */
    HTTP2;

    /** {@code quic} or {@code http2}, as connectors spell it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One address that connectors dial.
   *
   * @param host a local address, or the unspecified one for all
   * @param port UDP and TCP alike, 0 to 65,535; 0 for any free one
   * @param protocols at least one
   */
  public record Listener(IpAddress host, int port, Set<Protocol> protocols) {
    /** Copies and checks. */
    public Listener {
      protocols = Set.copyOf(protocols);
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("not a port: " + port);
      }
      if (protocols.isEmpty()) {
        throw new IllegalArgumentException("a listener needs a protocol");
      }
    }
  }

  /**
   * A certificate and its key.
   *
   * @param chain PEM, leaf first
   * @param key PEM, PKCS #8, not encrypted
   */
  public record ServerCertificate(String chain, Secret key) {}
}

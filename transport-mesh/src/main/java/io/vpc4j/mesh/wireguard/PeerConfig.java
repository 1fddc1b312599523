package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What we are told of a peer.
 *
 * @param publicKey who it is
 * @param presharedKey 32 octets; null for none
 * @param endpoint where to call it, resolved; null if it calls us. Replaced by where it calls from
 * @param allowedIps whose packets it may send and gets. A prefix belongs to one peer: the last that
 *     was given it
 * @param persistentKeepalive how often something is sent to keep a NAT's mapping; null for never; 1
 *     s to 65,535 s
 */
public record PeerConfig(
    PublicKey publicKey,
    @Nullable SecretBytes presharedKey,
    @Nullable InetSocketAddress endpoint,
    List<Cidr> allowedIps,
    @Nullable Duration persistentKeepalive) {

  /** Copies and checks. */
  public PeerConfig {
    allowedIps = List.copyOf(allowedIps);
    if (presharedKey != null && presharedKey.length() != PublicKey.LENGTH) {
      throw new IllegalArgumentException("a pre-shared key has 32 octets");
    }
    if (endpoint != null && endpoint.isUnresolved()) {
      throw new IllegalArgumentException("an endpoint must be resolved: " + endpoint);
    }
    if (persistentKeepalive != null
        && (persistentKeepalive.toSeconds() < 1 || persistentKeepalive.toSeconds() > 65_535)) {
      throw new IllegalArgumentException(
          "a persistent keepalive is 1 s to 65535 s, not " + persistentKeepalive);
    }
  }

  /** A peer that calls us, or is called at {@code endpoint}. */
  public static PeerConfig of(
      PublicKey publicKey, @Nullable InetSocketAddress endpoint, Cidr... allowedIps) {
    return new PeerConfig(publicKey, null, endpoint, List.of(allowedIps), null);
  }

  /** With a pre-shared key. */
  public PeerConfig withPresharedKey(SecretBytes key) {
    return new PeerConfig(publicKey, key, endpoint, allowedIps, persistentKeepalive);
  }

  /** With a persistent keepalive. */
  public PeerConfig withPersistentKeepalive(Duration every) {
    return new PeerConfig(publicKey, presharedKey, endpoint, allowedIps, every);
  }

  /** With other allowed addresses. */
  public PeerConfig withAllowedIps(List<Cidr> prefixes) {
    return new PeerConfig(publicKey, presharedKey, endpoint, prefixes, persistentKeepalive);
  }
}

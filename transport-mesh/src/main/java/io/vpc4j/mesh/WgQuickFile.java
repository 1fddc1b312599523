package io.vpc4j.mesh;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A WireGuard interface as {@code wg-quick} files describe it: what {@code vpc4j mesh import} reads
 * and {@code vpc4j mesh config} writes. wg(8), wg-quick(8)
 *
 * @param self the file's {@code [Interface]}
 * @param peers its {@code [Peer]} sections, in order
 */
public record WgQuickFile(Self self, List<Peer> peers) {

  /** Copies. */
  public WgQuickFile {
    peers = List.copyOf(peers);
  }

  /**
   * Reads a file.
   *
   * @throws WgQuickException with all problems at once, each with its line
   */
  public static WgQuickFile read(String text) throws WgQuickException {
    return WgQuickReader.read(text);
  }

  /** The file's text, secrets included; {@link #read} gives an equal value back. */
  public String write() {
    return WgQuickWriter.write(this);
  }

  /**
   * An address of ours and the network that it lies in.
   *
   * @param address ours
   * @param prefixLength of the network on the link, 0 to 32 or 128
   */
  public record LinkAddress(IpAddress address, int prefixLength) {

    /** The network. */
    public Cidr network() {
      return Cidr.around(address, prefixLength);
    }

    @Override
    public String toString() {
      return address + "/" + prefixLength;
    }
  }

  /**
   * A key that we keep and do not act on: {@code PostUp}, {@code Table}, or one that we do not
   * know.
   *
   * @param key as written
   * @param value as written
   */
  public record Other(String key, String value) {}

  /**
   * Our own side.
   *
   * @param privateKey 32 octets
   * @param listenPort 1 to 65,535; empty for any
   * @param addresses ours; may be empty in a file for {@code wg setconf}
   * @param dns addresses of resolvers
   * @param searchDomains names among the {@code DNS} entries
   * @param mtuOctets of packets inside, 576 to 65,535; empty for the default
   * @param others in the file's order
   */
  public record Self(
      Secret privateKey,
      OptionalInt listenPort,
      List<LinkAddress> addresses,
      List<IpAddress> dns,
      List<String> searchDomains,
      OptionalInt mtuOctets,
      List<Other> others) {

    /** Copies. */
    public Self {
      addresses = List.copyOf(addresses);
      dns = List.copyOf(dns);
      searchDomains = List.copyOf(searchDomains);
      others = List.copyOf(others);
    }
  }

  /**
   * Somebody else.
   *
   * @param publicKey in base64
   * @param presharedKey 32 octets; empty for none
   * @param allowedIps its prefixes; host bits are cleared, as {@code wg} does
   * @param endpoint {@code host:port}, IPv6 in brackets; empty if it calls us
   * @param persistentKeepalive 1 s to 65,535 s; empty for {@code off}
   * @param others in the file's order
   */
  public record Peer(
      String publicKey,
      Optional<Secret> presharedKey,
      List<Cidr> allowedIps,
      Optional<String> endpoint,
      Optional<Duration> persistentKeepalive,
      List<Other> others) {

    /** Copies. */
    public Peer {
      allowedIps = List.copyOf(allowedIps);
      others = List.copyOf(others);
    }
  }
}

package io.vpc4j.core.directory;

import io.netty.channel.ChannelHandler;
import io.vpc4j.core.net.IpAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The simulated network: hosts that exist in this process alone, and what their ports lead to.
 *
 * @param hosts by name; names and addresses are unique
 */
public record SimulatedNetwork(Map<String, Host> hosts) {

  /** No host. */
  public static final SimulatedNetwork EMPTY = new SimulatedNetwork(Map.of());

  /** Copies. */
  public SimulatedNetwork {
    hosts = Map.copyOf(hosts);
  }

  /**
   * One simulated host.
   *
   * @param name in lower case; other hosts' aliases may lead to it
   * @param addresses its own; at least one, unless it is an alias
   * @param alias another name that this one stands for, as a CNAME does; empty for none
   * @param ports what each port leads to
   * @param scopes the hops' scopes that see it, such as {@code tunnel:ID}; empty for all
   * @param faults what goes wrong with it
   */
  public record Host(
      String name,
      List<IpAddress> addresses,
      Optional<String> alias,
      Map<Integer, Port> ports,
      Set<String> scopes,
      Faults faults) {
    /** Copies. */
    public Host {
      addresses = List.copyOf(addresses);
      ports = Map.copyOf(ports);
      scopes = Set.copyOf(scopes);
    }
  }

  /**
   * One port.
   *
   * @param target what it leads to
   * @param faults what goes wrong with it; the host's hold as well
   */
  public record Port(Target target, Faults faults) {}

  /** What a simulated port leads to. */
  public sealed interface Target {

    /**
     * A port of this machine.
     *
     * @param address a loopback address, unless the directory says otherwise in so many words
     */
    record Tcp(InetSocketAddress address) implements Target {}

    /**
     * A Unix socket of this machine.
     *
     * @param path where it is
     */
    record Unix(Path path) implements Target {}

    /**
     * A handler in this process; cannot be written in a file.
     *
     * @param handlers gives a fresh handler for the server's end of each connection
     */
    record InProcess(Supplier<ChannelHandler> handlers) implements Target {}
  }

  /**
   * What goes wrong, on purpose.
   *
   * @param connect what happens to a dial
   * @param dns what happens to a look-up of the name
   * @param delay before a dial is answered; zero for none
   * @param dnsDelay before a look-up is answered; zero for none
   * @param resetAfterOctets a reset once this many octets came from the far end; empty for never
   * @param badCertificate TLS with a certificate that nobody trusts, for another name
   */
  public record Faults(
      Connect connect,
      Dns dns,
      Duration delay,
      Duration dnsDelay,
      OptionalLong resetAfterOctets,
      boolean badCertificate) {

    /** Nothing goes wrong. */
    public static final Faults NONE =
        new Faults(
            Connect.ACCEPT, Dns.ANSWER, Duration.ZERO, Duration.ZERO, OptionalLong.empty(), false);

    /** What happens to a dial. */
    public enum Connect {
      /** It is accepted. */
      ACCEPT,
      /** A reset. */
      REFUSE,
      /** No answer, ever. */
      BLACK_HOLE,
      /** The far network says that it has no way there. */
      UNROUTABLE,
      /** The hop is known and not connected. */
      UNAVAILABLE
    }

    /** What happens to a look-up. */
    public enum Dns {
      /** It is answered. */
      ANSWER,
      /** There is no such name. */
      NXDOMAIN,
      /** The resolver fails. */
      SERVFAIL,
      /** No answer, ever. */
      BLACK_HOLE
    }
  }
}

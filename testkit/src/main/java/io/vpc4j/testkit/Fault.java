package io.vpc4j.testkit;

import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Faults.Connect;
import io.vpc4j.core.directory.SimulatedNetwork.Faults.Dns;
import java.time.Duration;
import java.util.OptionalLong;

/** What may go wrong with a host of a {@link PrivateNetwork}: one thing at a time. */
public final class Fault {

  private final Faults faults;

  private Fault(Connect connect, Dns dns) {
    this(new Faults(connect, dns, Duration.ZERO, Duration.ZERO, OptionalLong.empty(), false));
  }

  private Fault(Faults faults) {
    this.faults = faults;
  }

  Faults faults() {
    return faults;
  }

  /** Dials are refused. */
  public static Fault refuse() {
    return new Fault(Connect.REFUSE, Dns.ANSWER);
  }

  /** Dials are never answered. */
  public static Fault blackHole() {
    return new Fault(Connect.BLACK_HOLE, Dns.ANSWER);
  }

  /** The far network has no way there. */
  public static Fault unroutable() {
    return new Fault(Connect.UNROUTABLE, Dns.ANSWER);
  }

  /** The hop is known, and not connected. */
  public static Fault unavailable() {
    return new Fault(Connect.UNAVAILABLE, Dns.ANSWER);
  }

  /** The name does not exist. */
  public static Fault nxdomain() {
    return new Fault(Connect.ACCEPT, Dns.NXDOMAIN);
  }

  /** The resolver fails. */
  public static Fault servfail() {
    return new Fault(Connect.ACCEPT, Dns.SERVFAIL);
  }

  /** The resolver never answers. */
  public static Fault silentDns() {
    return new Fault(Connect.ACCEPT, Dns.BLACK_HOLE);
  }

  /** Dials are answered late. */
  public static Fault slow(Duration delay) {
    return new Fault(
        new Faults(Connect.ACCEPT, Dns.ANSWER, delay, Duration.ZERO, OptionalLong.empty(), false));
  }

  /** Names are resolved late. */
  public static Fault slowDns(Duration delay) {
    return new Fault(
        new Faults(Connect.ACCEPT, Dns.ANSWER, Duration.ZERO, delay, OptionalLong.empty(), false));
  }

  /** A connection is reset once {@code octets} came from the far end. */
  public static Fault resetAfter(long octets) {
    if (octets < 0) {
      throw new IllegalArgumentException("octets must not be negative, but are " + octets);
    }
    return new Fault(
        new Faults(
            Connect.ACCEPT,
            Dns.ANSWER,
            Duration.ZERO,
            Duration.ZERO,
            OptionalLong.of(octets),
            false));
  }

  /** TLS, with a certificate that nobody trusts. */
  public static Fault badCertificate() {
    return new Fault(
        new Faults(
            Connect.ACCEPT, Dns.ANSWER, Duration.ZERO, Duration.ZERO, OptionalLong.empty(), true));
  }
}

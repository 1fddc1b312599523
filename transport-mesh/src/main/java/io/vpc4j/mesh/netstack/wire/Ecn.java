package io.vpc4j.mesh.netstack.wire;

/** The two low bits of IPv4's type of service and IPv6's traffic class. RFC 3168 5 */
public enum Ecn {
  /** The sender cannot hear of congestion: routers drop. */
  NOT_ECT(0),
  /** Given to experiments by RFC 8311; as good as {@link #ECT_0} to a router. */
  ECT_1(1),
  /** The sender can hear of congestion: routers may mark. */
  ECT_0(2),
  /** A router marked the packet. */
  CE(3);

  private static final Ecn[] BY_BITS = {NOT_ECT, ECT_1, ECT_0, CE};

  private final int bits;

  Ecn(int bits) {
    this.bits = bits;
  }

  /** What the octet of the IP header says; the six bits above are the DSCP and are left out. */
  public static Ecn of(int trafficClass) {
    return BY_BITS[trafficClass & 3];
  }

  /** The two bits. */
  public int bits() {
    return bits;
  }
}

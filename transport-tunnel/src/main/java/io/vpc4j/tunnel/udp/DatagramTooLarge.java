package io.vpc4j.tunnel.udp;

import java.io.IOException;

/**
 * A datagram was not sent: it is larger than what travels through the tunnel now. That is 1,280
 * octets of payload at most ([T] 4.9, 4.10), and less while the path of the QUIC connection is not
 * known to carry packets of that size.
 */
public final class DatagramTooLarge extends IOException {

  private static final long serialVersionUID = 1L;

  private final int maxOctets;

  DatagramTooLarge(int octets, int maxOctets) {
    super("a datagram of %,d octets, and %,d at most travel now".formatted(octets, maxOctets));
    this.maxOctets = maxOctets;
  }

  /** The largest payload that would have travelled. */
  public int maxOctets() {
    return maxOctets;
  }
}

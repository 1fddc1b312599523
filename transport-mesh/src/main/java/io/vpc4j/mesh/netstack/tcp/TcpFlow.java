package io.vpc4j.mesh.netstack.tcp;

/**
 * What the stack knows of a connection before it begins.
 *
 * @param localPort our port, 1 to 65,535
 * @param remotePort the peer's port, 1 to 65,535
 * @param roomOctets what the interface leaves a segment, header and data: the MTU less the IP
 *     header; at least {@link #MIN_ROOM_OCTETS}
 * @param secret a keyed hash of both addresses and both ports, {@link
 *     io.vpc4j.mesh.netstack.wire.SipHash} with a key of the stack's: the initial sequence number
 *     (RFC 6528 3), the timestamps' offset (RFC 7323 7.1) and SYN cookies come from it
 */
public record TcpFlow(int localPort, int remotePort, int roomOctets, long secret) {

  /** IPv4's least MTU that can carry data at all usefully; 68 less a header of 20. RFC 791 */
  public static final int MIN_ROOM_OCTETS = 48;

  /** Checks the bounds. */
  public TcpFlow {
    if (localPort < 1 || localPort > 0xFFFF || remotePort < 1 || remotePort > 0xFFFF) {
      throw new IllegalArgumentException("not ports: " + localPort + ", " + remotePort);
    }
    if (roomOctets < MIN_ROOM_OCTETS || roomOctets > 0xFFFF) {
      throw new IllegalArgumentException("room of " + roomOctets + " octets for a segment");
    }
  }

  /** Our initial sequence number: a clock of 4 us a tick and the hash. RFC 6528 3, MUST-8 */
  int initialSequence(TcpHost host, long nowNs) {
    return (int) (host.sinceStartNs(nowNs) / 4_000) + (int) secret;
  }

  /**
   * TSval in milliseconds, with an offset that hides how long we have been up. RFC 7323 5.4, 7.1
   */
  int timestamp(TcpHost host, long nowNs) {
    return (int) (host.sinceStartNs(nowNs) / 1_000_000) + (int) (secret >>> 32);
  }

  @Override
  public String toString() { // never the hash
    return localPort + " > " + remotePort;
  }
}

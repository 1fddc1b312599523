package io.vpc4j.mesh.wireguard;

/**
 * What is bounded, and where. None of it is on the wire.
 *
 * @param mtuOctets of packets inside; padding ends there. Default 1,420 (1,500 less the outer IPv6
 *     header and ours); 576 to 65,535
 * @param maxPeers default 65,536; a peer takes about 1 KiB, and 10 KiB once it has sessions
 * @param maxStagedPackets that wait for one peer's handshake; the oldest makes room. Default 128
 * @param maxStagedOctets and their octets. Default 1 MiB
 * @param maxControlMessages handshake messages and cookie replies that wait to be polled; the
 *     newest is dropped. Default 1,024
 * @param maxEvents that wait to be polled; the oldest makes room. Default 4,096
 * @param initiationSpacingNs two initiations of one peer are at least so far apart; a nearer one is
 *     dropped. Default 20 ms
 * @param handshakesPerSecond of one source, under load. Default 20
 * @param handshakeBurst and at once. Default 5
 * @param maxSources that are remembered for that. Default 8,192
 */
public record WireGuardLimits(
    int mtuOctets,
    int maxPeers,
    int maxStagedPackets,
    int maxStagedOctets,
    int maxControlMessages,
    int maxEvents,
    long initiationSpacingNs,
    int handshakesPerSecond,
    int handshakeBurst,
    int maxSources) {

  /** The defaults named above. */
  public static final WireGuardLimits DEFAULTS =
      new WireGuardLimits(1420, 65_536, 128, 1 << 20, 1024, 4096, 20_000_000L, 20, 5, 8192);

  /** Checks the ranges. */
  public WireGuardLimits {
    if (mtuOctets < 576 || mtuOctets > 65_535) {
      throw new IllegalArgumentException("MTU must be 576 to 65535, not " + mtuOctets);
    }
    if (maxPeers < 1
        || maxStagedPackets < 1
        || maxStagedOctets < mtuOctets
        || maxControlMessages < 1
        || maxEvents < 1
        || handshakesPerSecond < 1
        || handshakeBurst < 1
        || maxSources < 1) {
      throw new IllegalArgumentException("a limit must let one through");
    }
  }

  /** With another MTU. */
  public WireGuardLimits withMtuOctets(int octets) {
    return new WireGuardLimits(
        octets,
        maxPeers,
        maxStagedPackets,
        maxStagedOctets,
        maxControlMessages,
        maxEvents,
        initiationSpacingNs,
        handshakesPerSecond,
        handshakeBurst,
        maxSources);
  }

  /** With another bound on packets that wait for a handshake. */
  public WireGuardLimits withMaxStagedPackets(int packets) {
    return new WireGuardLimits(
        mtuOctets,
        maxPeers,
        packets,
        maxStagedOctets,
        maxControlMessages,
        maxEvents,
        initiationSpacingNs,
        handshakesPerSecond,
        handshakeBurst,
        maxSources);
  }

  /** With other bounds on handshakes that one source may ask for under load. */
  public WireGuardLimits withHandshakes(int perSecond, int burst, int sources) {
    return new WireGuardLimits(
        mtuOctets,
        maxPeers,
        maxStagedPackets,
        maxStagedOctets,
        maxControlMessages,
        maxEvents,
        initiationSpacingNs,
        perSecond,
        burst,
        sources);
  }
}

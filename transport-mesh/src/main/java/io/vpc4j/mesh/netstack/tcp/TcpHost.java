package io.vpc4j.mesh.netstack.tcp;

import io.vpc4j.mesh.netstack.tcp.wire.TcpWriter;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of one stack share: the memory of their buffers and the count of those that
 * only wait out TIME-WAIT. Confined to the stack's loop.
 */
public final class TcpHost {

  private final TcpLimits limits;
  private final ArrayDeque<byte[]> free = new ArrayDeque<>();
  private long bufferedOctets;
  private int timeWaits;

  private boolean began;
  private long beganNs;

  /** Shared by every connection, since a header is written from start to end in one call. */
  final TcpWriter writer = new TcpWriter();

  /** With nothing in use. */
  public TcpHost(TcpLimits limits) {
    this.limits = limits;
  }

  /** The bounds. */
  public TcpLimits limits() {
    return limits;
  }

  /** Memory that the buffers of all connections hold now. */
  public long bufferedOctets() {
    return bufferedOctets;
  }

  /** Connections in TIME-WAIT now. */
  public int timeWaits() {
    return timeWaits;
  }

  /**
   * Time since the first call: what sequence numbers and timestamps are counted in, so that neither
   * jumps where the clock wraps.
   */
  long sinceStartNs(long nowNs) {
    if (!began) {
      began = true;
      beganNs = nowNs;
    }
    return nowNs - beganNs;
  }

  /** A chunk, or null at the limit. Its content is whatever it was. */
  byte @Nullable [] takeChunk() {
    if (bufferedOctets + OctetRing.CHUNK_OCTETS > limits.maxBufferedOctets()) {
      return null;
    }
    bufferedOctets += OctetRing.CHUNK_OCTETS;
    var chunk = free.pollLast();
    return chunk == null ? new byte[OctetRing.CHUNK_OCTETS] : chunk;
  }

  void giveBack(byte[] chunk) {
    bufferedOctets -= OctetRing.CHUNK_OCTETS;
    if ((free.size() + 1L) * OctetRing.CHUNK_OCTETS <= limits.maxPooledOctets()) {
      free.addLast(chunk);
    }
  }

  /** Whether buffers should not grow any more: half of the memory is in use. */
  boolean isPressed() {
    return bufferedOctets > limits.maxBufferedOctets() / 2;
  }

  /** False when there are too many. */
  boolean beginTimeWait() {
    if (timeWaits >= limits.maxTimeWait()) {
      return false;
    }
    timeWaits++;
    return true;
  }

  void endTimeWait() {
    timeWaits--;
  }
}

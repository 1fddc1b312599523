package io.vpc4j.mesh.netstack.tcp;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.Ecn;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One connection as a machine: segments, calls and the time go in; segments, events and a deadline
 * come out.
 *
 * <p>No thread, no socket, no lock, no clock. The stack's loop is its only caller. After any call
 * that takes the time, call {@link #poll} until it returns 0 and {@link #pollEvent} until it
 * returns null (in either order), then come back no later than {@link #deadlineNs}. Several calls
 * may be made before polling: acknowledgments and small writes are then gathered.
 *
 * <p>Time is {@code long nowNs} from some monotonic clock, the same for every call; it may be
 * negative and may wrap, like {@link System#nanoTime}.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class TcpConnection {

  /** What {@link #deadlineNs} is when nothing is awaited. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;

  private TcpConnection() {}

  /** An active open: the first {@link #poll} gives the SYN. RFC 9293 3.10.1 */
  public static TcpConnection open(TcpHost host, TcpFlow flow, TcpSettings settings, long nowNs) {
    throw new UnsupportedOperationException();
  }

  // ---- inputs: the network ---------------------------------------------------------------------

  /** A segment for this connection, its checksum already verified. RFC 9293 3.10.7 */
  public void onSegment(TcpSegment segment, long nowNs) {
    throw new UnsupportedOperationException();
  }

  /** Time has passed; {@link #deadlineNs} may have. Cheap when it has not. */
  public void onTime(long nowNs) {
    throw new UnsupportedOperationException();
  }

  /**
   * A router said "packet too big", or the stack learned otherwise how much the path takes.
   *
   * @param roomOctets what the path leaves a segment, header and data
   * @param quotedSeq the sequence number in the quoted header: only if it is in flight does the
   *     report count (RFC 5927 7.2)
   */
  public void onPathMtu(int roomOctets, int quotedSeq, long nowNs) {
    throw new UnsupportedOperationException();
  }

  /**
   * An ICMP error about one of our segments. RFC 9293 3.9.2.2
   *
   * @param quotedSeq as for {@link #onPathMtu}
   */
  public void onIcmpError(IcmpError error, int quotedSeq, long nowNs) {
    throw new UnsupportedOperationException();
  }

  // ---- inputs: the application -----------------------------------------------------------------

  /**
   * Takes octets to send. In SYN_SENT and SYN_RECEIVED they wait for the connection.
   *
   * @return how many, from 0 to {@code from.remaining()}; when fewer than all, {@link
   *     TcpEvent#WRITABLE} follows once there is room
   * @throws IllegalStateException after {@link #shutdownOutput}, {@link #close}, or when the
   *     connection has ended: ask {@link #canWrite}
   */
  public int write(ByteBuffer from, long nowNs) {
    throw new UnsupportedOperationException();
  }

  /**
   * Gives octets that have come, in order. Reading is what opens the window again, so {@link #poll}
   * may have something to send afterwards.
   *
   * @return how many, 0 when there are none now; the end of the stream is {@link #finished}
   */
  public int read(ByteBuffer to, long nowNs) {
    throw new UnsupportedOperationException();
  }

  /** As {@link #read}, but they stay. */
  public int peek(ByteBuffer to) {
    throw new UnsupportedOperationException();
  }

  /** No more will be written; what was is sent, then FIN. Reading goes on. RFC 9293 3.6 */
  public void shutdownOutput(long nowNs) {
    throw new UnsupportedOperationException();
  }

  /**
   * The application is done with both ways: what was written is still sent, then FIN. If data is
   * unread or more of it comes, the peer gets a reset, so that it knows. RFC 9293 3.10.4, RFC 2525
   * 2.17. Again, or after the end, it does nothing.
   */
  public void close(long nowNs) {
    throw new UnsupportedOperationException();
  }

  /** Ends at once, with a reset where the peer knows of us. RFC 9293 3.10.5 */
  public void abort(long nowNs) {
    throw new UnsupportedOperationException();
  }

  // ---- outputs ---------------------------------------------------------------------------------

  /**
   * Writes the next segment to send at the position of {@code out} and moves the position past it.
   * The checksum field is zero.
   *
   * @param out on the heap, big-endian, with {@link TcpFlow#roomOctets} remaining at least
   * @return its octets, header and data, or 0 when there is nothing to say now
   */
  public int poll(ByteBuffer out, long nowNs) {
    throw new UnsupportedOperationException();
  }

  /** What the IP header of the segment that {@link #poll} just gave must say. RFC 3168 6.1 */
  public Ecn polledEcn() {
    throw new UnsupportedOperationException();
  }

  /** What the application should know, or null. See {@link TcpEvent}. */
  public @Nullable TcpEvent pollEvent() {
    throw new UnsupportedOperationException();
  }

  /** When to call {@link #onTime} at the latest, or {@link #NO_DEADLINE}. */
  public long deadlineNs() {
    throw new UnsupportedOperationException();
  }

  // ---- facts -----------------------------------------------------------------------------------

  /** Where the connection stands. */
  public TcpState state() {
    throw new UnsupportedOperationException();
  }

  /** The ports and the room it was made with. */
  public TcpFlow flow() {
    throw new UnsupportedOperationException();
  }

  /** How it failed, or null: it has not. */
  public @Nullable TcpFailure failure() {
    throw new UnsupportedOperationException();
  }

  /** Octets that {@link #read} would give. */
  public int readable() {
    throw new UnsupportedOperationException();
  }

  /** Octets that {@link #write} would take, memory permitting. */
  public int writable() {
    throw new UnsupportedOperationException();
  }

  /** Whether {@link #write} is allowed. */
  public boolean canWrite() {
    throw new UnsupportedOperationException();
  }

  /** Whether the peer's FIN has come and everything before it has been read. */
  public boolean finished() {
    throw new UnsupportedOperationException();
  }

  /** Octets that were written and the peer has not acknowledged. */
  public int unacknowledged() {
    throw new UnsupportedOperationException();
  }

  /**
   * Whether {@code segment} is a SYN that begins a new connection between the same ports while this
   * one only waits in TIME-WAIT. The stack then forgets this one ({@link #abort}) and gives the
   * segment to the listener. RFC 9293 3.10.7.4 (MAY-2), RFC 6191
   */
  public boolean replaceableBy(TcpSegment segment) {
    throw new UnsupportedOperationException();
  }

  /** A snapshot; allocates. */
  public TcpStatistics statistics(long nowNs) {
    throw new UnsupportedOperationException();
  }
}

package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ACK;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.FIN;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.RST;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.SYN;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.SipHash;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A port that accepts: the LISTEN state as an object of its own. RFC 9293 3.10.7.2
 *
 * <p>The stack gives it each segment for its port that belongs to no connection. What it makes is a
 * {@link TcpConnection}, which the stack puts into its table at once; when the handshake is over
 * the connection also appears in {@link #accept}, once.
 *
 * <p>Two bounds: {@code maxHalfOpen} connections whose handshake is not over, and {@code
 * maxWaiting} that are established and that nobody has accepted. Past the first, SYNs are answered
 * with cookies and cost no memory (RFC 4987 3.6); past the second, SYNs and cookies are dropped,
 * and the peer asks again. Handshakes that were under way then still end well, so up to {@code
 * maxHalfOpen} more may wait.
 */
public final class TcpListener {

  private final TcpHost host;
  private final TcpSettings settings;
  private final int maxHalfOpen;
  private final int maxWaiting;
  private final SynCookies cookies;
  private final ArrayDeque<TcpConnection> waiting = new ArrayDeque<>();
  private int halfOpen;
  private boolean closed;
  private long cookiesGiven;
  private long dropped;

  /**
   * Begins to listen.
   *
   * @param settings of the connections it makes
   * @param maxHalfOpen handshakes under way, 0 or more; with 0 each SYN gets a cookie
   * @param maxWaiting established and not yet accepted, 1 or more
   * @param cookies keyed hash for SYN cookies, with a key nobody outside knows
   */
  public TcpListener(
      TcpHost host, TcpSettings settings, int maxHalfOpen, int maxWaiting, SipHash cookies) {
    if (maxHalfOpen < 0 || maxWaiting < 1) {
      throw new IllegalArgumentException("backlogs of " + maxHalfOpen + " and " + maxWaiting);
    }
    this.host = host;
    this.settings = settings;
    this.maxHalfOpen = maxHalfOpen;
    this.maxWaiting = maxWaiting;
    this.cookies = new SynCookies(host, cookies);
  }

  /**
   * A segment for this port from no known connection.
   *
   * @param flow its ports, ours first, with their hash
   * @param reply a segment that answers without a connection, a cookie or a reset, is written here
   *     at the position, as {@link TcpConnection#poll} does; the position stays if there is none
   * @return a connection to put into the table and to poll, or null
   */
  public @Nullable TcpConnection onSegment(
      TcpSegment segment, TcpFlow flow, ByteBuffer reply, long nowNs) {
    if (segment.has(RST)) { // first
      return null;
    }
    if (closed) {
      TcpReset.answer(segment, host, reply);
      return null;
    }
    if (segment.has(ACK)) { // second
      return onAck(segment, flow, reply, nowNs);
    }
    if (!segment.has(SYN) || segment.has(FIN)) { // third; SYN and FIN together are nobody's
      return null;
    }
    if (waiting.size() >= maxWaiting) {
      dropped++;
      return null;
    }
    if (halfOpen >= maxHalfOpen) {
      answerWithCookie(segment, flow, reply, nowNs);
      return null;
    }
    halfOpen++;
    return TcpConnection.accept(this, segment, flow, nowNs);
  }

  private @Nullable TcpConnection onAck(
      TcpSegment segment, TcpFlow flow, ByteBuffer reply, long nowNs) {
    var kept = segment.has(SYN) ? null : cookies.check(segment, flow, nowNs);
    if (kept == null) {
      TcpReset.answer(segment, host, reply);
      return null;
    }
    if (waiting.size() >= maxWaiting) {
      dropped++;
      return null;
    }
    halfOpen++;
    var connection = TcpConnection.accept(this, kept, segment, flow, nowNs);
    connection.onSegment(segment, nowNs);
    return connection;
  }

  private void answerWithCookie(TcpSegment syn, TcpFlow flow, ByteBuffer reply, long nowNs) {
    cookiesGiven++;
    var isn = cookies.give(syn, flow, nowNs);
    var window = Math.min(TcpSettings.INITIAL_BUFFER_OCTETS, settings.maxReceiveBufferOctets());
    var writer = host.writer.begin(reply, flow.localPort(), flow.remotePort());
    writer.numbers(isn, syn.seq() + 1).flags(SYN | ACK, window);
    writer.mss(flow.roomOctets() - TcpSegment.MIN_HEADER_OCTETS);
    if (syn.hasTimestamps()) { // without them there is nowhere to keep these two
      if (syn.sackPermitted()) {
        writer.sackPermitted();
      }
      writer.timestamps(cookies.stamp(syn, flow, nowNs), syn.tsVal());
      if (syn.windowScale() >= 0) {
        writer.windowScale(Inbound.scaleFor(settings));
      }
    }
    writer.end();
  }

  /** An established connection nobody has had yet, or null. */
  public @Nullable TcpConnection accept() {
    for (var next = waiting.poll(); next != null; next = waiting.poll()) {
      if (next.state() != TcpState.CLOSED) {
        return next;
      }
    }
    return null;
  }

  /**
   * Stops: connections that nobody accepted are aborted, each of which the stack then polls. Those
   * accepted go on.
   */
  public void close(long nowNs) {
    closed = true;
    for (var next = accept(); next != null; next = accept()) {
      next.abort(nowNs);
    }
  }

  /** Handshakes under way. */
  public int halfOpen() {
    return halfOpen;
  }

  /** Established, and nobody has had them. */
  public int waiting() {
    return waiting.size();
  }

  /** SYNs that were answered with a cookie. */
  public long cookiesGiven() {
    return cookiesGiven;
  }

  /** SYNs and cookies that were dropped because too many wait. */
  public long dropped() {
    return dropped;
  }

  // ---- its connections -------------------------------------------------------------------------

  TcpHost host() {
    return host;
  }

  TcpSettings settings() {
    return settings;
  }

  void onEstablished(TcpConnection connection, long nowNs) {
    halfOpen--;
    if (closed) {
      connection.abort(nowNs); // nobody can accept it any more
    } else {
      waiting.add(connection);
    }
  }

  void onHalfOpenEnded() {
    halfOpen--;
  }
}

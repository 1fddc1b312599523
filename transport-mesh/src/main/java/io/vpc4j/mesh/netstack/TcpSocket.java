package io.vpc4j.mesh.netstack;

import io.vpc4j.mesh.netstack.tcp.TcpConnection;
import io.vpc4j.mesh.netstack.tcp.TcpEvent;
import io.vpc4j.mesh.netstack.tcp.TcpState;
import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.InternetChecksum;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.PseudoHeader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection and its addresses: segments become packets here. Calls that may give something
 * to send, or another deadline, tell the stack so.
 */
public final class TcpSocket extends Flow {

  private final TcpConnection connection;
  private final long addresses; // the part of the pseudo-header that never changes
  private boolean closed;

  TcpSocket(Netstack stack, int link, Endpoints ends, TcpConnection connection) {
    super(stack, link, IpProtocol.TCP, ends);
    this.connection = connection;
    addresses = PseudoHeader.addresses(localHigh, localLow, remoteHigh, remoteLow);
  }

  // ---- calls of the owner ----------------------------------------------------------------------

  /** As {@link TcpConnection#write}. */
  public int write(ByteBuffer from, long nowNs) {
    var taken = connection.write(from, nowNs);
    stack.touched(this);
    return taken;
  }

  /** As {@link TcpConnection#read}. */
  public int read(ByteBuffer to, long nowNs) {
    var given = connection.read(to, nowNs);
    if (given > 0) {
      stack.touched(this);
    }
    return given;
  }

  /** As {@link TcpConnection#shutdownOutput}. */
  public void shutdownOutput(long nowNs) {
    connection.shutdownOutput(nowNs);
    stack.touched(this);
  }

  /** As {@link TcpConnection#close}. */
  public void close(long nowNs) {
    connection.close(nowNs);
    stack.touched(this);
  }

  /** As {@link TcpConnection#abort}. */
  public void abort(long nowNs) {
    connection.abort(nowNs);
    stack.touched(this);
  }

  /** As {@link TcpConnection#pollEvent}; after {@link TcpEvent#CLOSED} the stack forgets it. */
  public @Nullable TcpEvent pollEvent() {
    var event = connection.pollEvent();
    if (event == TcpEvent.CLOSED) {
      closed = true;
      stack.touched(this);
    }
    return event;
  }

  /** Whether we have ended it, and the other end has not yet said that it has everything. */
  boolean lingers() {
    return switch (connection.state()) {
      case FIN_WAIT_1, CLOSING, LAST_ACK -> true;
      case SYN_SENT, SYN_RECEIVED, ESTABLISHED, FIN_WAIT_2, CLOSE_WAIT, TIME_WAIT, CLOSED -> false;
    };
  }

  /** Whether the other end has everything, and has not yet ended its own side. */
  boolean awaitsPeersEnd() {
    return connection.state() == TcpState.FIN_WAIT_2;
  }

  /** For what it knows; calls that change it are made here. */
  public TcpConnection connection() {
    return connection;
  }

  // ---- calls of the stack ----------------------------------------------------------------------

  void onSegment(TcpSegment segment, long nowNs) {
    connection.onSegment(segment, nowNs);
    stack.touched(this);
    stack.ready(this);
  }

  @Override
  boolean pollPacket(ByteBuffer packet, long nowNs) {
    var at = packet.position();
    var transport = at + ip.headerOctets();
    packet.position(transport);
    var octets = connection.poll(packet, nowNs);
    if (octets == 0) {
      packet.position(at);
      return false;
    }
    var sum = InternetChecksum.pseudoHeader(addresses, IpProtocol.TCP, octets);
    sum += InternetChecksum.sum(packet.array(), packet.arrayOffset() + transport, octets);
    packet.putShort(transport + TcpSegment.CHECKSUM_OFFSET, (short) InternetChecksum.fold(sum));
    ip.writeHeader(packet, at, connection.polledEcn().bits(), octets, IpProtocol.TCP);
    packet.limit(transport + octets).position(at);
    return true;
  }

  @Override
  void onTime(long nowNs) {
    connection.onTime(nowNs);
  }

  @Override
  long deadlineNs() {
    return connection.deadlineNs();
  }

  @Override
  void onReadyUnowned(long nowNs) {
    for (var event = pollEvent(); event != null; event = pollEvent()) {
      // nobody is there to hear it
    }
  }

  @Override
  boolean over() {
    return closed;
  }

  @Override
  void onLinkDown(long nowNs) {
    connection.abort(nowNs);
    stack.ready(this);
  }
}

package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.ip.IpWriter;
import io.vpc4j.mesh.netstack.udp.DatagramQueue;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.PseudoHeader;
import io.vpc4j.mesh.netstack.wire.UdpHeader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket: connected to one other end, or bound to a port of ours. RFC 768, RFC 8085
 *
 * <p>To send, {@link #claim} room, fill it, and {@link #send}; a full queue says so rather than
 * losing a datagram. What comes while {@link #received} is full is lost and counted, as UDP's is.
 */
public final class UdpSocket extends Flow {

  /** Datagrams that wait, each way. */
  public static final int MAX_QUEUED = 256;

  /** Octets that wait, each way. */
  public static final int MAX_QUEUED_OCTETS = 512 << 10;

  /** What one datagram can carry over IPv4. */
  public static final int MAX_DATA_OCTETS = 65_507;

  private final DatagramQueue received = new DatagramQueue(MAX_QUEUED, MAX_QUEUED_OCTETS);
  private final DatagramQueue sending = new DatagramQueue(MAX_QUEUED, MAX_QUEUED_OCTETS);
  private int sentOfFirst; // octets of the first datagram that have left, where it is cut
  private int identification;
  private boolean wasFull;
  private boolean unreachable;
  private boolean closed;

  UdpSocket(Netstack stack, int link, Endpoints ends) {
    super(stack, link, IpProtocol.UDP, ends);
  }

  // ---- calls of the owner ----------------------------------------------------------------------

  /** Whether it has one other end. */
  public boolean connected() {
    return remotePort != 0;
  }

  /**
   * Makes room for a datagram to {@code to}; {@link #send} follows at once.
   *
   * @return where its octets belong, from index {@link UdpHeader#OCTETS}; null if the queue is full
   */
  public byte @Nullable [] claim(IpAddress to, int port, int toLink, int octets) {
    if (!sending.add(UdpHeader.OCTETS + octets, to.high(), to.low(), port, toLink)) {
      wasFull = true;
      return null;
    }
    return sending.lastOctets();
  }

  /** The datagram that was claimed is filled. */
  public void send() {
    stack.touched(this);
  }

  /** What came; the owner removes what it has read. */
  public DatagramQueue received() {
    return received;
  }

  /** Whether the other end has said since the last call that nobody has the port. */
  public boolean takeUnreachable() {
    var said = unreachable;
    unreachable = false;
    return said;
  }

  /** Closes it; what waits to be sent is still sent. */
  public void close() {
    closed = true;
    stack.touched(this);
  }

  // ---- calls of the stack ----------------------------------------------------------------------

  void onDatagram(IpPacket packet, int dataOctets, int fromLink) {
    var sourcePort = UdpHeader.sourcePort(packet.buffer(), packet.payloadAt());
    if (closed
        || !received.add(dataOctets, packet.srcHigh(), packet.srcLow(), sourcePort, fromLink)) {
      return; // the queue counts it
    }
    packet
        .buffer()
        .get(packet.payloadAt() + UdpHeader.OCTETS, received.lastOctets(), 0, dataOctets);
    stack.ready(this);
  }

  void onUnreachable() {
    unreachable = true;
    stack.ready(this);
  }

  @Override
  boolean pollPacket(ByteBuffer packet, long nowNs) {
    if (sending.size() == 0) {
      return false;
    }
    var datagram = sending.octets();
    var octets = sending.length();
    var to =
        connected() ? ip : new IpWriter(v6, localHigh, localLow, sending.high(), sending.low());
    if (sentOfFirst == 0) {
      var sum =
          PseudoHeader.sum(
              localHigh, localLow, sending.high(), sending.low(), IpProtocol.UDP, octets);
      var data = octets - UdpHeader.OCTETS;
      UdpHeader.write(datagram, 0, localPort, sending.port(), data, sum);
      identification = stack.nextIdentification();
    }
    var mtu = stack.mtu(sending.link(), sending.high(), sending.low(), nowNs);
    sentOfFirst +=
        to.writePiece(
            packet, IpProtocol.UDP, datagram, 0, octets, sentOfFirst, identification, mtu);
    stack.polledLink = sending.link();
    if (sentOfFirst == octets) {
      sentOfFirst = 0;
      sending.remove();
      if (wasFull) {
        wasFull = false;
        stack.ready(this);
      }
    }
    return true;
  }

  @Override
  void onTime(long nowNs) {}

  @Override
  long deadlineNs() {
    return Long.MAX_VALUE;
  }

  @Override
  void onReadyUnowned(long nowNs) {
    while (received.size() > 0) {
      received.remove();
    }
  }

  @Override
  boolean over() {
    return closed;
  }

  @Override
  void onLinkDown(long nowNs) {
    if (connected()) {
      onUnreachable();
    }
  }
}

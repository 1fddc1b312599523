package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.tcp.IcmpError;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.PseudoHeader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One echo request that waits for its reply. RFC 792, RFC 4443 4.1; RFC 1122 3.2.2.6 */
public final class EchoSocket extends Flow {

  /** How it stands. */
  public enum Outcome {
    /** Nothing has come. */
    WAITING,
    /** The reply has come. */
    REPLIED,
    /** A router or the host said that it cannot be reached, or the link is gone. */
    UNREACHABLE,
    /** The time is over. */
    TIMED_OUT
  }

  private final int dataOctets;
  private final long deadlineNs;
  private boolean sent;
  private long sentNs;
  private long roundTripNs;
  private int replyHopLimit;
  private @Nullable IcmpError error;
  private @Nullable IpAddress errorFrom;
  private Outcome outcome = Outcome.WAITING;

  EchoSocket(Netstack stack, int link, Endpoints ends, int dataOctets, long deadlineNs) {
    super(stack, link, IpProtocol.ICMP, ends);
    this.dataOctets = dataOctets;
    this.deadlineNs = deadlineNs;
  }

  /** How it stands. */
  public Outcome outcome() {
    return outcome;
  }

  /** From request to reply; 0 without one. */
  public long roundTripNs() {
    return roundTripNs;
  }

  /** How many hops the reply had left; 0 without one. */
  public int replyHopLimit() {
    return replyHopLimit;
  }

  /** Why it is {@link Outcome#UNREACHABLE}; null if it is not, or if the link is gone. */
  public @Nullable IcmpError error() {
    return error;
  }

  /** Who said so; null where nobody did. */
  public @Nullable IpAddress errorFrom() {
    return errorFrom;
  }

  /** Gives up; does nothing once it is over. */
  public void cancel() {
    if (outcome == Outcome.WAITING) {
      become(Outcome.TIMED_OUT);
    }
  }

  void onReply(int hopLimit, long nowNs) {
    if (outcome == Outcome.WAITING && sent) {
      roundTripNs = nowNs - sentNs;
      replyHopLimit = hopLimit;
      become(Outcome.REPLIED);
    }
  }

  /** RFC 1122 3.2.2: what is wrong with a header, and what asks for another way, ends nothing. */
  void onError(IcmpError what, IpAddress from) {
    if (outcome == Outcome.WAITING && what != IcmpError.PARAMETER_PROBLEM) {
      error = what;
      errorFrom = from;
      become(Outcome.UNREACHABLE);
    }
  }

  private void become(Outcome end) {
    outcome = end;
    stack.ready(this);
    stack.touched(this); // to be forgotten
  }

  @Override
  boolean pollPacket(ByteBuffer packet, long nowNs) {
    if (sent || outcome != Outcome.WAITING) {
      return false;
    }
    sent = true;
    sentNs = nowNs;
    var at = packet.position();
    var transport = at + ip.headerOctets();
    var octets = Icmp.OCTETS + dataOctets;
    packet.limit(transport + octets);
    for (var i = 0; i < dataOctets; i++) {
      packet.put(transport + Icmp.OCTETS + i, (byte) i);
    }
    var rest = (localPort << 16) | remotePort;
    if (v6) {
      var sum =
          PseudoHeader.sum(localHigh, localLow, remoteHigh, remoteLow, IpProtocol.ICMPV6, octets);
      Icmp.write(packet, transport, Icmp.V6_ECHO_REQUEST, 0, rest, dataOctets, sum);
      ip.writeHeader(packet, at, 0, octets, IpProtocol.ICMPV6);
    } else {
      Icmp.write(packet, transport, Icmp.V4_ECHO_REQUEST, 0, rest, dataOctets, 0);
      ip.writeHeader(packet, at, 0, octets, IpProtocol.ICMP);
    }
    return true;
  }

  @Override
  void onTime(long nowNs) {
    if (nowNs - deadlineNs >= 0) {
      cancel();
    }
  }

  @Override
  long deadlineNs() {
    return outcome == Outcome.WAITING ? deadlineNs : Long.MAX_VALUE;
  }

  @Override
  void onReadyUnowned(long nowNs) {}

  @Override
  boolean over() {
    return outcome != Outcome.WAITING;
  }

  @Override
  void onLinkDown(long nowNs) {
    if (outcome == Outcome.WAITING) {
      become(Outcome.UNREACHABLE);
    }
  }
}

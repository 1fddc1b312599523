package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.Deadline.NONE;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ACK;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.CWR;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ECE;

import io.vpc4j.mesh.netstack.tcp.Outbound.SynOptions;
import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import java.nio.ByteBuffer;

/** SYNs: what ours offer, what the peer's agree to, and how long one waits. RFC 9293 3.5 */
final class Handshake {

  /** An ECN-setup SYN is sent this often; then without, for what drops them. RFC 3168 6.1.1.1 */
  private static final int ECN_TRIES = 2;

  private final TcpHost host;
  private final TcpFlow flow;
  private final TcpSettings settings;
  private final Timers timers;
  private final Inbound in;
  private final Outbound out;
  private final Recovery recovery;

  private SynOptions options;
  private boolean owed;
  private int sends;
  private long firstSentNs;
  private boolean ecnAgreed;

  Handshake(TcpHost host, TcpFlow flow, TcpSettings settings, Outbound.Parts parts, Outbound out) {
    this.host = host;
    this.flow = flow;
    this.settings = settings;
    timers = parts.timers();
    in = parts.in();
    recovery = parts.recovery();
    this.out = out;
    var ecn = settings.ecn() == TcpSettings.Negotiation.ASK;
    options = new SynOptions(true, true, Inbound.scaleFor(settings), ecn);
  }

  /** Our SYN, or SYN-ACK, is to be sent. */
  void begin(long nowNs) {
    owed = true;
    out.onSynSent();
    timers.giveUpAt = Deadline.after(nowNs, settings.connectTimeoutNs());
  }

  /** Our SYN-ACK was a cookie that the peer has sent back: nothing is owed. */
  void beginFromCookie(long nowNs) {
    out.onSynSent();
    sends = 1;
    firstSentNs = nowNs;
  }

  /** The peer's SYN or SYN-ACK: what both want is used. */
  void onPeerSyn(TcpSegment syn, long nowNs) {
    in.onSyn(syn.seq());
    var answer = syn.has(ACK);
    var wanted = answer ? ECE : ECE | CWR;
    ecnAgreed = options.ecn() && (syn.flags() & (ECE | CWR)) == wanted;
    var scale = syn.windowScale() >= 0 ? options.scale() : -1;
    options = new SynOptions(syn.sackPermitted(), syn.hasTimestamps(), scale, ecnAgreed);
    if (syn.mss() >= 0) {
      out.usePeerMss(syn.mss());
    }
    agree(syn.windowScale(), syn.tsVal(), nowNs);
    out.onSynWindow(syn);
  }

  /** As {@link #onPeerSyn}, from what a cookie has kept of a SYN that nobody else did. */
  void onCookie(SynCookies.Kept kept, TcpSegment ack, long nowNs) {
    in.onSyn(ack.seq() - 1);
    out.usePeerMss(kept.mss());
    var scale = kept.scale() >= 0 ? options.scale() : -1;
    options = new SynOptions(kept.sack(), ack.hasTimestamps(), scale, false);
    agree(kept.scale(), ack.tsVal(), nowNs);
  }

  private void agree(int peerScale, int tsVal, long nowNs) {
    if (peerScale >= 0) {
      out.useScale(peerScale);
      in.useScale(options.scale());
    }
    if (options.sack()) {
      in.useSack();
      recovery.useSack();
    }
    if (options.timestamps()) {
      in.useTimestamps(tsVal, nowNs);
      out.useTimestamps();
      recovery.useTimestamps();
    }
    if (ecnAgreed) {
      out.useEcn();
    }
    recovery.setMaxSegment(out.maxSegmentOctets(), nowNs);
  }

  /** Whether a SYN waits to be polled. */
  boolean owed() {
    return owed;
  }

  /** The peer has not got our SYN-ACK: again, without waiting. */
  void oweAgain() {
    owed = true;
  }

  int poll(ByteBuffer packet, TcpState state, long nowNs) {
    owed = false;
    if (sends == 0) {
      firstSentNs = nowNs;
    }
    sends++;
    timers.handshakeAt = Deadline.after(nowNs, recovery.rtt.timeoutNs(sends - 1));
    return out.writeSyn(packet, state, options, nowNs);
  }

  /** The SYN was not answered in time. RFC 9293 3.8.3 */
  void onTimeout(TcpState state) {
    timers.handshakeAt = NONE;
    owed = true;
    if (state == TcpState.SYN_SENT && sends >= ECN_TRIES) {
      options = new SynOptions(options.sack(), options.timestamps(), options.scale(), false);
    }
  }

  /** Our SYN is acknowledged: the first round trip is known, and how much may be in flight. */
  void onEstablished(TcpSegment segment, long nowNs) {
    timers.handshakeAt = NONE;
    timers.giveUpAt = NONE;
    out.onSynAcknowledged(nowNs);
    if (sends == 1) {
      recovery.rtt.onSample(nowNs - firstSentNs, 1);
      in.onRoundTrip(nowNs - firstSentNs);
    } else if (options.timestamps() && segment.hasTimestamps()) {
      var sampleNs = (flow.timestamp(host, nowNs) - segment.tsEcr()) * 1_000_000L;
      if (sampleNs >= 0) {
        recovery.rtt.onSample(sampleNs, 1);
      }
    } else {
      recovery.rtt.onSynLost();
    }
    var mss = out.maxSegmentOctets();
    // A SYN that was lost is a sign of congestion: one segment. RFC 5681 3.1
    recovery.congestion.setWindow(sends > 1 ? mss : Congestion.initialWindow(mss));
  }

  boolean timestamps() {
    return options.timestamps();
  }
}

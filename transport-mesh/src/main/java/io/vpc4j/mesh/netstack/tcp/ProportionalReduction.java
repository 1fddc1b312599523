package io.vpc4j.mesh.netstack.tcp;

/**
 * How much may be sent while a recovery lasts: as many octets as ssthresh is of the flight for each
 * octet that is delivered, so that cwnd is there when it ends. RFC 6937 3
 */
final class ProportionalReduction {

  private long delivered;
  private long out;
  private int recoverFlight = 1;
  private boolean holeNamed;

  void begin(int flightOctets) {
    recoverFlight = flightOctets;
    delivered = 0;
    out = 0;
  }

  void onSent(int octets) {
    out += octets;
  }

  /** A hole is known for certain: its segment waits for nothing. RFC 6582 3.2, step 5 */
  void onHoleNamed() {
    holeNamed = true;
  }

  /** cwnd after an acknowledgment that has delivered so much. */
  int window(int deliveredOctets, int pipe, int ssthresh, int mss) {
    delivered += deliveredOctets;
    long more;
    if (pipe > ssthresh) {
      more = (delivered * ssthresh + recoverFlight - 1) / recoverFlight - out;
    } else { // the slow start reduction bound
      more = Math.min(ssthresh - pipe, Math.max(delivered - out, deliveredOctets) + mss);
    }
    if (out == 0 || holeNamed) {
      more = Math.max(more, mss); // the fast retransmission itself
      holeNamed = false;
    }
    return (int) (pipe + Math.max(0, more));
  }
}

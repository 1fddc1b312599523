package io.vpc4j.mesh.netstack.tcp;

/**
 * How large the receive buffer may become: twice what the application reads in a round trip.
 *
 * <p>A window of that size is never what holds the sender back, and one that is larger only holds
 * memory. So the buffer grows when the application has read more than half of it in one round trip,
 * and never for a sender alone. After "dynamic right-sizing", M. Fisk and W. Feng, 2001, as Linux
 * does it.
 *
 * <p>A receiver that sends nothing has no retransmission timer's measurement; the peer's echo of
 * our timestamps serves, taken downwards at once and upwards slowly, since the peer's pauses are in
 * it.
 */
final class ReceiveWindow {

  private final int maxOctets;
  private int capacityOctets;
  private long rttNs;
  private long roundBeganNs;
  private boolean began;
  private long readInRound;

  ReceiveWindow(int maxOctets) {
    this.maxOctets = maxOctets;
    capacityOctets = Math.min(TcpSettings.INITIAL_BUFFER_OCTETS, maxOctets);
  }

  int capacityOctets() {
    return capacityOctets;
  }

  /** A round trip measured somehow. */
  void onSample(long sampleNs) {
    var sample = Math.max(1_000_000, sampleNs);
    rttNs = rttNs == 0 || sample < rttNs ? sample : rttNs + (sample - rttNs) / 8;
  }

  /** The application has read so much; {@code host} must have room for a larger buffer. */
  void onRead(int octets, TcpHost host, long nowNs) {
    readInRound += octets;
    if (rttNs == 0 || capacityOctets == maxOctets) {
      return;
    }
    if (began && nowNs - roundBeganNs < rttNs) {
      return;
    }
    if (began && 2 * readInRound > capacityOctets && !host.isPressed()) {
      capacityOctets = (int) Math.min(maxOctets, Math.max(2L * capacityOctets, 2 * readInRound));
    }
    began = true;
    roundBeganNs = nowNs;
    readInRound = 0;
  }
}

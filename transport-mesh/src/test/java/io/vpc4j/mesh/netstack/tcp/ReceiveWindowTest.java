package io.vpc4j.mesh.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The receive buffer follows what the application reads in a round trip, and nothing else. */
class ReceiveWindowTest {

  private static final long RTT_NS = 10_000_000;
  private static final int LARGEST = 4 << 20;
  private static final int FIRST = TcpSettings.INITIAL_BUFFER_OCTETS;

  private final TcpHost host = new TcpHost(TcpLimits.defaults());
  private final ReceiveWindow window = new ReceiveWindow(LARGEST);
  private long nowNs;

  private void readInRounds(int rounds, int octetsEach, TcpHost at) {
    for (var round = 0; round < rounds; round++) {
      window.onRead(octetsEach, at, nowNs);
      nowNs += RTT_NS;
    }
  }

  @Test
  void itGrowsWhileTheApplicationReadsMoreThanHalfOfItInARoundTrip() {
    window.onSample(RTT_NS);
    readInRounds(1, FIRST, host); // the first round begins with it

    readInRounds(1, FIRST / 2 + 1, host);
    assertThat(window.capacityOctets()).isEqualTo(2 * FIRST);
    readInRounds(1, 3 * FIRST, host);
    assertThat(window.capacityOctets()).as("twice what was read").isEqualTo(6 * FIRST);
    readInRounds(20, LARGEST, host);
    assertThat(window.capacityOctets()).isEqualTo(LARGEST);
  }

  @Test
  void anApplicationThatReadsLessGetsNoMore() {
    window.onSample(RTT_NS);
    readInRounds(100, FIRST / 2, host);

    assertThat(window.capacityOctets()).isEqualTo(FIRST);
  }

  @Test
  void readingFasterThanARoundTripIsCountedOverAllOfIt() {
    window.onSample(RTT_NS);
    window.onRead(0, host, nowNs);
    for (var piece = 1; piece <= 4; piece++) {
      assertThat(window.capacityOctets()).as("before piece %d", piece).isEqualTo(FIRST);
      nowNs += RTT_NS / 4;
      window.onRead(FIRST / 4, host, nowNs);
    }
    assertThat(window.capacityOctets()).isEqualTo(2 * FIRST);
  }

  @Test
  void withoutAMeasuredRoundTripItStaysAsItIs() {
    readInRounds(100, LARGEST, host);

    assertThat(window.capacityOctets()).isEqualTo(FIRST);
  }

  @Test
  void nothingGrowsWhenHalfOfTheMemoryIsInUse() {
    var small = new TcpHost(new TcpLimits(4L * OctetRing.CHUNK_OCTETS, 0, 1));
    for (var chunk = 0; chunk < 3; chunk++) {
      assertThat(small.takeChunk()).isNotNull();
    }
    window.onSample(RTT_NS);
    readInRounds(100, LARGEST, small);

    assertThat(window.capacityOctets()).isEqualTo(FIRST);
  }
}

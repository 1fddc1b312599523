package io.vpc4j.mesh.node;

import java.util.OptionalInt;

/** How many of a peer's datagrams were lost of late: two counts, looked at once a second. */
final class LossWindow {

  private static final int SAMPLES = 60;

  private final long[] expected = new long[SAMPLES];
  private final long[] taken = new long[SAMPLES];
  private int count;

  /** What the counts are now. */
  void add(long expectedDatagrams, long takenDatagrams) {
    expected[count % SAMPLES] = expectedDatagrams;
    taken[count % SAMPLES] = takenDatagrams;
    count++;
  }

  /** Of a thousand that must have been sent since the oldest sample; empty if none was. */
  OptionalInt permille() {
    if (count == 0) {
      return OptionalInt.empty();
    }
    var latest = (count - 1) % SAMPLES;
    var oldest = count > SAMPLES ? count % SAMPLES : 0;
    var sent = expected[latest] - (count > SAMPLES ? expected[oldest] : 0);
    var came = taken[latest] - (count > SAMPLES ? taken[oldest] : 0);
    if (sent <= 0) {
      return OptionalInt.empty();
    }
    // what was late at the oldest sample may have come since: more than was sent since
    return OptionalInt.of((int) Math.max(0, 1_000 * (sent - came) / sent));
  }
}

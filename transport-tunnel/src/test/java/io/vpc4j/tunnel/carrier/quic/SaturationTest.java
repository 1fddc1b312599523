package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.tunnel.stream.ConnectResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Writers without limit in both directions starve nobody. */
class SaturationTest {

  private static final int POURING = 4;
  private static final int NEW_STREAMS = 50;

  private final QuicPair pair = new QuicPair();

  @AfterEach
  void end() {
    pair.close();
  }

  @Test
  void newStreamsAreAnsweredAndBothDirectionsGoOn() throws Exception {
    var up = new AtomicLong();
    var down = new AtomicLong();
    pair.origin("pour", stream -> stream.accept(ConnectResponse.connected(), new Pourer(up)));
    var edge = pair.connect();
    for (var i = 0; i < POURING; i++) {
      pair.open(edge, "pour", new Pourer(down));
    }
    QuicPair.until(() -> up.get() > 1 << 20 && down.get() > 1 << 20);

    var tookNs = new ArrayList<Long>();
    for (var i = 0; i < NEW_STREAMS; i++) {
      var upBefore = up.get();
      var downBefore = down.get();
      var startNs = System.nanoTime();
      var channel = pair.open(edge, "echo", new Recorder());
      tookNs.add(System.nanoTime() - startNs);
      channel.close();
      QuicPair.until(() -> up.get() > upBefore && down.get() > downBefore);
    }

    Collections.sort(tookNs);
    System.out.printf(
        "A new stream, with both directions full, was answered after %d ms (median), %d ms (most)%n",
        TimeUnit.NANOSECONDS.toMillis(tookNs.get(NEW_STREAMS / 2)),
        TimeUnit.NANOSECONDS.toMillis(tookNs.get(NEW_STREAMS - 1)));
    assertThat(tookNs).hasSize(NEW_STREAMS);
  }
}

package io.vpc4j.tunnel.carrier.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import org.junit.jupiter.api.Test;

class CalmTest {

  /** Wherever a ticker begins, and where it turns over. */
  private static final long[] BEGINNINGS = {0, 5, Long.MAX_VALUE - 5, Long.MIN_VALUE};

  private static void fill(Calm calm, long nowNs) throws Http2Exception {
    for (var i = 0; i < Calm.MAX_FRAMES; i++) {
      calm.onFrame(nowNs);
    }
  }

  @Test
  void oneMoreThanAllowedEndsTheConnection() throws Exception {
    for (var beginning : BEGINNINGS) {
      var calm = new Calm();
      fill(calm, beginning);

      assertThatThrownBy(() -> calm.onFrame(beginning + Calm.WINDOW_NS - 1))
          .isInstanceOfSatisfying(
              Http2Exception.class,
              e -> assertThat(e.error()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM));
    }
  }

  @Test
  void eachWindowBeginsAnew() throws Exception {
    for (var beginning : BEGINNINGS) {
      var calm = new Calm();
      for (var window = 0; window < 3; window++) {
        fill(calm, beginning + window * Calm.WINDOW_NS);
      }
    }
  }
}

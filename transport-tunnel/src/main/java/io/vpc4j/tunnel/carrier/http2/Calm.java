package io.vpc4j.tunnel.carrier.http2;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the frames of a peer that want an answer and have no stream: PING and SETTINGS. RFC 9113
 * 10.5
 *
 * <p>{@link #MAX_FRAMES} in {@link #WINDOW_NS}, which begins with the first of them. A connector
 * sends SETTINGS once and PING seldom; an edge of ours sends PING every 1.5 s. Each costs a few
 * octets and an answer, and a peer that does not read the answers has them kept: this is the bound
 * of that as well.
 */
final class Calm {

  /** So many are answered in one window. */
  static final int MAX_FRAMES = 1_000;

  /** How long a window is. */
  static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(10);

  private long windowBeganNs;
  private int frames;

  /**
   * One more has come.
   *
   * @throws Http2Exception ENHANCE_YOUR_CALM, of the connection, if it is one too many
   */
  void onFrame(long nowNs) throws Http2Exception {
    if (frames == 0 || nowNs - windowBeganNs >= WINDOW_NS) {
      windowBeganNs = nowNs;
      frames = 0;
    }
    frames++;
    if (frames > MAX_FRAMES) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM,
          "more than %d PING and SETTINGS in %d s",
          MAX_FRAMES,
          TimeUnit.NANOSECONDS.toSeconds(WINDOW_NS));
    }
  }
}

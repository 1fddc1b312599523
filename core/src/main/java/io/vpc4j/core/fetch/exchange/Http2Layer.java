package io.vpc4j.core.fetch.exchange;

import io.netty.channel.Channel;
import io.vpc4j.Limits;
import io.vpc4j.core.net.Ticker;

/** Speaks HTTP/2 on a channel. RFC 9113 */
@FunctionalInterface
public interface Http2Layer {

  /**
   * Adds its handlers to the channel's pipeline and sends the preface. Called on the channel's
   * event loop, behind TLS or with prior knowledge; returns at once, and exchanges may be started
   * at once.
   *
   * @param limits for the header bound and the windows
   */
  HttpConnection open(
      Channel channel, HttpConnection.Listener listener, Limits limits, Ticker ticker);
}

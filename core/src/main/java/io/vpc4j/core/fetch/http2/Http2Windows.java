package io.vpc4j.core.fetch.http2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * The windows of a connection and of its streams, both ways: Netty's flow controllers, asked and
 * told. RFC 9113 5.2. On the event loop.
 */
final class Http2Windows {

  private final Http2Handler handler;

  Http2Windows(Http2Handler handler) {
    this.handler = handler;
  }

  /** Makes the connection's own window as large as there is. */
  void open(ChannelHandlerContext context) {
    try {
      var flow = handler.connection().local().flowController();
      var root = handler.connection().connectionStream();
      flow.incrementWindowSize(
          root, Http2CodecUtil.MAX_INITIAL_WINDOW_SIZE - flow.windowSize(root));
      context.flush();
    } catch (Http2Exception e) {
      throw new IllegalStateException("the connection's window cannot grow", e);
    }
  }

  /**
   * The application took octets.
   *
   * @return whether a WINDOW_UPDATE is to be flushed
   */
  boolean consumed(int streamId, int octets) throws Http2Exception {
    var opened = handler.connection().stream(streamId);
    return opened != null // else over: what was not consumed went back with the stream
        && handler.connection().local().flowController().consumeBytes(opened, octets);
  }

  /** Whether the far end may not send: it owes nothing until the application takes some. */
  boolean full(int streamId) {
    var opened = handler.connection().stream(streamId);
    return opened != null
        && handler.connection().local().flowController().windowSize(opened) <= 0; // 6.9.2: or less
  }

  /** Whether more of a body may be written now. */
  boolean writable(int streamId) {
    var opened = handler.connection().stream(streamId);
    return opened != null && handler.encoder().flowController().isWritable(opened);
  }

  /** Whether the request's end is still to leave, be it unwritten or waiting for a window. */
  boolean sending(int streamId) {
    var opened = handler.connection().stream(streamId);
    return opened != null && opened.state().localSideOpen();
  }

  /** Whether the stream's own window lets octets leave. */
  boolean open(int streamId) {
    var opened = handler.connection().stream(streamId);
    return opened != null && handler.encoder().flowController().windowSize(opened) > 0;
  }
}

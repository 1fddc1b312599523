package io.vpc4j.core.fetch.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/** From frames to events; the last handler of the pipeline. On the event loop. */
final class FrameHandler extends ChannelInboundHandlerAdapter {

  private static final int NO_STATUS = 1005;
  private static final int ABNORMAL = 1006;
  private static final int INVALID_DATA = WebSocketCloseStatus.INVALID_PAYLOAD_DATA.code();

  private final ClientWebSocket socket;
  private final Incoming incoming;
  private @Nullable TextParts text; // of the text message under way, if it is one
  private boolean over;

  FrameHandler(ClientWebSocket socket, Incoming incoming) {
    this.socket = socket;
    this.incoming = incoming;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof WebSocketFrame frame && !over) {
        accept(frame);
      }
    } catch (CharacterCodingException e) {
      violated(INVALID_DATA, new ProtocolException("a text is not UTF-8"));
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void accept(WebSocketFrame frame) throws CharacterCodingException {
    var last = frame.isFinalFragment();
    if (frame instanceof TextWebSocketFrame) {
      text = new TextParts();
      offerText(frame.content(), last);
    } else if (frame instanceof BinaryWebSocketFrame) {
      text = null;
      incoming.offer(new Event.Binary(copy(frame.content()), last));
    } else if (frame instanceof ContinuationWebSocketFrame) {
      if (text != null) {
        offerText(frame.content(), last);
      } else {
        incoming.offer(new Event.Binary(copy(frame.content()), last));
      }
    } else if (frame instanceof PingWebSocketFrame) {
      socket.answer(frame.content());
      incoming.offer(new Event.Ping(copy(frame.content())));
    } else if (frame instanceof PongWebSocketFrame) {
      incoming.offer(new Event.Pong(copy(frame.content())));
    } else if (frame instanceof CloseWebSocketFrame close) {
      over = true;
      var code = close.statusCode() < 0 ? NO_STATUS : close.statusCode();
      incoming.offer(new Event.Close(code, close.reasonText()));
      socket.farEndClosed();
    }
  }

  private void offerText(ByteBuf octets, boolean last) throws CharacterCodingException {
    var parts = text;
    if (parts != null) {
      incoming.offer(new Event.Text(parts.next(octets, last), last));
      if (last) {
        text = null;
      }
    }
  }

  private static ByteBuffer copy(ByteBuf octets) {
    return ByteBuffer.wrap(ByteBufUtil.getBytes(octets)).asReadOnlyBuffer();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    incoming.wantsMore();
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended();
    ctx.fireChannelInactive();
  }

  /** The channel has closed. */
  void ended() {
    socket.takeOutput();
    if (!over) {
      over = true;
      incoming.offer(new Event.Close(ABNORMAL, "")); // RFC 6455 7.1.5
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause.getCause() instanceof CorruptedWebSocketFrameException corrupted) {
      violated(corrupted.closeStatus().code(), corrupted);
    } else if (cause instanceof CorruptedWebSocketFrameException corrupted) {
      violated(corrupted.closeStatus().code(), corrupted);
    } else {
      over = true;
      incoming.connectionFailed(cause);
    }
  }

  /** The far end broke the protocol: it is told why, and that is all. RFC 6455 7.1.7 */
  private void violated(int statusCode, Exception why) {
    if (!over) {
      over = true;
      incoming.fail(why, statusCode);
    }
  }
}

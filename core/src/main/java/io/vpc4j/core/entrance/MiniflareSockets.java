package io.vpc4j.core.entrance;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.vpc4j.VpcException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * What Miniflare's clients do over a WebSocket with the entrance itself: {@code connect()}, and
 * calls of methods, which a binding does not have.
 */
final class MiniflareSockets {

  /** RFC 6455 1.3. */
  private static final String WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  /** The largest frame of a client's: one write of a Worker's. */
  private static final int MAX_FRAME_OCTETS = 16 << 20;

  private MiniflareSockets() {}

  /**
   * A raw connection in frames. As the original does: the upgrade is answered first, and a dial
   * that fails is a close with code 1011.
   */
  static void connect(ChannelHandlerContext here, HttpDoor door, HttpRequest request, Visit visit)
      throws RefusedRequest {
    var way = HttpTarget.namedBinding(request, visit);
    var address = request.headers().get(HttpTarget.MF_CONNECT_ADDRESS, "");
    // A host and a port joined without brackets: the port is behind the last colon.
    var colon = address.lastIndexOf(':');
    var port = colon < 0 ? -1 : port(address.substring(colon + 1));
    if (colon <= 0 || port < 0) {
      throw new RefusedRequest(
          HttpResponseStatus.INTERNAL_SERVER_ERROR, "Specified address is missing port.");
    }
    var host = address.substring(0, colon);
    var framed = new FramedOctets();
    upgrade(here, door, request, framed);
    visit.dialRaw(
        way,
        host,
        port,
        upstream -> {},
        (VpcException why) -> framed.closeWith(FramedOctets.FAILED, "ProxyError: " + why.code()));
  }

  private static int port(String text) {
    try {
      var port = Integer.parseInt(text);
      return port <= 65_535 ? port : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** A session of calls: each is answered with a TypeError. */
  static void refuseRpc(ChannelHandlerContext here, HttpDoor door, HttpRequest request) {
    upgrade(here, door, request, new RpcRefusal());
    here.channel().config().setAutoRead(true);
  }

  private static void upgrade(
      ChannelHandlerContext here,
      HttpDoor door,
      HttpRequest request,
      io.netty.channel.ChannelHandler frames) {
    var response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    response.headers().set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    response
        .headers()
        .set(
            HttpHeaderNames.SEC_WEBSOCKET_ACCEPT,
            accept(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "")));
    here.writeAndFlush(response);
    here.pipeline()
        .addLast(
            new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder()
                    .expectMaskedFrames(true)
                    .allowExtensions(false)
                    .withUTF8Validator(false)
                    .maxFramePayloadLength(MAX_FRAME_OCTETS)
                    .build()),
            new WebSocket13FrameEncoder(false),
            frames);
    door.leave(here);
  }

  /** RFC 6455 4.2.2. */
  static String accept(String key) {
    try {
      var digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + WEBSOCKET_GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** The least of the protocol of calls that lets the caller see an error of its own language. */
  private static final class RpcRefusal extends SimpleChannelInboundHandler<WebSocketFrame> {
    private static final Pattern PULL = Pattern.compile("\\[\\s*\"pull\"\\s*,\\s*(\\d{1,9})\\s*]");

    @Override
    protected void channelRead0(ChannelHandlerContext here, WebSocketFrame frame) {
      if (frame instanceof PingWebSocketFrame) {
        here.writeAndFlush(new PongWebSocketFrame(frame.content().retain()));
      } else if (frame instanceof CloseWebSocketFrame) {
        here.writeAndFlush(new CloseWebSocketFrame(FramedOctets.NORMAL, ""))
            .addListener(said -> here.close());
      } else if (frame instanceof TextWebSocketFrame text) {
        var pull = PULL.matcher(text.text());
        if (pull.matches()) {
          here.writeAndFlush(
              new TextWebSocketFrame(
                  "[\"reject\","
                      + pull.group(1)
                      + ",[\"error\",\"TypeError\",\"This binding has fetch() and connect(), and no"
                      + " other method.\"]]"));
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
      here.close();
    }
  }
}

package io.vpc4j.core.entrance;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.ConnectAddress;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 with one client: absolute-form requests, {@code CONNECT}, and Miniflare's protocol, one
 * exchange at a time. RFC 9110 7.6 and 9.3.6, RFC 9112 3.2.2
 *
 * <p>A request is answered in this order: {@link #begin} learns what it wants, {@code Visit.dial}
 * connects, or the connection of the request before is used again, {@link #send} writes the head,
 * {@link #onMessage} writes what comes back. Both sides are read only when the other has room.
 *
 * <p>Confined to the client's loop.
 */
final class HttpDoor extends ChannelInboundHandlerAdapter implements Upstream.Listener {

  static final int MAX_LINE_OCTETS = 64 * 1024;
  static final int MAX_HEADER_OCTETS = 128 * 1024;

  private enum Phase {
    /** For a request. */
    WAITING,
    /** For a connection to the target. */
    DIALLING,
    /** The request goes out; its response may have begun. */
    SENDING,
    /** The request is out. */
    RECEIVING,
    /** The last answer has been given; what still comes in is dropped. */
    CLOSING
  }

  private final Visit visit;
  private final ResponseEncoder encoder = new ResponseEncoder();
  private final ArrayDeque<Object> held = new ArrayDeque<>(); // at most what one read brought
  private Phase phase = Phase.WAITING;
  private boolean draining;

  // of the exchange under way
  private @Nullable HttpTarget target;
  private HttpTarget.Kind kind = HttpTarget.Kind.FORWARD;
  private boolean keepAlive;
  private HttpVersion clientVersion = HttpVersion.HTTP_1_1;
  private boolean headWritten;
  private boolean interim; // the end of a 1xx is no end
  private boolean reused;

  private @Nullable Upstream upstream;
  private @Nullable HttpTarget upstreamTarget;
  private @Nullable ChannelHandlerContext context;

  private HttpDoor(Visit visit) {
    this.visit = visit;
  }

  static void addTo(ChannelPipeline pipeline, Visit visit) {
    var door = new HttpDoor(visit);
    pipeline.addLast(
        new HttpRequestDecoder(
            new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE_OCTETS)
                .setMaxHeaderSize(MAX_HEADER_OCTETS)),
        door.encoder,
        door);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    added.channel().config().setAutoRead(false);
    added.read();
  }

  // ---- the client

  @Override
  public void channelRead(ChannelHandlerContext here, Object message) {
    if (phase == Phase.CLOSING) {
      ReferenceCountUtil.release(message);
      return;
    }
    held.add(message);
    drain(here);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext here) {
    flushUpstream();
    readMore(here);
  }

  private void flushUpstream() {
    var to = upstream;
    if (to != null) {
      to.channel().flush();
    }
  }

  /** Goes on to the next request, which may have come already. */
  private void next(ChannelHandlerContext here) {
    phase = Phase.WAITING;
    target = null;
    visit.awaitAnother();
    drain(here);
    flushUpstream();
    readMore(here);
  }

  /** Asks the client for more, if there is room for it. */
  private void readMore(ChannelHandlerContext here) {
    var to = upstream;
    var room =
        switch (phase) {
          case WAITING, RECEIVING -> held.isEmpty(); // the latter to notice that the client left
          case DIALLING -> false;
          case SENDING -> held.isEmpty() && to != null && to.channel().isWritable();
          case CLOSING -> true;
        };
    if (room) {
      here.read();
    }
  }

  private void drain(ChannelHandlerContext here) {
    if (draining) {
      return; // a refusal within begin() comes back here
    }
    draining = true;
    try {
      while (!held.isEmpty()) {
        if (phase == Phase.WAITING) {
          start(here, held.remove());
        } else if (phase == Phase.SENDING && held.peek() instanceof HttpContent) {
          sendBody((HttpContent) held.remove());
        } else if (phase == Phase.CLOSING) {
          ReferenceCountUtil.release(held.remove());
        } else {
          return; // for the connection, or for the response before the next request
        }
      }
    } finally {
      draining = false;
    }
  }

  private void start(ChannelHandlerContext here, Object message) {
    if (!(message instanceof HttpRequest request)) {
      ReferenceCountUtil.release(message); // the rest of a request that has been answered
      return;
    }
    visit.requested();
    headWritten = false;
    interim = false;
    clientVersion = request.protocolVersion();
    keepAlive = HttpUtil.isKeepAlive(request);
    encoder.expect(request.method());
    target = null;
    kind = HttpTarget.isMiniflare(request) ? HttpTarget.Kind.MINIFLARE : HttpTarget.Kind.FORWARD;
    try {
      begin(here, request);
    } catch (RefusedRequest e) {
      answer(here, e.status(), e.text(), null);
    }
  }

  // ---- what a request wants

  private void begin(ChannelHandlerContext here, HttpRequest request) throws RefusedRequest {
    if (request.decoderResult().isFailure()) {
      keepAlive = false;
      throw new RefusedRequest(HttpResponseStatus.BAD_REQUEST, "This is not an HTTP request.");
    }
    if (!visit.guard().admits(request)) {
      throw new RefusedRequest(
          HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED,
          "This entrance wants to know who you are.");
    }
    if (request.method().equals(HttpMethod.CONNECT)) {
      connect(here, request.uri());
      return;
    }
    var upgrade = HttpTarget.isWebSocketUpgrade(request);
    if (upgrade && request.headers().contains(HttpTarget.MF_CONNECT_ADDRESS)) {
      MiniflareSockets.connect(here, this, request, visit);
      return;
    }
    if (upgrade && HttpTarget.isRpc(request)) {
      MiniflareSockets.refuseRpc(here, this, request);
      return;
    }
    var wanted =
        kind == HttpTarget.Kind.MINIFLARE
            ? HttpTarget.miniflare(request, visit)
            : HttpTarget.forward(request, visit.way());
    target = wanted;
    var last = upstreamTarget;
    var open = upstream;
    if (open != null && last != null && open.channel().isActive() && wanted.sameTarget(last)) {
      reused = true;
      send(open, wanted);
    } else {
      dial(here, wanted);
    }
  }

  private void connect(ChannelHandlerContext here, String authority) throws RefusedRequest {
    ConnectAddress to;
    try {
      to = ConnectAddress.parse(authority);
    } catch (IllegalArgumentException e) {
      throw new RefusedRequest(HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
    phase = Phase.DIALLING;
    keepAlive = false; // HTTP is over, whatever comes of it
    closeUpstream();
    here.pipeline().remove(HttpRequestDecoder.class); // what the client sent early is held here
    visit.dialRaw(
        to.host(),
        to.port(),
        channel -> {
          here.writeAndFlush(
              new DefaultHttpResponse(
                  HttpVersion.HTTP_1_1, new HttpResponseStatus(200, "Connection established")));
          leave(here);
        },
        why -> refuse(here, why));
  }

  /** Takes HTTP out of the client's pipeline; what was read and not used is passed on. */
  void leave(ChannelHandlerContext here) {
    var pipeline = here.pipeline();
    pipeline.remove(encoder);
    phase = Phase.CLOSING;
    for (var message = held.poll(); message != null; message = held.poll()) {
      if (message instanceof ByteBuf) {
        here.fireChannelRead(message);
        here.fireChannelReadComplete();
      } else {
        ReferenceCountUtil.release(message); // the empty end of the request that led here
      }
    }
    pipeline.remove(this);
    if (pipeline.get(HttpRequestDecoder.class) != null) {
      pipeline.remove(HttpRequestDecoder.class);
    }
  }

  // ---- the target

  private void dial(ChannelHandlerContext here, HttpTarget wanted) {
    phase = Phase.DIALLING;
    reused = false;
    closeUpstream();
    visit.dial(
        () ->
            wanted
                .way()
                .connect(
                    wanted.url(),
                    visit.connectTimeout(),
                    () -> Upstream.initializer(here.channel().eventLoop(), this)),
        channel -> dialled(here, channel, wanted),
        why -> refuse(here, why));
  }

  private void dialled(ChannelHandlerContext here, Channel channel, HttpTarget wanted) {
    var made = Upstream.of(channel);
    if (made == null) {
      refuse(here, terminated());
      return;
    }
    upstream = made;
    upstreamTarget = wanted;
    send(made, wanted);
    drain(here);
    made.channel().flush();
    made.channel().read();
    readMore(here);
  }

  private void send(Upstream to, HttpTarget wanted) {
    phase = Phase.SENDING;
    to.expect(wanted.request().method());
    to.channel().write(wanted.request());
  }

  private void sendBody(HttpContent content) {
    var to = upstream;
    if (to == null) {
      content.release();
      return;
    }
    if (content instanceof LastHttpContent) {
      phase = Phase.RECEIVING;
    }
    to.channel().write(content);
  }

  private void closeUpstream() {
    var open = upstream;
    upstream = null;
    upstreamTarget = null;
    if (open != null) {
      open.channel().close();
    }
  }

  // ---- the response

  @Override
  public void onMessage(Upstream from, HttpObject message) {
    var here = context;
    if (here == null || from != upstream || !here.channel().isActive()) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      fail(
          here,
          new VpcException(
              ErrorCode.HTTP_PROTOCOL_ERROR, Stage.RESPONSE, "The response is not HTTP."));
      return;
    }
    if (message instanceof HttpResponse response) {
      onHead(here, from, response);
    }
    if (message instanceof HttpContent content) {
      onContent(here, from, content);
    }
  }

  private void onHead(ChannelHandlerContext here, Upstream from, HttpResponse response) {
    var status = response.status();
    if (status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
      switchProtocols(here, from, response);
      return;
    }
    var wanted = target;
    if (wanted == null) {
      return;
    }
    interim = status.codeClass() == HttpStatusClass.INFORMATIONAL;
    var head =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1, status, HttpTarget.withoutHopByHop(response.headers()));
    if (interim) {
      if (clientVersion.equals(HttpVersion.HTTP_1_1)) {
        here.write(head);
      }
      return;
    }
    if (!HttpUtil.isKeepAlive(response)) {
      upstreamTarget = null; // not to be used again
    }
    if (!encoder.frame(head, clientVersion)) {
      keepAlive = false; // the end of the connection is the end of the body
    }
    if (kind == HttpTarget.Kind.MINIFLARE) {
      head.headers().set("MF-Forwarded-Response", "true");
    }
    if (phase == Phase.SENDING) {
      keepAlive = false; // answered before it was asked: what is left of the request is not wanted
    }
    HttpUtil.setKeepAlive(head, keepAlive);
    headWritten = true;
    here.write(head);
  }

  private void onContent(ChannelHandlerContext here, Upstream from, HttpContent content) {
    if (interim && content instanceof LastHttpContent) {
      interim = false;
      content.release();
      here.flush();
      return;
    }
    if (!headWritten) {
      content.release();
      return;
    }
    here.write(content);
    if (content instanceof LastHttpContent) {
      here.flush();
      finish(here, from);
    }
  }

  private void finish(ChannelHandlerContext here, Upstream from) {
    if (phase != Phase.RECEIVING || upstreamTarget == null) {
      closeUpstream();
    } else {
      from.channel().read(); // to notice that it was closed
    }
    if (!keepAlive) {
      close(here);
      return;
    }
    next(here);
  }

  private void switchProtocols(ChannelHandlerContext here, Upstream from, HttpResponse response) {
    var wanted = target;
    if (wanted == null || !wanted.request().headers().contains(HttpHeaderNames.UPGRADE)) {
      fail(
          here,
          new VpcException(
              ErrorCode.HTTP_PROTOCOL_ERROR,
              Stage.RESPONSE,
              "The target switched protocols without being asked to."));
      return;
    }
    upstream = null;
    upstreamTarget = null;
    var head =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1,
            response.status(),
            HttpTarget.withoutHopByHop(response.headers()));
    head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    head.headers().set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    here.write(head);
    here.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    var ends = new AtomicInteger();
    here.pipeline().addLast(new Relay(from.channel(), ends));
    leave(here);
    from.becomeRelay(here.channel(), ends);
    here.channel().read();
  }

  /** Behind a 101 that came with octets: the relay's first. */
  @Override
  public void onOctets(Upstream from, Object octets) {
    var here = context;
    if (here == null || !here.channel().isActive()) {
      ReferenceCountUtil.release(octets);
      return;
    }
    here.channel().writeAndFlush(octets);
  }

  @Override
  public void onReadComplete(Upstream from) {
    var here = context;
    if (here == null || from != upstream) {
      return;
    }
    here.flush();
    if (here.channel().isWritable()) {
      from.channel().read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext here) {
    var from = upstream;
    if (from != null && here.channel().isWritable()) {
      from.channel().read();
    }
  }

  @Override
  public void onWritable(Upstream from) {
    var here = context;
    if (here != null && from == upstream) {
      readMore(here);
    }
  }

  @Override
  public void onClosed(Upstream from) {
    var here = context;
    if (here == null || from != upstream) {
      return;
    }
    upstream = null;
    upstreamTarget = null;
    var wanted = target;
    if (phase == Phase.WAITING || wanted == null) {
      return; // between two requests: nobody minds
    }
    if (reused && !headWritten && phase == Phase.RECEIVING && wanted.mayBeRepeated()) {
      held.addFirst(LastHttpContent.EMPTY_LAST_CONTENT);
      dial(here, wanted); // it had been closed before the request came. RFC 9110 9.2.2
    } else {
      fail(here, terminated());
    }
  }

  private static VpcException terminated() {
    return new VpcException(
        ErrorCode.CONNECTION_TERMINATED,
        Stage.RESPONSE,
        "The connection ended before a response began.");
  }

  // ---- answers of our own

  private void fail(ChannelHandlerContext here, VpcException why) {
    closeUpstream();
    if (headWritten) {
      Relay.reset(here.channel()); // the client must not take this for the end of the body
    } else {
      refuse(here, why);
    }
  }

  private void refuse(ChannelHandlerContext here, VpcException why) {
    if (kind == HttpTarget.Kind.MINIFLARE) {
      answer(
          here, HttpResponseStatus.INTERNAL_SERVER_ERROR, "ProxyError: " + why.code(), why.code());
    } else {
      answer(here, Refusal.status(why.code()), String.valueOf(why.getMessage()), why.code());
    }
  }

  private void answer(
      ChannelHandlerContext here,
      HttpResponseStatus status,
      String text,
      @Nullable ErrorCode code) {
    var complete = phase == Phase.RECEIVING || held.peek() instanceof LastHttpContent;
    var response = Refusal.response(status, kind == HttpTarget.Kind.MINIFLARE ? text : text + "\n");
    if (code != null) {
      response.headers().set("Proxy-Status", Refusal.proxyStatus(code));
    }
    keepAlive = keepAlive && complete;
    HttpUtil.setKeepAlive(response, keepAlive);
    here.writeAndFlush(response);
    if (!keepAlive) {
      close(here);
      return;
    }
    next(here);
  }

  /** Ends the connection behind the last answer. */
  private void close(ChannelHandlerContext here) {
    phase = Phase.CLOSING;
    drain(here);
    Relay.closeBehind(here.channel());
  }

  /**
   * The client has ended its output. While a raw connection is dialled that is for the relay to
   * pass on; in HTTP it is taken for a client that has left, as it is by other proxies: the two
   * look alike.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext here, Object event) {
    if (event instanceof ChannelInputShutdownEvent
        && here.pipeline().get(HttpRequestDecoder.class) != null) {
      here.close();
    }
    here.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext here) {
    phase = Phase.CLOSING;
    drain(here);
    closeUpstream();
    here.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
    here.close();
  }
}

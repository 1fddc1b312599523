package io.vpc4j.tunnel.connector.serve;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.carrier.Trailers;
import io.vpc4j.tunnel.connector.config.IngressRules.Rule;
import io.vpc4j.tunnel.connector.config.OriginOptions.Http;
import io.vpc4j.tunnel.connector.serve.OriginHeads.Body;
import io.vpc4j.tunnel.connector.serve.OriginHeads.OriginRequest;
import io.vpc4j.tunnel.connector.serve.Origins.Origin;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request to an origin and its response, both streamed; or a WebSocket, which after its 101 is
 * octets both ways. [C] 3.4, 3.7, 4.3
 *
 * <p>Neither side is read before the other can be written to. A connection that had been kept and
 * turns out to be closed is replaced once, as long as nothing of the request's body has gone into
 * it; so is a stream of HTTP/2 that the origin did not look at. A fault before the response is a
 * refusal with the words of [C] 7.7; after it a reset.
 *
 * <p>Confined to the stream's loop.
 */
final class HttpExchange {

  private static final String UNREACHABLE = "Unable to reach the origin service. ";

  private final IncomingStream stream;
  private final Rule rule;
  private final Origin target;
  private final OriginRequest request;
  private final Origins origins;
  private final Counters counters;
  private final Optional<RequestTrace> trace;
  private final Optional<RequestTrace.Span> firstOctet;
  private @Nullable Channel origin;
  private @Nullable ByteBuf measured;
  private long bodyLeft;
  private boolean bodyBegun;
  private boolean requestDone;
  private boolean answered;
  private boolean responseDone;
  private boolean reusable;
  private boolean bodyEnded;
  private boolean bodySent;
  private boolean usedBefore;
  private boolean retried;
  private boolean upgraded;
  private boolean over;

  HttpExchange(
      IncomingStream stream,
      Rule rule,
      OriginRequest request,
      Origins origins,
      Counters counters,
      Optional<RequestTrace> trace) {
    this.trace = trace;
    firstOctet = trace.map(it -> it.begin("ttfb_origin"));
    this.stream = stream;
    this.rule = rule;
    target =
        Origins.origin(
            rule,
            OriginHeads.host(stream.request()),
            stream.request().type() == ConnectRequest.Type.WEBSOCKET
                ? Http.ONE // its handshake is of HTTP/1.1
                : rule.options().http());
    this.request = request;
    this.origins = origins;
    this.counters = counters;
  }

  /** Begins. On the loop. */
  void start() {
    stream.channel().config().setAutoRead(false);
    stream.channel().closeFuture().addListener(closed -> onStreamGone());
    frame();
    if (request.body() instanceof Body.Measured) {
      measure();
      return;
    }
    origins
        .connect(stream.channel().eventLoop(), target)
        .addListener((Future<Origins.Connection> dialled) -> onDialled(dialled));
  }

  /** The whole body first; then a connection that was never used, since it cannot be sent twice. */
  private void measure() {
    bodyBegun = true;
    stream.begin(
        new Measuring(
            Measuring.empty(stream.channel().alloc()),
            this::onMeasured,
            () ->
                fail(
                    "the request's body has no length, its origin takes no chunks, and more than "
                        + Measuring.MAX_OCTETS
                        + " octets are not collected")));
    stream.channel().read();
  }

  private void onMeasured(ByteBuf body) {
    measured = body;
    request.request().headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    stream.channel().pipeline().replace(Measuring.class, null, new StreamSide());
    origins
        .connectAnew(stream.channel().eventLoop(), target)
        .addListener((Future<Origins.Connection> dialled) -> onDialled(dialled));
  }

  /** Says how the body is framed. RFC 9112 6 */
  private void frame() {
    var headers = request.request().headers();
    if (request.body() instanceof Body.Length length) {
      bodyLeft = length.octets();
      headers.set(HttpHeaderNames.CONTENT_LENGTH, length.octets());
    } else if (request.body() instanceof Body.ToTheEnd) {
      bodyLeft = Long.MAX_VALUE;
      HttpUtil.setTransferEncodingChunked(request.request(), true);
    } else if (List.of("POST", "PUT", "PATCH").contains(request.request().method().name())) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, 0); // RFC 9110 8.6
    }
  }

  private void onDialled(Future<Origins.Connection> dialled) {
    if (!dialled.isSuccess()) {
      fail(UNREACHABLE + DialFailure.describe(rule.service().toString(), dialled.cause()));
      return;
    }
    var channel = dialled.getNow().channel();
    if (over) {
      channel.close();
      return;
    }
    origin = channel;
    usedBefore = dialled.getNow().used();
    channel.pipeline().addLast(new OriginSide());
    channel.write(request.request(), channel.voidPromise());
    var whole = measured;
    if (whole != null) {
      measured = null;
      requestDone = true;
      bodySent = true;
      channel.write(new DefaultLastHttpContent(whole), channel.voidPromise());
    } else if (bodyLeft == 0 || bodyEnded) {
      endRequest(channel);
    }
    channel.flush();
    channel.read();
    if (stream.request().type() != ConnectRequest.Type.WEBSOCKET) {
      begin(); // the body, or to notice that the edge gives up
    }
  }

  private void begin() {
    if (!bodyBegun) {
      bodyBegun = true;
      stream.begin(new StreamSide());
      stream.channel().read();
    }
  }

  private void endRequest(Channel channel) {
    requestDone = true;
    channel.write(LastHttpContent.EMPTY_LAST_CONTENT, channel.voidPromise());
  }

  // ---- the request's body

  /** The stream's last handler while HTTP is spoken. */
  private final class StreamSide extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var octets = (ByteBuf) message;
      var to = origin;
      if (!takesBody()) {
        octets.release(); // past the length that was announced, or of no use to anyone
        return;
      }
      if (to == null) {
        octets.release();
        fail(UNREACHABLE + "it closed the connection as the request's body came");
        return;
      }
      bodySent = true;
      if (octets.readableBytes() > bodyLeft) {
        octets.writerIndex(octets.readerIndex() + (int) bodyLeft);
      }
      if (request.body() instanceof Body.Length) {
        bodyLeft -= octets.readableBytes();
      }
      if (bodyLeft == 0) {
        requestDone = true;
        to.write(new DefaultLastHttpContent(octets), to.voidPromise());
      } else {
        to.write(new DefaultHttpContent(octets), to.voidPromise());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      var to = origin;
      if (to != null) {
        to.flush();
      }
      if (to == null || requestDone || to.isWritable()) {
        ctx.read();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (!(event instanceof ChannelInputShutdownEvent) || !takesBody()) {
        return;
      }
      if (request.body() instanceof Body.Length) {
        fail("the request ended before its Content-Length");
        return;
      }
      bodyEnded = true;
      var to = origin;
      if (to != null) {
        endRequest(to);
        to.flush();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      var from = origin;
      if (from != null && ctx.channel().isWritable()) {
        from.read();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close(); // the edge has given the request up
    }
  }

  /** Whether some of the body is still to come; of a request without one, nothing ever is. */
  private boolean takesBody() {
    return !over
        && !requestDone
        && (request.body() instanceof Body.Length || request.body() instanceof Body.ToTheEnd);
  }

  private void dropMeasured() {
    if (measured != null) {
      measured.release();
      measured = null;
    }
  }

  private void onStreamGone() {
    dropMeasured();
    var to = origin;
    if (!over) {
      over = true;
      if (to != null) {
        to.close();
      }
    }
  }

  // ---- the response

  /** The origin's last handler while HTTP is spoken. */
  private final class OriginSide extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (over) {
        ReferenceCountUtil.release(message);
      } else if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
        ReferenceCountUtil.release(message);
        fail(UNREACHABLE + "its response is not HTTP: " + part.decoderResult().cause());
      } else if (message instanceof HttpResponse response) {
        onHead(ctx, response);
      } else if (message instanceof HttpContent content) {
        onContent(content);
      } else {
        stream.channel().write(message); // after the 101, before the relay has begun
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      stream.channel().flush();
      if (!responseDone && (!answered || stream.channel().isWritable())) {
        ctx.read();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (bodyBegun && ctx.channel().isWritable()) {
        stream.channel().read();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        ctx.close(); // a body that ends with the connection has been completed by the codec
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      onOriginGone(ctx.channel(), cause);
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      onOriginGone(ctx.channel(), null);
    }
  }

  private void onHead(ChannelHandlerContext ctx, HttpResponse response) {
    var status = response.status().code();
    if (status < 200 && status != 101) {
      return; // an interim response; the real one follows. RFC 9110 15.2
    }
    answered = true;
    upgraded = status == 101;
    reusable = HttpUtil.isKeepAlive(response);
    counters.response(status);
    if (upgraded) {
      var codec = ctx.pipeline().get(HttpClientCodec.class);
      codec.prepareUpgradeFrom(ctx.pipeline().context(HttpClientCodec.class));
    }
    firstOctet.ifPresent(it -> it.end(Map.of("upstreamStatusCode", status)));
    var answer = OriginHeads.response(response);
    stream.answer(trace.map(it -> it.on(answer)).orElse(answer));
    begin();
  }

  private void onContent(HttpContent content) {
    if (!answered) {
      content.release(); // of an interim response
      return;
    }
    var to = stream.channel();
    if (!(content instanceof LastHttpContent last)) {
      to.write(content.content());
      return;
    }
    if (upgraded) {
      content.release();
      becomeRelay();
      return;
    }
    responseDone = true;
    over = true; // before the last octets: with them the stream may close, within the call
    var trailers = last.trailingHeaders();
    if (trailers.isEmpty()) {
      to.writeAndFlush(new LastOctets(content.content()));
    } else {
      to.write(content.content());
      var fields =
          trailers.entries().stream().map(field -> Map.entry(field.getKey(), field.getValue()));
      to.writeAndFlush(new Trailers(fields.toList()));
    }
    finish();
  }

  /** The response is complete: the stream closes, the connection is kept if it can be. */
  private void finish() {
    var from = origin;
    if (from != null) {
      if (reusable && requestDone) {
        from.pipeline().remove(OriginSide.class);
        origins.release(from, target);
      } else {
        from.close();
      }
    }
    stream.channel().close(); // what was written leaves first
  }

  private void onOriginGone(Channel channel, @Nullable Throwable cause) {
    if (over || channel != origin) {
      return;
    }
    if (mayRetry(cause)) {
      retried = true;
      requestDone = false;
      origin = null;
      origins
          .connectAnew(stream.channel().eventLoop(), target)
          .addListener((Future<Origins.Connection> dialled) -> onDialled(dialled));
      return;
    }
    fail(
        UNREACHABLE
            + (cause == null
                ? "it closed the connection before its response was complete"
                : DialFailure.reason(cause)));
  }

  /** Whether the origin cannot have seen the request, and nothing of its body is lost. */
  private boolean mayRetry(@Nullable Throwable cause) {
    return !answered && !bodySent && !retried && (usedBefore || cause instanceof Untouched);
  }

  // ---- WebSocket

  private void becomeRelay() {
    var from = origin;
    if (from == null) {
      return;
    }
    over = true; // of HTTP
    var to = stream.channel();
    var relay = new Relay(to, from, stream::reset);
    from.pipeline().replace(OriginSide.class, null, relay.originEnd());
    to.pipeline().replace(StreamSide.class, null, relay.streamEnd());
    // Not within the codec's own call: what it still holds passes it unchanged until then.
    from.eventLoop()
        .execute(
            () -> {
              if (from.pipeline().get(HttpClientCodec.class) != null) {
                from.pipeline().remove(HttpClientCodec.class);
              }
              relay.start();
            });
  }

  // ---- faults

  private void fail(String reason) {
    if (over) {
      return;
    }
    over = true;
    dropMeasured();
    counters.requestErrors.increment();
    var from = origin;
    if (from != null) {
      from.close();
    }
    if (answered) {
      stream.reset();
    } else {
      stream.refuse(ConnectResponse.failed(reason));
    }
  }
}

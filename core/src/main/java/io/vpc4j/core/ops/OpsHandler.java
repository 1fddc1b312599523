package io.vpc4j.core.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.NetUtil;
import io.vpc4j.core.ops.OpsAnswers.Answer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the server: one request after another, each answered as it comes. */
final class OpsHandler extends SimpleChannelInboundHandler<HttpObject> {

  private static final Logger LOG = LoggerFactory.getLogger(OpsHandler.class);
  private static final String TEXT = "text/plain; charset=utf-8";

  private final OpsAnswers answers;
  private final boolean loopback;
  private boolean closing;

  OpsHandler(OpsAnswers answers, boolean loopback) {
    this.answers = answers;
    this.loopback = loopback;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
    if (closing || !(message instanceof HttpRequest request)) {
      return; // what comes after a refusal, and the empty end of a request
    }
    if (!request.decoderResult().isSuccess()) {
      send(context, request, new Answer(400, TEXT, "Not a request.\n"));
    } else if (HttpUtil.isTransferEncodingChunked(request)
        || HttpUtil.getContentLength(request, 0L) > 0) {
      send(context, request, new Answer(413, TEXT, "A request here has no body.\n"));
    } else if (!isHead(request) && !request.method().equals(HttpMethod.GET)) {
      send(context, request, new Answer(405, TEXT, "GET and HEAD alone.\n"));
    } else if (loopback && !isLocal(request.headers().get(HttpHeaderNames.HOST))) {
      send(context, request, new Answer(421, TEXT, "Ask by the address, or as localhost.\n"));
    } else {
      send(context, request, answer(request.uri()));
    }
  }

  private Answer answer(String target) {
    try {
      return answers.get(target);
    } catch (RuntimeException e) {
      LOG.error("a part of the status could not be read", e);
      return new Answer(500, TEXT, "A part could not say how it stands; the log has it.\n");
    }
  }

  /** An address, or {@code localhost}, with or without a port; a name may lead here by mischief. */
  private static boolean isLocal(@Nullable String host) {
    if (host == null) {
      return true; // HTTP/1.0
    }
    int colon = host.lastIndexOf(':');
    boolean port = colon > host.lastIndexOf(']') && host.indexOf(':') == colon;
    boolean bracketed = host.startsWith("[") && colon > host.lastIndexOf(']');
    var name = port || bracketed ? host.substring(0, colon) : host;
    return name.equalsIgnoreCase("localhost")
        || NetUtil.isValidIpV4Address(name)
        || NetUtil.isValidIpV6Address(name);
  }

  private static boolean isHead(HttpRequest request) {
    return request.method().equals(HttpMethod.HEAD);
  }

  private void send(ChannelHandlerContext context, HttpRequest request, Answer answer) {
    var octets = answer.body().getBytes(UTF_8);
    var body =
        isHead(request)
            ? context.alloc().buffer(0)
            : ByteBufUtil.writeUtf8(context.alloc(), answer.body());
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .set(HttpHeaderNames.CONTENT_LENGTH, octets.length)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set("x-content-type-options", "nosniff");
    if (answer.status() == 405) {
      response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
    }
    var refused = answer.status() == 400 || answer.status() == 413;
    closing = refused || !HttpUtil.isKeepAlive(request);
    HttpUtil.setKeepAlive(response, !closing);
    var written = context.writeAndFlush(response);
    if (closing) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** A client that asks faster than it reads is not read from meanwhile. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(context.channel().isWritable());
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof ReadTimeoutException)) {
      LOG.debug("a connection for the status ended", cause);
    }
    context.close();
  }
}

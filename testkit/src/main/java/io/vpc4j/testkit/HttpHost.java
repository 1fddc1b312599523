package io.vpc4j.testkit;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.vpc4j.Headers;
import io.vpc4j.testkit.Exchange.Asked;
import io.vpc4j.testkit.Exchange.Reply;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** A simulated port that answers HTTP: the pipeline for each connection. */
final class HttpHost implements Supplier<ChannelHandler> {

  private static final int MAX_BODY_OCTETS = 16 << 20;

  private final Exchange.Handler handler;
  private final Executor executor;

  HttpHost(Exchange.Handler handler, Executor executor) {
    this.handler = handler;
    this.executor = executor;
  }

  @Override
  public ChannelHandler get() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(
                new HttpServerCodec(), new HttpObjectAggregator(MAX_BODY_OCTETS), new Answering());
      }
    };
  }

  private final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      var headers = Headers.builder();
      request.headers().forEach(field -> headers.add(field.getKey(), field.getValue()));
      var asked =
          new Asked(
              request.method().name(),
              request.uri(),
              headers.build(),
              request.content().toString(StandardCharsets.UTF_8));
      executor.execute(() -> context.writeAndFlush(response(answer(asked))));
    }

    private Reply answer(Asked asked) {
      try {
        return handler.answer(asked);
      } catch (Exception | AssertionError e) {
        return new Reply(500, Headers.empty(), String.valueOf(e.getMessage()));
      }
    }

    private DefaultFullHttpResponse response(Reply reply) {
      var body = Unpooled.wrappedBuffer(reply.octets());
      var response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()), body);
      reply.headers().forEach((name, value) -> response.headers().add(name, value));
      if (reply.status() != 204 && reply.status() != 304) {
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
      }
      return response;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // the client went away, or does not speak HTTP
    }
  }
}

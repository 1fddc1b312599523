package io.vpc4j.tunnel.connector.serve;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.connector.config.IngressRules;
import io.vpc4j.tunnel.connector.config.IngressRules.Rule;
import io.vpc4j.tunnel.connector.config.PathPattern.TooManySteps;
import io.vpc4j.tunnel.connector.config.Service;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.HeaderField;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Supplier;

/** Requests to origins, each to the service of its rule. [C] 7.8 */
public final class HttpRequests {

  private static final String HELLO =
      """
      <!doctype html>
      <title>It works</title>
      <p>This page comes from a connector of vpc4j, through a tunnel.
      """;

  private final Supplier<IngressRules> rules;
  private final Origins origins;
  private final WebSocketStreams webSockets;
  private final UUID connectorId;
  private final Counters counters;
  private final Tracer tracer;

  /**
   * Serves.
   *
   * @param rules asked anew for each request
   * @param connectorId origins are told it
   */
  public HttpRequests(
      Supplier<IngressRules> rules,
      Origins origins,
      WebSocketStreams webSockets,
      UUID connectorId,
      Counters counters,
      Tracer tracer) {
    this.tracer = tracer;
    this.rules = rules;
    this.origins = origins;
    this.webSockets = webSockets;
    this.connectorId = connectorId;
    this.counters = counters;
  }

  /** Answers one request. Called on the stream's loop. */
  void serve(IncomingStream stream) {
    var request = stream.request();
    try {
      var rule = rules.get().match(OriginHeads.host(request), OriginHeads.path(request));
      serve(stream, rule);
    } catch (IllegalArgumentException | TooManySteps e) {
      counters.requestErrors.increment();
      stream.refuse(ConnectResponse.failed(String.valueOf(e.getMessage())));
    }
  }

  private void serve(IncomingStream stream, Rule rule) {
    var service = rule.service();
    if (service instanceof Service.Status status) {
      answer(stream, OriginHeads.answer(status.code()), Unpooled.EMPTY_BUFFER);
    } else if (service instanceof Service.HelloWorld) {
      var type = new HeaderField("Content-Type", "text/html; charset=utf-8");
      var page = Unpooled.wrappedBuffer(HELLO.getBytes(StandardCharsets.UTF_8));
      answer(stream, OriginHeads.answer(200, type), page);
    } else if (service instanceof Service.Stream tcp) {
      if (stream.request().type() == ConnectRequest.Type.WEBSOCKET) {
        webSockets.serve(stream, tcp, rule.options());
      } else {
        var type = new HeaderField("Content-Type", "text/plain; charset=utf-8");
        var words = "This host carries TCP in a WebSocket; a plain request cannot be served.\n";
        var page = Unpooled.wrappedBuffer(words.getBytes(StandardCharsets.UTF_8));
        answer(stream, OriginHeads.answer(400, type), page);
      }
    } else {
      var request = OriginHeads.request(stream.request(), rule.options(), connectorId);
      var trace = tracer.of(stream.request());
      new HttpExchange(stream, rule, request, origins, counters, trace).start();
    }
  }

  /** An answer of the connector's own. The request's body is of no use to anyone. */
  private void answer(IncomingStream stream, ConnectResponse response, ByteBuf body) {
    counters.response(response.httpStatus().orElse(0));
    stream
        .accept(response, new Ignoring())
        .addListener(
            answered -> {
              if (answered.isSuccess()) {
                stream
                    .channel()
                    .writeAndFlush(new LastOctets(body))
                    .addListener(written -> stream.channel().close());
              } else {
                body.release();
              }
            });
  }

  /** Reads nothing in particular. */
  private static final class Ignoring extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}

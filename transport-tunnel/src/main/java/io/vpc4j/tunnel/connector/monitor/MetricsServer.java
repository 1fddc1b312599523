package io.vpc4j.tunnel.connector.monitor;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Answers {@code /ready}, {@code /metrics}, {@code /healthcheck} and {@code /config} over HTTP/1.1,
 * GET and HEAD alone, to at most {@value #MAX_CONNECTIONS} connections, each of which is closed
 * after {@value #IDLE_SECONDS} s without a request. It has no passwords.
 */
public final class MetricsServer implements AutoCloseable {

  private static final int MAX_CONNECTIONS = 64;
  private static final int IDLE_SECONDS = 15;
  private static final int MAX_REQUEST_OCTETS = 8 << 10;

  private final Channel listener;
  private final DefaultChannelGroup connections;

  private MetricsServer(Channel listener, DefaultChannelGroup connections) {
    this.listener = listener;
    this.connections = connections;
  }

  /**
   * Begins to answer.
   *
   * @param loops not closed here
   * @throws IOException if it cannot listen there
   */
  public static MetricsServer start(EventLoops loops, InetSocketAddress address, ConnectorView view)
      throws IOException {
    var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    var bound =
        new ServerBootstrap()
            .group(loops.group())
            .channelFactory(loops.serverSocketChannels())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (connections.size() >= MAX_CONNECTIONS) {
                      channel.close();
                      return;
                    }
                    connections.add(channel);
                    channel
                        .pipeline()
                        .addLast(
                            new ReadTimeoutHandler(IDLE_SECONDS, TimeUnit.SECONDS),
                            new HttpServerCodec(),
                            new HttpObjectAggregator(MAX_REQUEST_OCTETS),
                            new Answering(view));
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
    }
    return new MetricsServer(bound.channel(), connections);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** Stops, and closes every connection. Waits at most 2 s. May be called again. */
  @Override
  public void close() {
    listener.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
  }

  private static final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final ConnectorView view;

    Answering(ConnectorView view) {
      this.view = view;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      var head = request.method().equals(HttpMethod.HEAD);
      var path = request.uri();
      var query = path.indexOf('?');
      var page =
          head || request.method().equals(HttpMethod.GET)
              ? view.page(query < 0 ? path : path.substring(0, query))
              : new ConnectorView.Page(405, "text/plain; charset=utf-8", "GET or HEAD\n");
      var octets = page.text().getBytes(StandardCharsets.UTF_8);
      var response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.valueOf(page.status()),
              head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(octets));
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, page.type());
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, octets.length);
      var keep = request.decoderResult().isSuccess() && HttpUtil.isKeepAlive(request);
      HttpUtil.setKeepAlive(response, keep);
      var written = ctx.writeAndFlush(response);
      if (!keep) {
        written.addListener(ChannelFutureListener.CLOSE);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close(); // silence, or no HTTP
    }
  }
}

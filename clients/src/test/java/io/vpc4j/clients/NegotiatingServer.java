package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.Closeable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/2 or HTTP/1.1, as TLS negotiates it: says what it was asked. {@code /to?URL} is a redirect,
 * {@code /end} an end before the answer.
 */
final class NegotiatingServer implements Closeable {

  private static final int MAX_REQUEST_OCTETS = 1 << 20;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final int port;

  NegotiatingServer(X509Bundle shown) throws Exception {
    var tls =
        SslContextBuilder.forServer(shown.toKeyManagerFactory())
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2,
                    ApplicationProtocolNames.HTTP_1_1))
            .build();
    var listening =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Negotiated());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    port = ((InetSocketAddress) listening.localAddress()).getPort();
  }

  int port() {
    return port;
  }

  private static final class Negotiated extends ApplicationProtocolNegotiationHandler {
    Negotiated() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        var streams =
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                answer(stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true)));
              }
            };
        context
            .pipeline()
            .addLast(
                Http2FrameCodecBuilder.forServer().build(), new Http2MultiplexHandler(streams));
      } else {
        answer(context.pipeline().addLast(new HttpServerCodec()));
      }
    }

    private static void answer(ChannelPipeline pipeline) {
      pipeline.addLast(new HttpObjectAggregator(MAX_REQUEST_OCTETS), new Answers());
    }
  }

  private static final class Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      if (request.uri().equals("/end")) {
        context.close();
        return;
      }
      var to = request.uri().startsWith("/to?") ? request.uri().substring("/to?".length()) : null;
      var octets = ByteBufUtil.getBytes(request.content());
      var said =
          to != null
              ? "elsewhere"
              : request.method()
                  + " "
                  + request.uri()
                  + " "
                  + octets.length
                  + "#"
                  + Arrays.hashCode(octets);
      var response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              to == null ? HttpResponseStatus.OK : HttpResponseStatus.FOUND,
              Unpooled.copiedBuffer(said, UTF_8));
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
      if (to != null) {
        response.headers().set(HttpHeaderNames.LOCATION, to);
      }
      context.writeAndFlush(response);
    }
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}

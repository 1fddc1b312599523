package io.vpc4j.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.stream.ChunkedStream;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.pkitesting.CertificateBuilder;
import io.vpc4j.benchmarks.peers.Peer;
import io.vpc4j.core.net.EventLoops;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The one origin every client is measured against, a process of its own: {@code GET /128} gives 128
 * octets, {@code GET /N} gives N, {@code POST} gives the length of what was sent.
 *
 * <p>Prints {@code http PORT} and {@code https PORT} when it listens; ends with its standard input.
 */
public final class Origin {

  private Origin() {}

  /**
   * Listens until the standard input ends.
   *
   * @param arguments the file to write the authority's certificate to
   */
  public static void main(String[] arguments) throws Exception {
    var bundle =
        new CertificateBuilder()
            .subject("CN=origin")
            .setIsCertificateAuthority(true)
            .addSanIpAddress("127.0.0.1")
            .addSanIpAddress("10.0.1.50")
            .buildSelfSigned();
    Files.writeString(Path.of(arguments[0]), bundle.getCertificatePEM());
    var tls =
        SslContextBuilder.forServer(bundle.toKeyManagerFactory())
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2,
                    ApplicationProtocolNames.HTTP_1_1))
            .build();
    try (var loops = EventLoops.open(EventLoops.best(), 1)) {
      System.out.println("http " + port(listen(loops, null)));
      System.out.println("https " + port(listen(loops, tls)));
      System.out.flush();
      while (System.in.read() >= 0) {
        // whoever started us closes our input when it is done
      }
    }
  }

  private static Channel listen(EventLoops loops, @Nullable SslContext tls) throws Exception {
    return new ServerBootstrap()
        .group(loops.group())
        .channelFactory(loops.serverSocketChannels())
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                if (tls == null) {
                  http1(channel.pipeline());
                } else {
                  channel.pipeline().addLast(tls.newHandler(channel.alloc()), new ByAlpn());
                }
              }
            })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel();
  }

  private static int port(Channel channel) {
    return ((java.net.InetSocketAddress) channel.localAddress()).getPort();
  }

  private static void http1(ChannelPipeline pipeline) {
    pipeline.addLast(new HttpServerCodec(), new ChunkedWriteHandler(), new Answers());
  }

  private static final class ByAlpn extends ApplicationProtocolNegotiationHandler {
    ByAlpn() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      if (!protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        http1(context.pipeline());
        return;
      }
      var settings = Http2Settings.defaultSettings().initialWindowSize(1 << 20);
      context
          .pipeline()
          .addLast(
              Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
              new Http2MultiplexHandler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                      stream
                          .pipeline()
                          .addLast(
                              new Http2StreamFrameToHttpObjectCodec(true),
                              new ChunkedWriteHandler(),
                              new Answers());
                    }
                  }));
    }
  }

  private static final class Answers extends SimpleChannelInboundHandler<HttpObject> {
    private static final int SMALL_OCTETS = 64 * 1024;

    private @Nullable HttpRequest request;
    private long received;

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (message instanceof HttpRequest head) {
        request = head;
        received = 0;
      }
      if (message instanceof HttpContent content) {
        received += content.content().readableBytes();
      }
      var asked = request;
      if (message instanceof LastHttpContent && asked != null) {
        if (asked.method().name().equals("POST")) {
          small(context, Long.toString(received).getBytes(StandardCharsets.US_ASCII));
        } else {
          get(context, Long.parseLong(asked.uri().substring(1)));
        }
      }
    }

    private static void get(ChannelHandlerContext context, long length) {
      if (length <= SMALL_OCTETS) {
        small(context, new byte[(int) length]);
        return;
      }
      var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
      context.write(head);
      context.writeAndFlush(
          new HttpChunkedInput(new ChunkedStream(new Peer.Zeros(length), SMALL_OCTETS)));
    }

    private static void small(ChannelHandlerContext context, byte[] body) {
      var response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(body));
      response
          .headers()
          .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
          .set(HttpHeaderNames.CONTENT_TYPE, "application/octet-stream")
          .set(HttpHeaderNames.SERVER, "origin");
      context.writeAndFlush(response);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}

package io.vpc4j.tunnel;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.tunnel.carrier.ServerIdentity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An origin that speaks HTTP/2 over TLS, and HTTP/1.1 where it is not offered that. */
final class Http2Origin implements AutoCloseable {

  /** What the origin does with a request; called on its loop. */
  interface Script {
    /** The head has come. */
    void onHead(Exchange exchange, Http2Headers head, boolean end);

    /** Octets have come; they are released behind it. */
    default void onData(Exchange exchange, ByteBuf octets, boolean end) {}
  }

  /** One request, at the origin. */
  static final class Exchange {
    final Http2StreamChannel channel;
    final CompletableFuture<Long> reset;

    private Exchange(Channel channel) {
      this.channel = (Http2StreamChannel) channel;
      reset = new CompletableFuture<>();
    }

    void head(int status, boolean end, String... fields) {
      var headers = new DefaultHttp2Headers(false).status(Integer.toString(status));
      for (var i = 0; i < fields.length; i += 2) {
        headers.add(fields[i], fields[i + 1]);
      }
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, end));
    }

    void fields(boolean end, String... fields) {
      var headers = new DefaultHttp2Headers(false);
      for (var i = 0; i < fields.length; i += 2) {
        headers.add(fields[i], fields[i + 1]);
      }
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, end));
    }

    io.netty.channel.ChannelFuture data(ByteBuf octets, boolean end) {
      return channel.writeAndFlush(new DefaultHttp2DataFrame(octets, end));
    }

    void data(String text, boolean end) {
      data(ConnectorWorld.octets(text), end);
    }

    /** After what has been written has left. */
    void later(Runnable action) {
      channel.eventLoop().execute(action);
    }

    void reset(Http2Error error) {
      channel.writeAndFlush(new DefaultHttp2ResetFrame(error));
    }

    /**
     * Says that the connection takes no more requests, and that those after {@code last} were not
     * looked at.
     */
    void goAway(int last) {
      var pipeline = channel.parent().pipeline();
      var codec = pipeline.get(Http2FrameCodec.class);
      var ctx = pipeline.context(codec);
      codec.goAway(ctx, last, 0, ctx.alloc().buffer(0), ctx.newPromise());
      ctx.flush();
    }
  }

  final AtomicInteger connections = new AtomicInteger();
  final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
  private final Channel listener;

  /**
   * Listens on a port of 127.0.0.1.
   *
   * @param protocols what ALPN chooses from
   */
  Http2Origin(
      EventLoops loops,
      ServerIdentity identity,
      Http2Settings settings,
      List<String> protocols,
      Script script)
      throws Exception {
    var tls =
        SslContextBuilder.forServer(
                identity.key(), identity.chain().toArray(X509Certificate[]::new))
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    protocols))
            .build();
    listener =
        new ServerBootstrap()
            .group(loops.group())
            .channelFactory(loops.serverSocketChannels())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.incrementAndGet();
                    channel
                        .pipeline()
                        .addLast(tls.newHandler(channel.alloc()), new Chosen(settings, script));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly(20_000);
  }

  private final class Chosen extends ApplicationProtocolNegotiationHandler {
    private final Http2Settings settings;
    private final Script script;

    Chosen(Http2Settings settings, Script script) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.settings = settings;
      this.script = script;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        ctx.pipeline()
            .addLast(
                Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
                new Http2MultiplexHandler(
                    new ChannelInitializer<Channel>() {
                      @Override
                      protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new Serving(script));
                      }
                    }),
                new Rest());
      } else {
        ctx.pipeline().addLast(new Http1());
      }
    }
  }

  private final class Serving extends ChannelDuplexHandler {
    private final Script script;
    private Exchange exchange;

    Serving(Script script) {
      this.script = script;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      exchange = new Exchange(ctx.channel());
      exchanges.add(exchange);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof Http2HeadersFrame head) {
        script.onHead(exchange, head.headers(), head.isEndStream());
      } else if (message instanceof Http2DataFrame data) {
        script.onData(exchange, data.content(), data.isEndStream());
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        exchange.reset.complete(reset.errorCode());
      }
      ReferenceCountUtil.release(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** What belongs to no stream. */
  private static final class Rest extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      ReferenceCountUtil.release(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Answers each head with its first line, or a WebSocket's handshake with a 101. */
  @SuppressWarnings("StringConcatToTextBlock") // lines of HTTP end with CR LF
  private static final class Http1 extends ChannelInboundHandlerAdapter {
    private final StringBuilder heard = new StringBuilder();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      heard.append(((ByteBuf) message).toString(StandardCharsets.ISO_8859_1));
      ReferenceCountUtil.release(message);
      if (heard.indexOf("\r\n\r\n") < 0) {
        return;
      }
      var line = heard.substring(0, heard.indexOf("\r\n"));
      var upgrade = heard.toString().toLowerCase(java.util.Locale.ROOT).contains("upgrade: web");
      heard.setLength(0);
      ctx.writeAndFlush(
          ConnectorWorld.octets(
              upgrade
                  ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      + "Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
                  : "HTTP/1.1 200 OK\r\nContent-Length: " + line.length() + "\r\n\r\n" + line));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}

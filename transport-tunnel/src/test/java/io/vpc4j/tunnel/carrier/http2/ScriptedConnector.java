package io.vpc4j.tunnel.carrier.http2;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.tunnel.carrier.Windows;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * A connector's end of an HTTP/2 connection that does what a test says with each stream, and
 * remembers what it saw.
 */
final class ScriptedConnector implements Multiplexer.Owner, AutoCloseable {

  /** A stream the edge has opened: its head, and what may be done with it. */
  final class Stream {
    final Http2Headers head;
    private final MultiplexedStream stream;
    volatile StreamChannel channel;

    private Stream(MultiplexedStream stream, Http2Headers head) {
      this.stream = stream;
      this.head = head;
    }

    /** Answers with a head, and gives the octets to a handler. */
    void accept(Http2Headers answer, ChannelInboundHandlerAdapter handler) {
      multiplexer.writeHead(stream.id(), answer, false);
      channel = stream.begin(StreamChannel.AtPeersEnd.TELL, handler);
    }

    /** Answers with a head alone. */
    void end(Http2Headers answer) {
      multiplexer.writeHead(stream.id(), answer, true);
      stream.abandon(Http2Error.NO_ERROR);
    }

    void reset(Http2Error error) {
      multiplexer.reset(stream.id(), error);
    }
  }

  final Queue<Stream> streams = new ConcurrentLinkedQueue<>();
  final CompletableFuture<String> closed = new CompletableFuture<>();
  final CompletableFuture<Channel> control = new CompletableFuture<>();
  private final BiConsumer<ScriptedConnector, Stream> script;
  private Multiplexer multiplexer;
  private Channel connection;

  private ScriptedConnector(BiConsumer<ScriptedConnector, Stream> script) {
    this.script = script;
  }

  /** Dials; {@code script} is called with every stream but the control stream. */
  static ScriptedConnector dial(
      EventLoops loops,
      InetSocketAddress edge,
      X509Certificate authority,
      BiConsumer<ScriptedConnector, Stream> script)
      throws Exception {
    var connector = new ScriptedConnector(script);
    var tls = SslContextBuilder.forClient().trustManager(authority).protocols("TLSv1.3").build();
    var dialled =
        new Bootstrap()
            .group(loops.group())
            .channelFactory(loops.socketChannels())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            tls.newHandler(channel.alloc(), "h2.cftunnel.com", 7844),
                            connector.new AfterHandshake());
                  }
                })
            .connect(edge);
    if (!dialled.await(30, TimeUnit.SECONDS) || !dialled.isSuccess()) {
      throw new AssertionError("not connected", dialled.cause());
    }
    connector.connection = dialled.channel();
    return connector;
  }

  private final class AfterHandshake extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
        multiplexer = Multiplexer.create(Multiplexer.Role.SERVER, ScriptedConnector.this);
        ctx.pipeline().addLast(multiplexer, new LastHandler());
        multiplexer.openWindow();
        ctx.pipeline().remove(this);
      }
      super.userEventTriggered(ctx, event);
    }
  }

  /** Runs on the connection's loop. */
  void run(Runnable action) {
    connection.eventLoop().execute(action);
  }

  static Http2Headers ok() {
    return new DefaultHttp2Headers().status("200").set(ResponseHead.META, "{\"src\":\"origin\"}");
  }

  static Http2Headers refusal(String meta) {
    return new DefaultHttp2Headers().status("502").set(ResponseHead.META, meta);
  }

  /** Sends back what comes, and the end too. */
  static ChannelInboundHandlerAdapter echo() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        ctx.writeAndFlush(message);
      }

      @Override
      public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ctx.close();
      }
    };
  }

  /** Writes so much, and ends. */
  static ChannelInboundHandlerAdapter source(int octets) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelActive(ChannelHandlerContext ctx) {
        var piece = new byte[octets];
        for (var i = 0; i < octets; i++) {
          piece[i] = (byte) ((i * 31) >> 3);
        }
        ctx.writeAndFlush(Unpooled.wrappedBuffer(piece));
        ctx.close();
      }

      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        ((ByteBuf) message).release();
      }
    };
  }

  // ---- Multiplexer.Owner

  @Override
  public void onRequest(MultiplexedStream stream, Http2Headers head, boolean end) {
    var opened = new Stream(stream, head);
    if (RequestHead.CONTROL_STREAM.contentEquals(string(head, RequestHead.UPGRADE))) {
      opened.accept(
          new DefaultHttp2Headers().status("200"),
          new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
              control.complete(ctx.channel());
            }
          });
      return;
    }
    streams.add(opened);
    script.accept(this, opened);
  }

  static String string(Http2Headers head, CharSequence name) {
    var value = head.get(name);
    return value == null ? "" : value.toString();
  }

  @Override
  public void onPong(long payload) {}

  @Override
  public long nowNs() {
    return System.nanoTime();
  }

  @Override
  public long lingerNs() {
    return Windows.LINGER_NS;
  }

  @Override
  public void onRead() {}

  @Override
  public void onGoingAway(String why) {}

  @Override
  public void onClosed(String why) {
    closed.complete(why);
  }

  /** Resets the TCP connection, or rather ends it without a word. */
  @Override
  public void close() {
    connection.close().awaitUninterruptibly(5_000);
  }
}

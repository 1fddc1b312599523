package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.vpc4j.Request;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.fetch.exchange.Protocols;
import io.vpc4j.core.fetch.tls.NettyTls;
import io.vpc4j.core.fetch.websocket.NettyWebSockets;
import io.vpc4j.core.net.EventLoops;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets with a server that is not ours: Netty's. In the clear and over TLS. */
@Timeout(60)
class WebSocketInteropTest {

  private static final int BIG = 10 << 20;

  private final EventLoops serving = EventLoops.open(EventLoops.Io.NIO, 1);
  private final Engines engines =
      new Engines(
          new Protocols(
              new NettyTls(), Engines.plainOnly().http2(), new NettyWebSockets(), head -> null));

  @AfterEach
  void close() {
    engines.close();
    serving.close();
  }

  /** Echoes; {@code bye} is answered with a close. */
  private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      if (frame instanceof TextWebSocketFrame text && text.text().equals("bye")) {
        ctx.writeAndFlush(new CloseWebSocketFrame(4000, "as you like"));
      } else {
        ctx.writeAndFlush(frame.retain());
      }
    }
  }

  /** Serves; the first things in a connection's pipeline are TLS and what {@code add} adds. */
  private int serve(boolean tls, Channels add) throws Exception {
    SslContext context = null;
    if (tls) {
      var bundle =
          new CertificateBuilder()
              .subject("CN=127.0.0.1")
              .setIsCertificateAuthority(true)
              .addSanIpAddress("127.0.0.1")
              .buildSelfSigned();
      context = SslContextBuilder.forServer(bundle.toKeyManagerFactory()).build();
      engines.tls = new TlsSettings(TlsSettings.Mode.DISABLED, Optional.empty(), Optional.empty());
    }
    var ssl = context;
    var server =
        new ServerBootstrap()
            .group(serving.group())
            .channelFactory(serving.serverSocketChannels())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (ssl != null) {
                      var handler = ssl.newHandler(channel.alloc());
                      handler.setWrapDataSize(0); // a record for each write
                      channel.pipeline().addLast(handler);
                    }
                    add.to(channel);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  private interface Channels {
    void to(Channel channel);
  }

  private static void echo(Channel channel) {
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(),
            new HttpObjectAggregator(8_192),
            new WebSocketServerProtocolHandler(
                WebSocketServerProtocolConfig.newBuilder()
                    .websocketPath("/echo")
                    .subprotocols("v2")
                    .maxFramePayloadLength(BIG)
                    .build()),
            new Echo());
  }

  private WebSocket open(boolean tls, int port, WebSocket.Listener listener) throws Exception {
    var url = (tls ? "https" : "http") + "://127.0.0.1:" + port + "/echo";
    return engines
        .engine
        .fetch(
            Request.builder(url)
                .header("Upgrade", "websocket")
                .header("Sec-WebSocket-Protocol", "v1, v2")
                .build())
        .webSocket(listener);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tenMebibytesComeBack(boolean tls) throws Exception {
    var octets = new byte[BIG];
    new Random(1).nextBytes(octets);
    var back = ByteBuffer.allocate(BIG);
    var whole = new CompletableFuture<ByteBuffer>();
    var closed = new CompletableFuture<Integer>();
    var socket =
        open(
            tls,
            serve(tls, WebSocketInteropTest::echo),
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
                back.put(data);
                if (last) {
                  whole.complete(back.flip());
                }
                from.request(1);
                return null;
              }

              @Override
              public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                closed.complete(code);
                return null;
              }

              @Override
              public void onError(WebSocket from, Throwable error) {
                whole.completeExceptionally(error);
              }
            });
    assertThat(socket.getSubprotocol()).isEqualTo("v2");
    socket
        .sendBinary(ByteBuffer.wrap(octets, 0, BIG / 2), false)
        .thenCompose(sent -> sent.sendBinary(ByteBuffer.wrap(octets, BIG / 2, BIG / 2), true))
        .get(30, TimeUnit.SECONDS);

    assertThat(whole.get(30, TimeUnit.SECONDS)).isEqualTo(ByteBuffer.wrap(octets));
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "enough").get(30, TimeUnit.SECONDS);
    assertThat(closed.get(30, TimeUnit.SECONDS)).isEqualTo(1000);
    engines.untilNothingIsLeft();
  }

  @Test
  void theServerMayCloseFirst() throws Exception {
    var heard = new Heard(2);
    var socket = open(false, serve(false, WebSocketInteropTest::echo), heard);
    socket.sendText("bye", true).get(30, TimeUnit.SECONDS);

    assertThat(heard.next()).startsWith("open");
    assertThat(heard.next()).isEqualTo("close 4000 as you like");
    engines.untilNothingIsLeft();
    assertThat(socket.isOutputClosed()).isTrue();
  }

  /** The 101 and a frame are two records of TLS that come in one segment. */
  @Test
  void aServerThatSpeaksFirstIsHeardOverTls() throws Exception {
    var port = serve(true, channel -> channel.pipeline().addLast(new Eager()));
    var heard = new Heard(10);
    open(true, port, heard);

    assertThat(heard.next()).startsWith("open");
    assertThat(heard.next()).isEqualTo("text first");
    assertThat(heard.next()).isEqualTo("close 1001 ");
    engines.untilNothingIsLeft();
  }

  /** Says everything at once, and leaves when the reply comes. */
  private static final class Eager extends SimpleChannelInboundHandler<ByteBuf> {
    private final StringBuilder head = new StringBuilder();
    private boolean said;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf octets) throws Exception {
      if (said) {
        ctx.close();
        return;
      }
      head.append(octets.toString(StandardCharsets.US_ASCII));
      if (head.indexOf("\r\n\r\n") > 0) {
        var answer =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + RawFrames.acceptOf(head.toString())
                + "\r\n\r\n";
        ctx.write(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII));
        ctx.write(Unpooled.wrappedBuffer(RawFrames.last(RawFrames.TEXT, "first")));
        ctx.writeAndFlush(Unpooled.wrappedBuffer(RawFrames.close(1001)));
        said = true;
      }
    }
  }
}

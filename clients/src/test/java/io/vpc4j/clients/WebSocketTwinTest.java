package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.vpc4j.testkit.FreePort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JDK's own WebSocket is the oracle, as its client is in {@link HttpClientTwinTest}. */
@Timeout(120)
class WebSocketTwinTest {

  /** What a program does with a client, and what it sees. */
  @FunctionalInterface
  interface Case {
    Object run(HttpClient client, String base) throws Exception;
  }

  private static EventLoopGroup loops;
  private static int port;
  private static int httpPort;
  private static int nobody;
  private static CaseServer http;
  private static PrivateWorld world;

  @BeforeAll
  static void start() throws Exception {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    var listening =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(),
                            new HttpObjectAggregator(65_536),
                            new WebSocketServerProtocolHandler("/ws", "chat,news", true, 1 << 20),
                            new Echo());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    port = ((InetSocketAddress) listening.localAddress()).getPort();
    http = new CaseServer();
    httpPort = http.port();
    nobody = FreePort.next();
    world = PrivateWorld.simulated(port, httpPort, nobody);
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
    http.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      if (frame instanceof TextWebSocketFrame text && text.text().equals("bye")) {
        context.writeAndFlush(new CloseWebSocketFrame(4_001, "bye to you"));
      } else {
        context.writeAndFlush(frame.retain());
      }
    }
  }

  static Iterable<String> cases() {
    return CASES.keySet();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void bothDoTheSame(String name) throws Exception {
    var expected = outcome(CASES.get(name), HttpClient.newHttpClient(), "ws://127.0.0.1:");
    var actual =
        outcome(CASES.get(name), world.network().httpClient(), "ws://" + world.host() + ":");

    assertThat(actual).isEqualTo(expected).isNotEmpty();
  }

  private static String outcome(Case what, HttpClient client, String base) {
    try {
      return String.valueOf(what.run(client, base));
    } catch (ExecutionException e) {
      return "threw " + e.getCause().getClass().getName();
    } catch (Exception e) {
      return "threw " + e.getClass().getName();
    }
  }

  /** Writes down what it hears; complete when the socket is closed or has failed. */
  private static final class Ear implements WebSocket.Listener {
    private final StringJoiner heard = new StringJoiner("; ");
    final CompletableFuture<String> over = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private int octets;

    @Override
    public void onOpen(WebSocket socket) {
      heard.add("open " + socket.getSubprotocol());
      socket.request(1);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        heard.add("text " + text.length() + "#" + text.toString().hashCode());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      octets += data.remaining();
      if (last) {
        heard.add("binary " + octets);
        octets = 0;
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      heard.add("pong " + UTF_8.decode(message));
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      heard.add("close " + code + " " + reason);
      over.complete(heard.toString());
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      heard.add("error " + failure.getClass().getName());
      over.complete(heard.toString());
    }
  }

  private static WebSocket open(HttpClient client, String base, Ear ear, String... protocols)
      throws Exception {
    var builder = client.newWebSocketBuilder();
    if (protocols.length > 0) {
      builder.subprotocols(protocols[0], Arrays.copyOfRange(protocols, 1, protocols.length));
    }
    return builder.buildAsync(URI.create(base + port + "/ws"), ear).get(20, TimeUnit.SECONDS);
  }

  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static {
    CASES.put(
        "text, binary and a ping",
        (client, base) -> {
          var ear = new Ear();
          var socket = open(client, base, ear);
          socket.sendText("hello", true).get(20, TimeUnit.SECONDS);
          socket.sendBinary(ByteBuffer.wrap(new byte[100_000]), true).get(20, TimeUnit.SECONDS);
          socket.sendPing(ByteBuffer.wrap("x".getBytes(UTF_8))).get(20, TimeUnit.SECONDS);
          socket.sendText("bye", true).get(20, TimeUnit.SECONDS);
          return ear.over.get(20, TimeUnit.SECONDS);
        });
    CASES.put(
        "a message in parts",
        (client, base) -> {
          var ear = new Ear();
          var socket = open(client, base, ear);
          socket.sendText("a".repeat(50_000), true).get(20, TimeUnit.SECONDS);
          socket.sendText("b".repeat(10), true).get(20, TimeUnit.SECONDS);
          socket.sendText("bye", true).get(20, TimeUnit.SECONDS);
          return ear.over.get(20, TimeUnit.SECONDS);
        });
    CASES.put(
        "closed by us",
        (client, base) -> {
          var ear = new Ear();
          var socket = open(client, base, ear);
          socket.sendClose(WebSocket.NORMAL_CLOSURE, "enough").get(20, TimeUnit.SECONDS);
          return ear.over.get(20, TimeUnit.SECONDS) + socket.isOutputClosed();
        });
    CASES.put(
        "a subprotocol",
        (client, base) -> {
          var ear = new Ear();
          var socket = open(client, base, ear, "news", "chat");
          socket.sendText("bye", true).get(20, TimeUnit.SECONDS);
          return ear.over.get(20, TimeUnit.SECONDS);
        });
    CASES.put(
        "text after the close",
        (client, base) -> {
          var ear = new Ear();
          var socket = open(client, base, ear);
          socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
          return outcome(
              (c, b) -> socket.sendText("late", true).get(20, TimeUnit.SECONDS), null, "");
        });
    CASES.put(
        "no WebSocket there",
        (client, base) -> {
          try {
            client
                .newWebSocketBuilder()
                .buildAsync(URI.create(base + httpPort + "/status/404"), new Ear())
                .get(20, TimeUnit.SECONDS);
            return "open";
          } catch (ExecutionException e) {
            var refused = (WebSocketHandshakeException) e.getCause();
            return refused.getClass() + " " + refused.getResponse().statusCode();
          }
        });
    CASES.put(
        "nobody listens",
        (client, base) ->
            client
                .newWebSocketBuilder()
                .buildAsync(URI.create(base + nobody + "/ws"), new Ear())
                .get(20, TimeUnit.SECONDS));
    CASES.put(
        "another scheme",
        (client, base) ->
            client
                .newWebSocketBuilder()
                .buildAsync(URI.create("http://127.0.0.1:" + port + "/ws"), new Ear())
                .get(20, TimeUnit.SECONDS));
    CASES.put(
        "a field that is the handshake's",
        (client, base) ->
            client
                .newWebSocketBuilder()
                .header("Sec-WebSocket-Key", "mine")
                .buildAsync(URI.create(base + port + "/ws"), new Ear())
                .get(20, TimeUnit.SECONDS));
    CASES.put(
        "aborted",
        (client, base) -> {
          var ear = new Ear();
          var socket = open(client, base, ear);
          socket.abort();
          return socket.isInputClosed() + " " + socket.isOutputClosed();
        });
    if (Runtime.version().feature() >= 21) {
      theClientsEnd();
    }
  }

  private static void theClientsEnd() {
    CASES.put(
        "the client is shut down, and then the socket closed",
        (client, base) -> {
          var ear = new Ear();
          var socket = open(client, base, ear);
          HttpClientEnds.call(client, "shutdown");
          var facts = HttpClientEnds.terminated(client, 20);
          socket.sendText("bye", true).get(20, TimeUnit.SECONDS);
          return facts
              + ear.over.get(20, TimeUnit.SECONDS)
              + HttpClientEnds.terminated(client, 20_000);
        });
    CASES.put(
        "the client is shut down, and then the socket aborted",
        (client, base) -> {
          var socket = open(client, base, new Ear());
          HttpClientEnds.call(client, "shutdown");
          socket.abort();
          return HttpClientEnds.terminated(client, 20_000);
        });
    CASES.put(
        "the client is shut down at once",
        (client, base) -> {
          var ear = new Ear();
          var socket = open(client, base, ear);
          HttpClientEnds.call(client, "shutdownNow");
          var facts = HttpClientEnds.terminated(client, 20_000);
          return facts
              + ear.over.get(20, TimeUnit.SECONDS)
              + socket.isInputClosed()
              + socket.isOutputClosed();
        });
    CASES.put(
        "a socket of a client that is shut down",
        (client, base) -> {
          HttpClientEnds.call(client, "shutdown");
          return open(client, base, new Ear());
        });
  }
}

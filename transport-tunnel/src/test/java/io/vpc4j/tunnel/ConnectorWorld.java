package io.vpc4j.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Listener;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.carrier.Trailers;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Metadata;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** An edge and a Java connector in this process, and origins on ports of 127.0.0.1. */
final class ConnectorWorld implements AutoCloseable {

  static final UUID TUNNEL = UUID.fromString("11111111-2222-3333-4444-555555555555");
  static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
  static final Secret SECRET = Secret.of(new byte[32]);
  static final int PATIENCE_SECONDS = 60;

  /** An edge that cuts what runs once it is closed, and waits for no connector's end. */
  static final UnaryOperator<TunnelEdge.Builder> HASTY =
      edge -> edge.gracePeriod(Duration.ZERO).linger(Duration.ofMillis(100));

  /** What an origin does with one connection; it is closed behind it. */
  interface Script {
    void serve(Socket socket) throws Exception;
  }

  /** What a request came to. */
  static class Answer extends ChannelInboundHandlerAdapter {
    final CompletableFuture<ConnectResponse> response = new CompletableFuture<>();
    final CompletableFuture<Void> end = new CompletableFuture<>();
    final ByteArrayOutputStream octets = new ByteArrayOutputStream(); // guarded by itself
    volatile List<Map.Entry<String, String>> trailers = List.of();
    volatile Throwable failure;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ConnectResponse head) {
        response.complete(head);
      } else if (message instanceof ByteBuf part) {
        synchronized (octets) {
          octets.writeBytes(ByteBufUtil.getBytes(part));
        }
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Trailers fields) {
        trailers = fields.fields();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure = cause;
      response.completeExceptionally(cause);
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      response.completeExceptionally(new IOException("no answer"));
      end.complete(null);
    }

    String text() {
      synchronized (octets) {
        return octets.toString(StandardCharsets.ISO_8859_1);
      }
    }

    ConnectResponse head() throws Exception {
      return response.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The whole body, once it has ended. */
    String body() throws Exception {
      head();
      end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return text();
    }

    int status() throws Exception {
      return head().httpStatus().orElse(0);
    }

    Optional<String> header(String name) throws Exception {
      return head().headers().stream()
          .filter(field -> field.name().equalsIgnoreCase(name))
          .map(field -> field.value())
          .findFirst();
    }
  }

  final EventLoops loops = EventLoops.open(EventLoops.best(), 2);
  final TunnelEdge edge;
  final Connector connector;
  final List<String> log = new CopyOnWriteArrayList<>();
  private final List<Closeable> open = new CopyOnWriteArrayList<>();

  ConnectorWorld(Path state, Protocol protocol, String yaml) throws IOException {
    this(state, protocol, yaml, builder -> {});
  }

  ConnectorWorld(Path state, Protocol protocol, String yaml, Consumer<Connector.Builder> more)
      throws IOException {
    this(state, protocol, yaml, more, Duration.ZERO);
  }

  ConnectorWorld(
      Path state,
      Protocol protocol,
      String yaml,
      Consumer<Connector.Builder> more,
      Duration edgeGracePeriod)
      throws IOException {
    this(state, protocol, yaml, more, edge -> edge.gracePeriod(edgeGracePeriod));
  }

  ConnectorWorld(
      Path state,
      Protocol protocol,
      String yaml,
      Consumer<Connector.Builder> more,
      UnaryOperator<TunnelEdge.Builder> edgeToo)
      throws IOException {
    var settings =
        new EdgeSettings(
            List.of(new Listener(IpAddress.require("127.0.0.1"), 0, Set.of(protocol))),
            Optional.empty(),
            state,
            Optional.of(ACCOUNT));
    edge =
        edgeToo
            .apply(TunnelEdge.builder(Directory.fixed(directory(settings))).eventLoops(loops))
            .start();
    var builder =
        Connector.builder(new TunnelCredentials(ACCOUNT, TUNNEL, SECRET))
            .edge("127.0.0.1:" + edge.port())
            .authorities(List.of(TunnelContract.authority(state)))
            .protocols(List.of(protocol))
            .connections(1)
            .config(ConnectorFile.parse("config.yml", yaml))
            .eventLoops(loops)
            .log((level, line) -> log.add(level + " " + line));
    more.accept(builder);
    connector = builder.start();
    until(() -> connector.readyConnections() > 0);
  }

  static DirectorySnapshot directory(EdgeSettings settings) {
    return new DirectorySnapshot(
        Map.of(TUNNEL.toString(), new TunnelRecord(TUNNEL.toString(), "test", Optional.of(SECRET))),
        Map.of(),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        SimulatedNetwork.EMPTY,
        Map.of(),
        Map.of(),
        MeshSettings.NONE,
        Optional.of(settings),
        Optional.empty());
  }

  static void until(BooleanSupplier condition) {
    var deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadlineNs);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** The edge's end of the connection. */
  EdgeCarrier carrier() {
    return edge.edge().connections().iterator().next().carrier();
  }

  // ---- origins

  /** Starts an origin; its port. */
  int origin(Script script) throws IOException {
    return origin(new AtomicInteger(), script);
  }

  /** Starts an origin that counts its connections; its port. */
  int origin(AtomicInteger connections, Script script) throws IOException {
    var listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    open.add(listener);
    thread(
        () -> {
          while (!listener.isClosed()) {
            try {
              var socket = listener.accept();
              open.add(socket);
              connections.incrementAndGet();
              thread(() -> run(script, socket));
            } catch (IOException closed) {
              return;
            }
          }
        });
    return listener.getLocalPort();
  }

  private static void run(Script script, Socket socket) {
    try (socket) {
      script.serve(socket);
    } catch (Exception e) {
      // the connector left, as many tests have it do
    }
  }

  private static void thread(Runnable body) {
    var thread = new Thread(body, "origin");
    thread.setDaemon(true);
    thread.start();
  }

  /** Reads a head, up to and with the empty line. */
  static String readHead(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      var octet = in.read();
      if (octet < 0) {
        throw new IOException("the end, in a head");
      }
      head.append((char) octet);
    }
    return head.toString();
  }

  // ---- requests

  static ConnectRequest get(String url) {
    return request("GET", url, "Content-Length", "0");
  }

  static ConnectRequest request(String method, String url, String... fields) {
    return request(ConnectRequest.Type.HTTP, method, url, fields);
  }

  static ConnectRequest request(
      ConnectRequest.Type type, String method, String url, String... fields) {
    var metadata = new ArrayList<Metadata>();
    metadata.add(new Metadata(Metadata.HTTP_METHOD, method));
    metadata.add(
        new Metadata(
            Metadata.HTTP_HOST, java.net.URI.create(url.replace(" ", "%20")).getAuthority()));
    for (var i = 0; i < fields.length; i += 2) {
      metadata.add(Metadata.header(fields[i], fields[i + 1]));
    }
    return new ConnectRequest(type, url, metadata);
  }

  /** Sends a request without a body. */
  Answer send(ConnectRequest request) throws Exception {
    var answer = new Answer();
    var channel = channel(request, answer);
    channel.writeAndFlush(LastOctets.none());
    return answer;
  }

  /** Opens a request whose body is written to the channel. */
  Channel channel(ConnectRequest request, Answer answer) throws Exception {
    var opening = carrier().exchange(request, answer);
    assertThat(opening.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(opening.isSuccess()).as(() -> String.valueOf(opening.cause())).isTrue();
    return opening.getNow();
  }

  /**
   * Sends a body in two parts to an origin that gives back what it gets: the second once the first
   * is back, the end once all is.
   */
  Answer converse() throws Exception {
    var answer = new Answer();
    var request = request("POST", "http://a.example/", "Transfer-Encoding", "chunked");
    var channel = channel(request, answer);
    channel.writeAndFlush(octets("first"));
    until(() -> answer.text().equals("first"));
    channel.writeAndFlush(octets(", second"));
    until(() -> answer.text().equals("first, second"));
    channel.writeAndFlush(LastOctets.none());
    return answer;
  }

  static ByteBuf octets(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    connector.close();
    edge.close();
    for (var each : open) {
      each.close();
    }
    loops.close();
  }
}

package io.vpc4j.mesh.interop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.NodeRecord.Announcement;
import io.vpc4j.core.directory.NodeRecord.Kind;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that is a node, run by the tests in a namespace. Options are {@code name=value}; {@code
 * do} says what it does, and it says in a line how that went.
 */
public final class MeshProgram {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Map<String, String> options = new HashMap<>();
  private final MeshNode node;

  private MeshProgram(String[] arguments) throws Exception {
    for (var argument : arguments) {
      var equals = argument.indexOf('=');
      options.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    var builder =
        MeshNode.builder()
            .privateKey(options.get("key"))
            .listenPort(Integer.parseInt(options.getOrDefault("port", "0")))
            .hub(Policy.BUILT_IN);
    for (var address : options.get("addresses").split(",", -1)) {
      builder.address(IpAddress.require(address));
    }
    if (options.containsKey("announce")) {
      builder.route(Cidr.require(options.get("announce")), Cidr.require(options.get("onward")));
    }
    for (var number = 1; options.containsKey("peer" + number); number++) {
      builder.peer(peer(number));
    }
    node = builder.start();
  }

  private NodeRecord peer(int number) {
    var addresses = new ArrayList<IpAddress>();
    for (var address : options.get("peer" + number + "addresses").split(",", -1)) {
      addresses.add(IpAddress.require(address));
    }
    var routes = new ArrayList<Announcement>();
    if (options.containsKey("peer" + number + "route")) {
      var network = Cidr.require(options.get("peer" + number + "route"));
      routes.add(new Announcement(network, "default", ""));
    }
    return new NodeRecord(
        "peer" + number,
        "peer" + number,
        Kind.NODE,
        addresses,
        routes,
        number,
        Optional.of(
            new NodeRecord.Peer(
                options.get("peer" + number),
                Optional.ofNullable(options.get("peer" + number + "endpoint")),
                Optional.empty(),
                Optional.empty())));
  }

  public static void main(String[] arguments) throws Exception {
    var program = new MeshProgram(arguments);
    System.out.println("ready");
    switch (program.options.get("do")) {
      case "get" -> program.get();
      case "put" -> program.put();
      case "listen" -> program.listen();
      case "poll" -> program.poll();
      case "idle" -> program.idle();
      default -> throw new IllegalArgumentException(program.options.get("do"));
    }
    program.node.close();
    System.exit(0);
  }

  private IpAddress to() {
    return IpAddress.require(options.get("to"));
  }

  private int number(String option, int otherwise) {
    return Integer.parseInt(options.getOrDefault(option, Integer.toString(otherwise)));
  }

  /**
   * HTTP/1.0 downloads, so many at once: octets, and the digest of the only one. With {@code
   * digests=each} there is a line for each as well.
   */
  private void get() throws Exception {
    var count = number("connections", 1);
    var request = "GET " + options.get("path") + " HTTP/1.0\r\nHost: mesh\r\n\r\n";
    var octets = new AtomicLong();
    var ok = new AtomicInteger();
    var each = "each".equals(options.get("digests"));
    var digest = MessageDigest.getInstance("SHA-256");
    var readers = new ArrayList<HttpReader>();
    var ends = new ArrayList<CompletableFuture<Void>>();
    var begunNs = System.nanoTime();
    for (var i = 0; i < count; i++) {
      var end = new CompletableFuture<Void>();
      ends.add(end);
      var own = each ? MessageDigest.getInstance("SHA-256") : count == 1 ? digest : null;
      var reader = new HttpReader(request, octets, ok, own, end);
      readers.add(reader);
      node.connect(to(), 80, reader)
          .addListener(
              done -> {
                if (!done.isSuccess()) {
                  end.completeExceptionally(done.cause());
                }
              });
    }
    var failed = 0;
    for (var end : ends) {
      try {
        end.get(number("seconds", 120), TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        failed++;
        System.out.println("failed: " + e.getCause());
      }
    }
    var seconds = (System.nanoTime() - begunNs) / 1e9;
    for (var reader : each ? readers : List.<HttpReader>of()) {
      var sha256 = HexFormat.of().formatHex(reader.digest.digest());
      System.out.printf("got=%d sha256=%s%n", reader.bodyOctets, sha256);
    }
    System.out.printf(
        "ok=%d failed=%d octets=%d sha256=%s seconds=%.2f mbit=%.0f%n",
        ok.get(),
        failed,
        octets.get(),
        HexFormat.of().formatHex(digest.digest()),
        seconds,
        octets.get() * 8 / seconds / 1e6);
  }

  private static final class HttpReader extends ChannelInboundHandlerAdapter {
    private final String request;
    private final AtomicLong octets;
    private final AtomicInteger ok;
    private final MessageDigest digest;
    private final CompletableFuture<Void> end;
    private final StringBuilder head = new StringBuilder();
    private boolean inBody;
    private long bodyOctets;

    HttpReader(
        String request,
        AtomicLong octets,
        AtomicInteger ok,
        MessageDigest digest,
        CompletableFuture<Void> end) {
      this.request = request;
      this.octets = octets;
      this.ok = ok;
      this.digest = digest;
      this.end = end;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      while (!inBody && buffer.isReadable()) {
        head.append((char) buffer.readByte());
        inBody = head.length() >= 4 && head.indexOf("\r\n\r\n", head.length() - 4) >= 0;
      }
      octets.addAndGet(buffer.readableBytes());
      bodyOctets += buffer.readableBytes();
      if (digest != null) {
        digest.update(buffer.nioBuffer());
      }
      buffer.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      end.completeExceptionally(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (head.indexOf(" 200 ") > 0) {
        ok.incrementAndGet();
      }
      end.complete(null);
    }
  }

  /** Sends so many octets and an end, so many times at once; says what the other end answers. */
  private void put() throws Exception {
    var total = Long.parseLong(options.get("octets"));
    var answers = new ArrayList<CompletableFuture<String>>();
    var digests = new ArrayList<MessageDigest>();
    var channels = new ArrayList<Channel>();
    var begunNs = System.nanoTime();
    for (var i = 0; i < number("connections", 1); i++) {
      var answer = new CompletableFuture<String>();
      var digest = MessageDigest.getInstance("SHA-256");
      answers.add(answer);
      digests.add(digest);
      channels.add(
          node.connect(to(), number("toPort", 9), new Writer(total, digest, answer))
              .sync()
              .getNow());
    }
    for (var i = 0; i < answers.size(); i++) {
      var said = answers.get(i).get(number("seconds", 120), TimeUnit.SECONDS).trim();
      var seconds = (System.nanoTime() - begunNs) / 1e9;
      var sha256 = HexFormat.of().formatHex(digests.get(i).digest());
      System.out.printf(
          "sent=%d sha256=%s answer=%s seconds=%.2f mbit=%.0f%n",
          total, sha256, said, seconds, total * 8 / seconds / 1e6);
    }
    for (var channel : channels) {
      channel.close().sync();
    }
  }

  private static final class Writer extends ChannelInboundHandlerAdapter {
    private final MessageDigest digest;
    private final CompletableFuture<String> answer;
    private final StringBuilder said = new StringBuilder();
    private final byte[] piece = new byte[64 << 10];
    private long left;
    private long counter;
    private boolean ended;
    private boolean pumping;

    Writer(long total, MessageDigest digest, CompletableFuture<String> answer) {
      left = total;
      this.digest = digest;
      this.answer = answer;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      pump(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      pump(context);
    }

    /** A write may change the writability, which calls this again before it is flushed. */
    private void pump(ChannelHandlerContext context) {
      if (pumping) {
        return;
      }
      pumping = true;
      while (left > 0 && context.channel().isWritable()) {
        var length = (int) Math.min(left, piece.length);
        for (var i = 0; i < length; i += 8) {
          piece[i] = (byte) (counter++ * 31);
        }
        digest.update(piece, 0, length);
        left -= length;
        context.writeAndFlush(Unpooled.copiedBuffer(piece, 0, length));
      }
      pumping = false;
      if (left == 0 && !ended) {
        ended = true;
        ((DuplexChannel) context.channel()).shutdownOutput();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      said.append(buffer.toString(StandardCharsets.US_ASCII));
      buffer.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        answer.complete(said.toString());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      answer.completeExceptionally(cause);
    }
  }

  /**
   * Gives back what peers send to port 7, until they end; so many connections. With {@code halves}
   * one half of each is used after the other ({@link HalvesHandler}); with {@code to} the peer
   * hears of us first.
   */
  private void listen() throws Exception {
    if (options.containsKey("to")) {
      node.ping(to(), PATIENCE).get();
    }
    var connections = number("connections", 1);
    var ended = new CompletableFuture<Void>();
    var count = new AtomicInteger();
    var octets = new AtomicLong();
    node.listen(
            7,
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) throws Exception {
                channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                channel
                    .pipeline()
                    .addLast(
                        options.containsKey("halves")
                            ? new HalvesHandler(number("halves", 0))
                            : new Echo(octets));
                channel
                    .closeFuture()
                    .addListener(
                        closed -> {
                          if (count.incrementAndGet() == connections) {
                            ended.complete(null);
                          }
                        });
              }
            })
        .sync();
    System.out.println("listening");
    ended.get(number("seconds", 120), TimeUnit.SECONDS);
    System.out.println("connections=" + count + " octets=" + octets);
    System.out.println("peers at " + endpoints());
  }

  /** Where the peers are, as the status has it, which is written once a second. */
  private String endpoints() {
    var untilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (node.status().peers().stream().anyMatch(peer -> peer.endpoint().isEmpty())
        && System.nanoTime() - untilNs < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return node.status().peers().stream().flatMap(peer -> peer.endpoint().stream()).toList() + "";
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    private final AtomicLong octets;

    Echo(AtomicLong octets) {
      this.octets = octets;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      octets.addAndGet(((ByteBuf) message).readableBytes());
      context.writeAndFlush(message);
      context.channel().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        ((DuplexChannel) context.channel())
            .shutdownOutput()
            .addListener(done -> context.channel().close());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      System.out.println("connection failed: " + cause);
    }
  }

  /** Asks for a small page again and again: a line for each answer or failure. */
  private void poll() throws Exception {
    if (options.containsKey("download")) {
      download(options.get("download"));
    }
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(number("seconds", 20));
    for (var i = 0; System.nanoTime() - endNs < 0; i++) {
      var begunNs = System.nanoTime();
      System.out.println(i + " " + ask() + " " + (System.nanoTime() - begunNs) / 1_000_000 + " ms");
    }
  }

  /** A download that goes on behind the polling: says how it ended. */
  private void download(String path) {
    var end = new CompletableFuture<Void>();
    var octets = new AtomicLong();
    var request = "GET " + path + " HTTP/1.0\r\nHost: mesh\r\n\r\n";
    end.whenComplete(
        (nothing, failure) -> System.out.println("download ended: " + octets + " " + failure));
    node.connect(to(), 80, new HttpReader(request, octets, new AtomicInteger(), null, end));
  }

  private String ask() throws InterruptedException {
    var answer = new CompletableFuture<String>();
    var said = new StringBuilder();
    var request = "GET / HTTP/1.0\r\nHost: mesh\r\n\r\n";
    var dialling =
        node.connect(
            to(),
            80,
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                context.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
              }

              @Override
              public void channelRead(ChannelHandlerContext context, Object message) {
                said.append(
                    new String(ByteBufUtil.getBytes((ByteBuf) message), StandardCharsets.US_ASCII));
                ((ByteBuf) message).release();
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                answer.completeExceptionally(cause);
              }

              @Override
              public void channelInactive(ChannelHandlerContext context) {
                answer.complete(said.substring(said.lastIndexOf("\r\n") + 2).trim());
              }
            });
    try {
      if (!dialling.await(1_000)) {
        dialling.cancel(false);
        return "timeout";
      }
      return dialling.isSuccess() ? answer.get(30, TimeUnit.SECONDS) : "failed";
    } catch (ExecutionException | TimeoutException e) {
      return "failed";
    }
  }

  /** Stays for a while: a hub, or somebody to be pinged. */
  private void idle() throws Exception {
    node.ping(to(), PATIENCE).get();
    System.out.println("up");
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(number("seconds", 20));
    while (System.nanoTime() - endNs < 0 && System.in.read() >= 0) {
      // until the test has had enough
    }
    // The status is written once a second: the one that is read here must be of after the traffic.
    var freshNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (node.status().counters().toString().contains("forwarded=0")
        && System.nanoTime() - freshNs < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    System.out.println(node.status().counters());
  }
}

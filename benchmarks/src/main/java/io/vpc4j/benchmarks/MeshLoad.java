package io.vpc4j.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.vpc4j.Vpc;
import io.vpc4j.VpcNetwork;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshNode;
import io.vpc4j.mesh.WgQuickFile;
import io.vpc4j.mesh.wireguard.crypto.Aead;
import io.vpc4j.mesh.wireguard.crypto.AeadProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Loads one far side as it is told to, by a node of this process or by the kernel's sockets: one
 * program, so that only the way differs. {@code benchmarks/mesh} starts it.
 *
 * <p>Arguments: the far side's address; a {@code wg-quick} file, or {@code kernel}; a {@code
 * wrangler.jsonc} whose binding {@code FAR} reaches the far side in the same way. A line of the
 * standard input is a command, and is answered with one line:
 *
 * <pre>
 *   down FLOWS SECONDS   octets, seconds, seconds of CPU of this process
 *   up FLOWS SECONDS     the same
 *   connect SECONDS      connections of one request each, seconds, seconds of CPU
 *   latency SECONDS      microseconds of the median and of the 99th percentile, requests
 *   fetch SECONDS        the same through fetch: routing, policy, pool and HTTP of the library
 *   idle COUNT           MiB of heap that so many connections take on which nothing is said
 *   aead SECONDS         nanoseconds to seal and to open a packet, and what seals and opens it
 * </pre>
 */
public final class MeshLoad {

  private static final int HTTP_PORT = 80;
  private static final int SINK_PORT = 9;
  private static final int SMALL_OCTETS = 128; // the body of /small
  private static final int CONNECTORS = 32;
  private static final int PIPELINED = 64; // of a large file: more than any run takes
  private static final int PIECE_OCTETS = 64 << 10;
  private static final int DIALS_AT_ONCE = 256;
  private static final int IDLE_SECONDS = 10;
  private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();
  private static final int PACKET_OCTETS = 1_420; // what a full segment fills

  /** How a connection is made. */
  private interface Way {
    Future<Channel> connect(int port, ChannelHandler handler);
  }

  private final Way way;
  private final VpcNetwork network;
  private final String page;

  private MeshLoad(Way way, VpcNetwork network, IpAddress far) {
    this.way = way;
    this.network = network;
    page = "http://" + far + "/small";
  }

  /** See the class. */
  public static void main(String[] arguments) throws Exception {
    var far = IpAddress.require(arguments[0]);
    var way = "kernel".equals(arguments[1]) ? kernel(far) : mesh(far, arguments[1]);
    try (var vpc = Vpc.builder().config(Path.of(arguments[2])).watch(false).open()) {
      var load = new MeshLoad(way, vpc.network("FAR"), far);
      var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
      System.out.println("ready");
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(load.run(line.split(" ", -1)));
      }
    }
    System.exit(0);
  }

  private static Way mesh(IpAddress far, String file) throws Exception {
    var text = Files.readString(Path.of(file));
    var node = MeshNode.builder().wgQuick(WgQuickFile.read(text)).start();
    return (port, handler) -> node.connect(far, port, handler);
  }

  private static Way kernel(IpAddress far) {
    var loops = EventLoops.open(EventLoops.best(), 1);
    var address = far.toInetAddress();
    return (port, handler) -> {
      var promise = loops.group().next().<Channel>newPromise();
      var connecting =
          new Bootstrap()
              .group(loops.group())
              .channelFactory(loops.socketChannels())
              .option(ChannelOption.TCP_NODELAY, true)
              .handler(handler)
              .connect(address, port);
      connecting.addListener(
          done -> {
            if (done.isSuccess()) {
              promise.setSuccess(connecting.channel());
            } else {
              promise.setFailure(done.cause());
            }
          });
      return promise;
    };
  }

  private String run(String[] command) throws Exception {
    var last = Integer.parseInt(command[command.length - 1]);
    return switch (command[0]) {
      case "down" -> down(Integer.parseInt(command[1]), last);
      case "up" -> up(Integer.parseInt(command[1]), last);
      case "connect" -> connect(last);
      case "latency" -> latency(last);
      case "fetch" -> fetch(last);
      case "idle" -> idle(last);
      case "aead" -> aead(last);
      default -> throw new IllegalArgumentException(command[0]);
    };
  }

  // ---- goodput

  private String down(int flows, int seconds) throws Exception {
    var octets = new AtomicLong();
    var requests = request("/large", "keep-alive").repeat(PIPELINED);
    var channels = new ArrayList<Channel>();
    for (var i = 0; i < flows; i++) {
      channels.add(await(way.connect(HTTP_PORT, new Counting(octets)), seconds));
    }
    var meter = new Meter();
    for (var channel : channels) {
      channel.writeAndFlush(Unpooled.copiedBuffer(requests, StandardCharsets.US_ASCII));
    }
    waitFor(seconds);
    var moved = octets.get();
    var line = meter.line(moved);
    if (moved == 0) {
      throw new IOException("nothing came in " + seconds + " s");
    }
    for (var channel : channels) {
      if (!channel.isActive()) {
        throw new IOException("a download ended early");
      }
      channel.close().await(seconds, TimeUnit.SECONDS);
    }
    return line;
  }

  /**
   * Parking once is not enough: a permit that an earlier wait has left ends it at once, and fetch,
   * whose answer may come before its caller is parked, leaves one in some hundreds of calls.
   */
  private static void waitFor(int seconds) {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (var leftNs = endNs - System.nanoTime(); leftNs > 0; leftNs = endNs - System.nanoTime()) {
      LockSupport.parkNanos(leftNs);
    }
  }

  private static final class Counting extends ChannelInboundHandlerAdapter {
    private final AtomicLong octets;

    Counting(AtomicLong octets) {
      this.octets = octets;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      octets.addAndGet(buffer.readableBytes());
      buffer.release();
    }
  }

  /** Until the far side has taken the last octet and says so by its own end. */
  private String up(int flows, int seconds) throws Exception {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    var pumps = new ArrayList<Pump>();
    var meter = new Meter();
    for (var i = 0; i < flows; i++) {
      var pump = new Pump(endNs);
      pumps.add(pump);
      await(way.connect(SINK_PORT, pump), seconds);
    }
    var octets = 0L;
    for (var pump : pumps) {
      pump.ended.get(patience(seconds), TimeUnit.SECONDS);
      octets += pump.octets;
    }
    return meter.line(octets);
  }

  private static final class Pump extends ChannelInboundHandlerAdapter {
    private static final ByteBuf PIECE =
        Unpooled.unreleasableBuffer(Unpooled.directBuffer(PIECE_OCTETS).writeZero(PIECE_OCTETS));

    private final long endNs;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile long octets;
    private boolean over;
    private boolean pumping;

    Pump(long endNs) {
      this.endNs = endNs;
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

    private void pump(ChannelHandlerContext context) {
      if (pumping || over) {
        return;
      }
      pumping = true;
      var sent = octets;
      while (context.channel().isWritable() && System.nanoTime() - endNs < 0) {
        sent += PIECE_OCTETS;
        context.writeAndFlush(PIECE.duplicate());
      }
      octets = sent;
      pumping = false;
      if (System.nanoTime() - endNs >= 0) {
        over = true;
        ((DuplexChannel) context.channel()).shutdownOutput();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        context.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      ended.completeExceptionally(cause);
      context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (over) {
        ended.complete(null);
      } else {
        ended.completeExceptionally(new IOException("an upload ended early"));
      }
    }
  }

  // ---- connections

  private String connect(int seconds) throws Exception {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    var count = new AtomicLong();
    var ends = new ArrayList<CompletableFuture<Void>>();
    var meter = new Meter();
    for (var i = 0; i < CONNECTORS; i++) {
      var end = new CompletableFuture<Void>();
      ends.add(end);
      connectAgain(endNs, count, end);
    }
    for (var end : ends) {
      end.get(patience(seconds), TimeUnit.SECONDS);
    }
    return meter.line(count.get());
  }

  private void connectAgain(long endNs, AtomicLong count, CompletableFuture<Void> end) {
    if (System.nanoTime() - endNs >= 0) {
      end.complete(null);
      return;
    }
    var asking =
        new Asking("close") {
          @Override
          void onAnswer(ChannelHandlerContext context) {
            // the far side closes
          }

          @Override
          public void channelInactive(ChannelHandlerContext context) {
            if (!answered) {
              end.completeExceptionally(new IOException("a connection without an answer"));
              return;
            }
            count.incrementAndGet();
            context.executor().execute(() -> connectAgain(endNs, count, end));
          }
        };
    way.connect(HTTP_PORT, asking)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                end.completeExceptionally(done.cause());
              }
            });
  }

  /** Asks for the small page when it is connected. */
  private abstract static class Asking extends ChannelInboundHandlerAdapter {
    private final String connection;
    private final StringBuilder said = new StringBuilder();
    boolean answered;

    Asking(String connection) {
      this.connection = connection;
    }

    void ask(ChannelHandlerContext context) {
      said.setLength(0);
      answered = false;
      context.writeAndFlush(
          Unpooled.copiedBuffer(request("/small", connection), StandardCharsets.US_ASCII));
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      ask(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      said.append(buffer.toString(StandardCharsets.US_ASCII));
      buffer.release();
      var head = said.indexOf("\r\n\r\n");
      if (head >= 0 && said.length() >= head + 4 + SMALL_OCTETS) {
        answered = said.indexOf(" 200 ") > 0;
        onAnswer(context);
      }
    }

    abstract void onAnswer(ChannelHandlerContext context);
  }

  /** So many are open at once, and then closed. */
  private String idle(int count) throws Exception {
    var before = heapOctets();
    var channels = new ArrayList<Channel>(count);
    while (channels.size() < count) {
      var dialling = new ArrayList<Future<Channel>>();
      for (var i = Math.min(DIALS_AT_ONCE, count - channels.size()); i > 0; i--) {
        dialling.add(way.connect(HTTP_PORT, new ChannelInboundHandlerAdapter()));
      }
      for (var dial : dialling) {
        channels.add(await(dial, IDLE_SECONDS));
      }
    }
    var taken = heapOctets() - before;
    for (var channel : channels) {
      if (!channel.isActive()) {
        throw new IOException("an idle connection ended early");
      }
      channel.close();
    }
    for (var channel : channels) {
      channel.closeFuture().await(IDLE_SECONDS, TimeUnit.SECONDS);
    }
    return String.format(Locale.ROOT, "%.1f", taken / 1048576.0);
  }

  /** What is still in use after a collection; the least of three, since others run as well. */
  private static long heapOctets() {
    var least = Long.MAX_VALUE;
    for (var i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, MEMORY.getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  // ---- latency

  private String latency(int seconds) throws Exception {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    var end = new CompletableFuture<Times>();
    var asking =
        new Asking("keep-alive") {
          private final Times times = new Times();
          private long askedNs;

          @Override
          void ask(ChannelHandlerContext context) {
            askedNs = System.nanoTime();
            super.ask(context);
          }

          @Override
          void onAnswer(ChannelHandlerContext context) {
            var nowNs = System.nanoTime();
            if (!answered) {
              end.completeExceptionally(new IOException("not 200"));
              return;
            }
            times.add(nowNs - askedNs);
            if (nowNs - endNs < 0) {
              ask(context);
            } else {
              end.complete(times);
              context.close();
            }
          }
        };
    await(way.connect(HTTP_PORT, asking), seconds);
    return end.get(patience(seconds), TimeUnit.SECONDS).line();
  }

  /** One request after the other, from one thread. */
  private String fetch(int seconds) throws Exception {
    var times = new Times();
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (var nowNs = System.nanoTime(); nowNs - endNs < 0; ) {
      var askedNs = nowNs;
      try (var response = network.fetch(page)) {
        if (response.status() != 200 || response.bytes().length != SMALL_OCTETS) {
          throw new IOException("not the page: " + response.status());
        }
      }
      nowNs = System.nanoTime();
      times.add(nowNs - askedNs);
    }
    return times.line();
  }

  /** How long each of many took. */
  private static final class Times {
    private long[] tookNs = new long[1 << 16];
    private int count;

    void add(long ns) {
      if (count == tookNs.length) {
        tookNs = Arrays.copyOf(tookNs, 2 * count);
      }
      tookNs[count++] = ns;
    }

    String line() {
      Arrays.sort(tookNs, 0, count);
      return String.format(
          Locale.ROOT,
          "%.1f %.1f %d",
          tookNs[count / 2] / 1e3,
          tookNs[(int) (count * 0.99)] / 1e3,
          count);
    }
  }

  // ---- the limit

  /** What seals a node's packets, and nothing else: half of the time sealing, half opening. */
  private static String aead(int seconds) {
    var provider = AeadProvider.fastest();
    var aead = provider.create(new byte[32]);
    var packet = new byte[PACKET_OCTETS + Aead.TAG_LENGTH];
    var sealing = new long[1];
    var sealNs = each(seconds * 500L, () -> aead.seal(sealing[0]++, packet, 0, PACKET_OCTETS));
    aead.seal(0, packet, 0, PACKET_OCTETS);
    var sealed = packet.clone();
    var openNs =
        each(
            seconds * 500L,
            () -> {
              System.arraycopy(sealed, 0, packet, 0, sealed.length); // it is opened in place
              if (!aead.open(0, packet, 0, packet.length)) {
                throw new IllegalStateException("what was sealed does not open");
              }
            });
    return String.format(Locale.ROOT, "%.1f %.1f %s", sealNs, openNs, provider.name());
  }

  /** Nanoseconds that one call takes, of those that {@code ms} milliseconds have room for. */
  private static double each(long ms, Runnable call) {
    var begunNs = System.nanoTime();
    var endNs = begunNs + TimeUnit.MILLISECONDS.toNanos(ms);
    var calls = 0L;
    long nowNs;
    do {
      for (var i = 0; i < 256; i++) {
        call.run();
      }
      calls += 256;
      nowNs = System.nanoTime();
    } while (nowNs - endNs < 0);
    return (double) (nowNs - begunNs) / calls;
  }

  // ---- steps

  private static String request(String path, String connection) {
    return "GET " + path + " HTTP/1.1\r\nHost: far\r\nConnection: " + connection + "\r\n\r\n";
  }

  private static int patience(int seconds) {
    return 20 * seconds + 20;
  }

  private static Channel await(Future<Channel> connecting, int seconds) throws Exception {
    if (!connecting.await(patience(seconds), TimeUnit.SECONDS)) {
      throw new IOException("no connection");
    }
    return connecting.get();
  }

  /** Time and CPU time from its making. */
  private static final class Meter {
    private static final OperatingSystemMXBean PROCESS =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final long begunNs = System.nanoTime();
    private final long cpuNs = PROCESS.getProcessCpuTime();

    String line(long amount) {
      return String.format(
          Locale.ROOT,
          "%d %.4f %.4f",
          amount,
          (System.nanoTime() - begunNs) / 1e9,
          (PROCESS.getProcessCpuTime() - cpuNs) / 1e9);
    }
  }
}

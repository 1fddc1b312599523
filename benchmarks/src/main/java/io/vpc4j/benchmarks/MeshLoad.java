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
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshNode;
import io.vpc4j.mesh.WgQuickFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
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
 * <p>Arguments: the far side's address, and a {@code wg-quick} file, or {@code kernel}. A line of
 * the standard input is a command, and is answered with one line:
 *
 * <pre>
 *   down FLOWS SECONDS   octets, seconds, seconds of CPU of this process
 *   up FLOWS SECONDS     the same
 *   connect SECONDS      connections of one request each, seconds, seconds of CPU
 *   latency SECONDS      microseconds of the median and of the 99th percentile, requests
 * </pre>
 */
public final class MeshLoad {

  private static final int HTTP_PORT = 80;
  private static final int SINK_PORT = 9;
  private static final int SMALL_OCTETS = 128; // the body of /small
  private static final int CONNECTORS = 32;
  private static final int PIPELINED = 64; // of a large file: more than any run takes
  private static final int PIECE_OCTETS = 64 << 10;

  /** How a connection is made. */
  private interface Way {
    Future<Channel> connect(int port, ChannelHandler handler);
  }

  private final Way way;

  private MeshLoad(Way way) {
    this.way = way;
  }

  /** See the class. */
  public static void main(String[] arguments) throws Exception {
    var far = IpAddress.require(arguments[0]);
    var load = new MeshLoad("kernel".equals(arguments[1]) ? kernel(far) : mesh(far, arguments[1]));
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.out.println("ready");
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(load.run(line.split(" ", -1)));
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
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
    var line = meter.line(octets.get());
    for (var channel : channels) {
      if (!channel.isActive()) {
        throw new IOException("a download ended early");
      }
      channel.close().await(seconds, TimeUnit.SECONDS);
    }
    return line;
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

  // ---- latency

  private String latency(int seconds) throws Exception {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    var end = new CompletableFuture<long[]>();
    var asking =
        new Asking("keep-alive") {
          private long[] tookNs = new long[1 << 16];
          private int count;
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
            if (count == tookNs.length) {
              tookNs = Arrays.copyOf(tookNs, 2 * count);
            }
            tookNs[count++] = nowNs - askedNs;
            if (nowNs - endNs < 0) {
              ask(context);
            } else {
              end.complete(Arrays.copyOf(tookNs, count));
              context.close();
            }
          }
        };
    await(way.connect(HTTP_PORT, asking), seconds);
    var tookNs = end.get(patience(seconds), TimeUnit.SECONDS);
    Arrays.sort(tookNs);
    return String.format(
        Locale.ROOT,
        "%.1f %.1f %d",
        tookNs[tookNs.length / 2] / 1e3,
        tookNs[(int) (tookNs.length * 0.99)] / 1e3,
        tookNs.length);
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

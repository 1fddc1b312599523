package io.vpc4j.benchmarks;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.NodeRecord.Kind;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshNode;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * What the loop of a node allocates for a packet, once all is compiled: two nodes over the loopback
 * interface, one flow, everything that their loops' threads do. Prints a line of Markdown for each
 * round, octets for each packet that a loop took in or gave out.
 */
public final class MeshGarbage {

  private static final int PORT = 9;
  private static final int PIECE_OCTETS = 64 << 10;
  private static final int WARM_UP_ROUNDS = 3;
  private static final int PATIENCE_SECONDS = 300;
  private static final IpAddress SENDER = IpAddress.require("100.96.0.1");
  private static final IpAddress RECEIVER = IpAddress.require("100.96.0.2");
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private MeshGarbage() {}

  /**
   * Measures.
   *
   * @param arguments rounds, 3 if absent, and MiB of a round, 512 if absent
   */
  public static void main(String[] arguments) throws Exception {
    var rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
    var octets = (arguments.length > 1 ? Long.parseLong(arguments[1]) : 512) << 20;
    var keys = List.of(newKey(), newKey());
    try (var receiver = node(keys, 1).start();
        var sender = node(keys, 0).peer(peer(keys, 1, receiver.listenPort())).start()) {
      receiver.peers(List.of(peer(keys, 0, sender.listenPort())));
      var taker = new Taker();
      receiver.listen(PORT, taker).sync();
      var giver = new Giver(taker);
      sender.connect(RECEIVER, PORT, giver).sync().getNow();
      System.out.println(
          "| packets, both ways | the sender's octets a packet | the receiver's | MiB/s |");
      System.out.println("|---|---|---|---|");
      for (var round = -WARM_UP_ROUNDS; round < rounds; round++) {
        var before = Standing.of(giver.thread.get(), taker.thread.get(), sender, receiver);
        var seconds = giver.send(octets);
        var after = Standing.of(giver.thread.get(), taker.thread.get(), sender, receiver);
        if (round >= 0) {
          System.out.println(after.since(before, octets / seconds / (1 << 20)));
        }
      }
    }
  }

  private static byte[] newKey() {
    var key = new byte[32];
    new SecureRandom().nextBytes(key);
    return key;
  }

  private static MeshNode.Builder node(List<byte[]> keys, int number) {
    return MeshNode.builder()
        .privateKey(Base64.getEncoder().encodeToString(keys.get(number)))
        .address(number == 0 ? SENDER : RECEIVER);
  }

  private static NodeRecord peer(List<byte[]> keys, int number, int port) {
    var publicKey = new byte[32];
    X25519.generatePublicKey(keys.get(number), 0, publicKey, 0);
    return new NodeRecord(
        "node-" + number,
        "node-" + number,
        Kind.NODE,
        List.of(number == 0 ? SENDER : RECEIVER),
        List.of(),
        0,
        Optional.of(
            new NodeRecord.Peer(
                Base64.getEncoder().encodeToString(publicKey),
                Optional.of("127.0.0.1:" + port),
                Optional.empty(),
                Optional.empty())));
  }

  /** What two loops have allocated and how many packets they have had, while nothing moves. */
  private record Standing(
      long senderOctets, long receiverOctets, long senderPackets, long receiverPackets) {

    static Standing of(Thread senders, Thread receivers, MeshNode sender, MeshNode receiver) {
      var packets = List.of(settled(sender), settled(receiver));
      return new Standing(
          THREADS.getThreadAllocatedBytes(senders.getId()),
          THREADS.getThreadAllocatedBytes(receivers.getId()),
          packets.get(0),
          packets.get(1));
    }

    /** The status is written once a second: that of after the last packet is another map. */
    private static long settled(MeshNode node) {
      var last = node.status().counters();
      var endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_500);
      while (System.nanoTime() - endNs < 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        last = node.status().counters();
      }
      return count(last, "packets_in") + count(last, "packets_out");
    }

    private static long count(Map<String, Long> counters, String name) {
      return counters.getOrDefault(name, 0L);
    }

    String since(Standing before, double mibPerSecond) {
      return String.format(
          Locale.ROOT,
          "| %,d | %.1f | %.1f | %.1f |",
          senderPackets - before.senderPackets,
          (double) (senderOctets - before.senderOctets) / (senderPackets - before.senderPackets),
          (double) (receiverOctets - before.receiverOctets)
              / (receiverPackets - before.receiverPackets),
          mibPerSecond);
    }
  }

  /** Counts what comes, and says when it is as much as is waited for. */
  private static final class Taker extends ChannelInboundHandlerAdapter {
    final CompletableFuture<Thread> thread = new CompletableFuture<>();
    volatile CompletableFuture<Void> enough = new CompletableFuture<>();
    volatile long wanted;
    private long octets;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      thread.complete(Thread.currentThread());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      octets += buffer.readableBytes();
      buffer.release();
      if (octets == wanted) {
        enough.complete(null);
      }
    }
  }

  /** Sends as fast as it may, without an object of its own for what it sends. */
  private static final class Giver extends ChannelInboundHandlerAdapter {
    final CompletableFuture<Thread> thread = new CompletableFuture<>();
    private final CompletableFuture<ChannelHandlerContext> active = new CompletableFuture<>();
    private final Taker taker;
    private final ByteBuf piece =
        Unpooled.unreleasableBuffer(Unpooled.directBuffer(PIECE_OCTETS).writeZero(PIECE_OCTETS));
    private long left;
    private long total;
    private boolean pumping;

    Giver(Taker taker) {
      this.taker = taker;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      thread.complete(Thread.currentThread());
      active.complete(context);
    }

    /** Until the last octet has come; gives how many seconds it took. */
    double send(long octets) throws Exception {
      var context = active.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      var end = new CompletableFuture<Void>();
      var begunNs = System.nanoTime();
      context
          .executor()
          .execute(
              () -> {
                total += octets;
                taker.enough = end;
                taker.wanted = total;
                left = octets;
                pump(context);
              });
      end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return (System.nanoTime() - begunNs) / 1e9;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      pump(context);
    }

    private void pump(ChannelHandlerContext context) {
      if (pumping) {
        return;
      }
      pumping = true;
      while (left > 0 && context.channel().isWritable()) {
        piece.clear().writerIndex(PIECE_OCTETS);
        left -= PIECE_OCTETS;
        context.writeAndFlush(piece.duplicate(), context.voidPromise());
      }
      pumping = false;
    }
  }
}

package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.Carrier;
import io.vpc4j.tunnel.carrier.StreamFailure;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What both ends of a QUIC connection have in common. */
abstract class QuicCarrier implements Carrier {

  private static final Logger LOG = LoggerFactory.getLogger(QuicCarrier.class);

  /** Streams of our own opening at a time; no peer limits them in earnest ([C] 4.1). */
  static final int MAX_STREAMS = 10_000;

  /** Datagrams that wait to be sent; more are dropped. */
  static final int MAX_QUEUED_DATAGRAMS = 1024;

  /**
   * Streams that ended so that the library keeps a record of each, about 2 KB; then the connection
   * is closed, and the connector dials anew.
   */
  static final int MAX_FORGOTTEN_STREAMS = 50_000;

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Ticks without a packet, after which a connection is dead: noticed within 5 s. */
  static final int SILENT_TICKS = 8;

  /** Connectors are heard of once a second, [C] 4.1. */
  private static final int TICKS_BETWEEN_SIGNS = 2;

  private static final int REASON_OCTETS = 100;

  private final QuicChannel quic;
  private final EventLoop loop;
  private final Ticker ticker;
  private final BatchHandler batch;
  private final ConnectionWriter writer;
  private final Promise<Void> closed;
  private final InetSocketAddress localAddress;
  private final InetSocketAddress remoteAddress;
  private final AtomicInteger queuedDatagrams = new AtomicInteger();
  private final LongAdder droppedDatagrams = new LongAdder();
  private final AtomicInteger openStreams = new AtomicInteger();
  private final LongAdder octetsIn = new LongAdder();
  private final LongAdder datagramOctetsOut = new LongAdder();

  private @Nullable ScheduledFuture<?> tick;
  private boolean flushPlanned;
  private long packetsSeen;
  private int silentTicks;
  private long ticks;
  private long forgotten;
  private @Nullable String closeReason;

  /** How much less a datagram may have than a packet of its path. */
  private int datagramOverheadOctets;

  private volatile int maxDatagramOctets;
  private volatile long rttNs;
  private volatile boolean closing;

  QuicCarrier(QuicChannel quic, BatchHandler batch, Ticker ticker) {
    this.quic = quic;
    this.loop = quic.eventLoop();
    this.ticker = ticker;
    this.batch = batch;
    this.writer = new ConnectionWriter(loop, batch, quic.parent().pipeline().context(batch));
    this.closed = loop.newPromise();
    this.localAddress = (InetSocketAddress) quic.localSocketAddress();
    this.remoteAddress = (InetSocketAddress) quic.remoteSocketAddress();
  }

  ConnectionWriter writer() {
    return writer;
  }

  QuicChannel quic() {
    return quic;
  }

  /**
   * Has {@code action} run before the packets that are being read are answered.
   *
   * @return whether any are; otherwise nothing is done
   */
  final boolean atEndOfBatch(Runnable action) {
    if (!batch.reading()) {
      return false;
    }
    batch.atEnd(action);
    return true;
  }

  Ticker ticker() {
    return ticker;
  }

  // ---- what the library says, by CarrierHandler

  /** Begins to watch over the connection. */
  void begin() {
    if (quic.parent().pipeline().get(Segmentation.NAME) != null) {
      Segmentation.begin(quic);
    }
    begun();
    tick = loop.scheduleWithFixedDelay(this::tick, TICK_NS, TICK_NS, TimeUnit.NANOSECONDS);
  }

  /** The handshake is done; the first call. */
  abstract void begun();

  /** The peer has opened a stream. */
  abstract void incoming(StreamLink link);

  /** A datagram; the caller releases it. */
  abstract void datagram(ByteBuf datagram);

  /** The last call. */
  abstract void closed(String reason);

  final void received(ByteBuf datagram) {
    countIn(datagram.readableBytes());
    datagram(datagram);
  }

  /** Datagrams of that size travel now, before the path is known to carry more. */
  final void datagramsTravel(int maxOctets) {
    maxDatagramOctets = maxOctets;
    path().ifPresent(path -> datagramOverheadOctets = (int) path.pmtu() - maxOctets);
  }

  /** The library knows what its one path is like, at once on the loop. */
  private Optional<QuicConnectionPathStats> path() {
    var stats = quic.collectPathStats(0);
    return stats.isSuccess() ? Optional.of(stats.getNow()) : Optional.empty();
  }

  /**
   * Looks how large a packet the path carries. RFC 9000 14.3: that is found out by probes, after
   * the handshake, at which the library tells a size once and never again.
   */
  private void measurePath() {
    path()
        .ifPresent(
            path -> {
              rttNs = path.rtt();
              if (maxDatagramOctets > 0) {
                maxDatagramOctets = Math.max((int) path.pmtu() - datagramOverheadOctets, 1);
              }
            });
  }

  final void connectionClosed(String reason) {
    closing = true;
    if (tick != null) {
      tick.cancel(false);
    }
    closed(closeReason == null ? reason : closeReason);
    closed.trySuccess(null);
  }

  final void ended(StreamLink link) {
    if (link.counted()) {
      openStreams.decrementAndGet();
    }
  }

  final void countIn(int octets) {
    octetsIn.add(octets);
  }

  /** A stream whose record the library will keep until the connection ends. */
  final void countForgotten() {
    forgotten++;
    if (forgotten == MAX_FORGOTTEN_STREAMS) {
      close("too many streams were given up");
    }
  }

  private void tick() {
    quic.collectStats()
        .addListener(
            (Future<QuicConnectionStats> stats) -> {
              if (stats.isSuccess() && stats.getNow() != null) {
                heard(stats.getNow().recv());
              }
            });
    measurePath();
  }

  /** Looks at how many packets have come so far. */
  final void heard(long packets) {
    silentTicks = packets == packetsSeen ? silentTicks + 1 : 0;
    packetsSeen = packets;
    if (silentTicks >= SILENT_TICKS) {
      close("nothing was heard for 4 s");
    } else if (++ticks % TICKS_BETWEEN_SIGNS == 0) {
      stillHere();
    }
  }

  /** A second has passed. */
  void stillHere() {}

  // ---- streams

  /** Has the library make a stream; on the loop. */
  final void createStream(Consumer<StreamLink> made, Consumer<StreamFailure> failed) {
    if (!isOpen()) {
      failed.accept(StreamFailure.notOpened("the connection is closed", null));
      return;
    }
    if (openStreams.get() >= MAX_STREAMS) {
      failed.accept(
          StreamFailure.notOpened("the connection has " + MAX_STREAMS + " streams", null));
      return;
    }
    if (quic.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) <= 0) {
      failed.accept(StreamFailure.notOpened("the peer allows no more streams now", null));
      return;
    }
    var initializer = new LinkInitializer();
    quic.createStream(QuicStreamType.BIDIRECTIONAL, initializer)
        .addListener(
            (Future<QuicStreamChannel> stream) -> {
              var link = initializer.link;
              if (stream.isSuccess() && link != null) {
                made.accept(link);
              } else {
                failed.accept(
                    StreamFailure.notOpened("a stream could not be made", stream.cause()));
              }
            });
  }

  /** Makes {@code link} a channel at once, and hands it out. */
  static void present(StreamLink link, Promise<Channel> promise, ChannelHandler... handlers) {
    var stream = new CarriedStream(link, Unpooled.EMPTY_BUFFER);
    stream.register();
    if (promise.setUncancellable()) {
      stream.activate(handlers);
      promise.trySuccess(stream);
    } else {
      stream.reset();
    }
  }

  /** Counts {@code link} among the streams of requests. */
  final void count(StreamLink link) {
    link.count();
    openStreams.incrementAndGet();
  }

  /** Makes the library's stream into a link. */
  final StreamLink link(QuicStreamChannel stream) {
    var config = stream.config();
    config.setAutoRead(false);
    config.setAllowHalfClosure(true);
    config.setOption(QuicChannelOption.READ_FRAMES, true);
    config.setOption(ChannelOption.ALLOCATOR, quic.alloc());
    var link = new StreamLink(stream, this);
    stream.pipeline().addLast(link);
    return link;
  }

  private final class LinkInitializer extends ChannelInitializer<QuicStreamChannel> {
    private @Nullable StreamLink link;

    @Override
    protected void initChannel(QuicStreamChannel stream) {
      link = link(stream);
    }
  }

  /** Runs {@code action} at {@code deadlineNs} of the ticker, or does nothing if cancelled. */
  final Deadline deadline(long deadlineNs, Runnable action) {
    return new Deadline(loop, ticker, deadlineNs, action);
  }

  final void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }

  // ---- datagrams

  /** As {@link io.vpc4j.tunnel.carrier.EdgeCarrier#sendDatagram}. */
  public final boolean sendDatagram(ByteBuf datagram) {
    var octets = datagram.readableBytes();
    if (closing || octets == 0 || !travels(octets) || !reserve()) {
      datagram.release();
      droppedDatagrams.increment();
      return false;
    }
    onLoop(() -> write(datagram));
    return true;
  }

  private boolean travels(int octets) {
    return loop.inEventLoop()
        ? octets <= maxDatagramOctets(octets)
        : maxDatagramOctets > 0 && octets < QuicParameters.MAX_SEND_OCTETS; // write() sees exactly
  }

  @Override
  public final int maxDatagramOctets() {
    return maxDatagramOctets(QuicParameters.MAX_SEND_OCTETS);
  }

  /** The path is looked at anew where {@code wanted} are more than are known to travel. */
  private int maxDatagramOctets(int wanted) {
    if (wanted > maxDatagramOctets) {
      measurePath();
    }
    return maxDatagramOctets;
  }

  private boolean reserve() {
    if (queuedDatagrams.incrementAndGet() > MAX_QUEUED_DATAGRAMS) {
      queuedDatagrams.decrementAndGet();
      return false;
    }
    return true;
  }

  private void write(ByteBuf datagram) {
    var octets = datagram.readableBytes();
    datagramOctetsOut.add(octets);
    quic.write(datagram)
        .addListener(
            written -> {
              if (!written.isSuccess()) { // the library's own limit has the last word
                droppedDatagrams.increment();
                LOG.debug("{}: a datagram of {} octets", this, octets, written.cause());
              }
            });
    if (!flushPlanned) {
      flushPlanned = true;
      if (batch.reading()) {
        batch.atEnd(this::flushDatagrams);
      } else {
        loop.execute(this::flushDatagrams);
      }
    }
  }

  private void flushDatagrams() {
    flushPlanned = false;
    queuedDatagrams.set(0);
    quic.flush();
  }

  /** Datagrams that were too long, or for which there was no room. */
  final long droppedDatagrams() {
    return droppedDatagrams.sum();
  }

  /** Streams whose records the library keeps, see {@link StreamLink}. */
  final long forgottenStreams() {
    return forgotten;
  }

  // ---- Carrier

  @Override
  public Protocol protocol() {
    return Protocol.QUIC;
  }

  @Override
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  @Override
  public boolean carriesDatagrams() {
    return maxDatagramOctets > 0;
  }

  @Override
  public int openStreams() {
    return openStreams.get();
  }

  @Override
  public long octetsIn() {
    return octetsIn.sum();
  }

  @Override
  public long octetsOut() {
    return writer.octetsOut() + datagramOctetsOut.sum();
  }

  @Override
  public OptionalLong rttNs() {
    return rttNs == 0 ? OptionalLong.empty() : OptionalLong.of(rttNs);
  }

  @Override
  public boolean isOpen() {
    return !closing && quic.isActive();
  }

  @Override
  public Future<Void> closeFuture() {
    return closed;
  }

  @Override
  public void close(String reason) {
    closing = true;
    onLoop(
        () -> {
          if (closeReason == null && quic.isOpen()) {
            closeReason = reason;
            var text =
                reason.length() > REASON_OCTETS ? reason.substring(0, REASON_OCTETS) : reason;
            quic.close(true, 0, ByteBufUtil.writeAscii(quic.alloc(), text));
          }
        });
  }

  @Override
  public String toString() {
    return "quic " + remoteAddress;
  }
}

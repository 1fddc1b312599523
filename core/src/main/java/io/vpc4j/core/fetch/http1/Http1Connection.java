package io.vpc4j.core.fetch.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.Exchange;
import io.vpc4j.core.fetch.exchange.Exchange.Again;
import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import io.vpc4j.core.net.Ticker;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection: the last handler of its channel's pipeline. One exchange at a time, no
 * pipelining. RFC 9112 9
 *
 * <p><b>The way of a small GET</b>, top to bottom: {@link #start} on the caller's thread; {@link
 * #begin} on the loop, one buffer, one flush; {@link #channelRead}, which has the decoder call
 * {@link #onHead} and {@link #onData}; {@link #finish}, which gives the connection back and then
 * wakes the caller. No timer is set and no promise made on that way.
 *
 * <p><b>Early responses.</b> The final response may come while the body is still being sent. It is
 * delivered. If its status says that the body is of no use (300 and over) sending stops at once; if
 * not, it goes on until the response is complete. A connection on which a body was left unfinished
 * is closed. That a write fails does not end the exchange: an answer may be on its way, so the
 * channel must not close itself then ({@link #open}).
 *
 * <p><b>Expect: 100-continue.</b> If the request has the field, the body waits for a 100, at most
 * {@link #CONTINUE_WAIT_NS}; a final response instead means that it is never sent. RFC 9110 10.1.1
 */
public final class Http1Connection extends ChannelInboundHandlerAdapter
    implements HttpConnection, ResponseDecoder.Sink, BodySink.Listener {

  /**
   * How long a body waits for the 100 that the request asked for: 1 s, the field's usual patience.
   */
  static final long CONTINUE_WAIT_NS = TimeUnit.SECONDS.toNanos(1);

  private static final int HEAD_OCTETS = 512;

  private final Channel channel;
  private final Listener listener;
  private final Ticker ticker;
  private final ResponseDecoder decoder;

  // On the loop; the sweeper's thread reads some of it, and may see it a little old.
  private volatile @Nullable Exchange current;
  private @Nullable BodySink sink;
  private boolean sinkLeftOpen; // the body was given up, and with it the connection's framing
  private @Nullable ResponseHead upgradeHead;
  private @Nullable Throwable ioFailure;
  private boolean served;
  private boolean closed;
  private boolean closeTold;
  private volatile boolean draining;
  private long continueByNs = Long.MAX_VALUE;
  private long pendingWriteOctets;
  private volatile @Nullable Exchange paused;

  private Http1Connection(Channel channel, Listener listener, Limits limits, Ticker ticker) {
    this.channel = channel;
    this.listener = listener;
    this.ticker = ticker;
    decoder = new ResponseDecoder(limits.maxHeaderOctets());
  }

  /**
   * Adds a connection to the end of {@code channel}'s pipeline; called on its event loop.
   *
   * @param limits for the bound on heads
   */
  public static Http1Connection open(
      Channel channel, Listener listener, Limits limits, Ticker ticker) {
    channel.config().setAutoClose(false); // a failed write is no reason not to read the answer
    var connection = new Http1Connection(channel, listener, limits, ticker);
    channel.pipeline().addLast(connection);
    return connection;
  }

  // ---- outbound: from the engine

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public int capacity() {
    return draining ? 0 : 1;
  }

  @Override
  public void start(Exchange exchange) {
    if (channel.eventLoop().inEventLoop()) {
      begin(exchange);
    } else {
      channel.eventLoop().execute(() -> begin(exchange));
    }
  }

  private void begin(Exchange exchange) {
    if (closed || !channel.isActive() || current != null) {
      exchange.onFailure(decoder.truncated(ioFailure), Again.ALWAYS);
      exchange.onReadComplete();
      return;
    }
    if (!exchange.onStart()) {
      listener.onExchangeEnd(this);
      return;
    }
    var head = channel.alloc().directBuffer(HEAD_OCTETS);
    try {
      RequestWriter.writeHead(head, exchange);
    } catch (VpcException | RuntimeException e) {
      head.release();
      exchange.onFailure(asRequestFailure(e), Again.NEVER);
      exchange.onReadComplete();
      listener.onExchangeEnd(this); // nothing was written: the connection is as good as before
      return;
    }
    current = exchange;
    decoder.expect(exchange.method().equals("HEAD"), exchange.upgrade());
    channel.write(head, channel.voidPromise());
    var upload = exchange.upload();
    if (upload == null) {
      channel.flush();
      stamp();
      return;
    }
    sink = new BodySink(channel, upload, this, channel.pipeline().first() == this);
    if (exchange.headers().has("expect") && expectsContinue(exchange)) {
      channel.flush();
      continueByNs = ticker.nowNs() + CONTINUE_WAIT_NS;
      stamp();
    } else {
      sink.start();
    }
  }

  private static boolean expectsContinue(Exchange exchange) {
    return HeadParser.hasToken(exchange.headers().get("expect").orElse(""), "100-continue");
  }

  private static VpcException asRequestFailure(Exception e) {
    return e instanceof VpcException failure
        ? failure
        : new VpcException(
            ErrorCode.PROXY_INTERNAL_ERROR, Stage.REQUEST, "The request could not be written.", e);
  }

  @Override
  public void cancel(Exchange exchange, VpcException why) {
    if (channel.eventLoop().inEventLoop()) {
      if (current == exchange) {
        fail(why, Again.NEVER);
      }
    } else {
      channel.eventLoop().execute(() -> cancel(exchange, why));
    }
  }

  @Override
  public void drain() {
    draining = true;
    if (channel.eventLoop().inEventLoop()) {
      if (current == null) {
        channel.close();
      }
    } else {
      channel.eventLoop().execute(this::drain);
    }
  }

  @Override
  public void close() {
    draining = true;
    if (channel.eventLoop().inEventLoop()) {
      fail(
          new VpcException(
              ErrorCode.REQUEST_ABORTED, Stage.REQUEST, "The connection was closed on this side."),
          Again.NEVER);
    } else {
      channel.eventLoop().execute(this::close);
    }
  }

  // ---- inbound: from the far end

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf in)) {
      ReferenceCountUtil.release(message);
      return;
    }
    try {
      if (current == null) {
        if (in.isReadable()) {
          channel.close(); // octets that answer nothing: whose they would be taken for is no guess
        }
      } else if (decoder.decode(in, this)) {
        finish(in.isReadable());
      } else if (decoder.upgraded()) {
        upgrade(in);
      } else {
        stamp();
      }
    } catch (VpcException e) {
      fail(e, Again.NEVER);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    var exchange = current;
    if (exchange != null && decoder.begun()) {
      exchange.onReadComplete();
    }
  }

  @Override
  public void onInterim(ResponseHead head) {
    if (head.status() == 100 && continueByNs != Long.MAX_VALUE) {
      beginBody();
    }
  }

  @Override
  public void onHead(ResponseHead head) {
    var exchange = current;
    if (exchange == null || head.status() == 101) {
      upgradeHead = head;
      return;
    }
    exchange.onHead(head);
    if (sink != null && (continueByNs != Long.MAX_VALUE || head.status() >= 300)) {
      continueByNs = Long.MAX_VALUE;
      sinkLeftOpen |= !sink.over();
      sink.stop();
    }
  }

  @Override
  public void onData(ByteBuf octets) {
    var exchange = current;
    if (exchange == null) {
      octets.release();
      return;
    }
    var buffered = exchange.buffered(octets.readableBytes());
    exchange.onData(octets);
    if (buffered > exchange.limits().readWindowOctets() && paused == null) {
      paused = exchange;
      channel.config().setAutoRead(false);
      if (exchange.buffered(0) < exchange.limits().readWindowOctets() / 2) {
        resume(exchange); // it was taken in the meantime, and nobody will say so again
      }
    }
  }

  @Override
  public void consumed(Exchange exchange, int octets) {
    var left = exchange.buffered(-octets);
    if (paused == exchange && left < exchange.limits().readWindowOctets() / 2) {
      channel.eventLoop().execute(() -> resume(exchange));
    }
  }

  private void resume(Exchange exchange) {
    if (paused == exchange) {
      paused = null;
      stamp();
      channel.config().setAutoRead(true);
    }
  }

  // ---- ends

  /** The response is complete: the connection goes back first, so that it is there to be reused. */
  private void finish(boolean octetsFollow) {
    var exchange = current;
    if (exchange == null) {
      return;
    }
    var reusable =
        !octetsFollow && !draining && !closed && decoder.persistent() && bodySent() && noneWaits();
    clear();
    served = true;
    exchange.onEnd(decoder.trailers());
    if (reusable) {
      listener.onExchangeEnd(this);
    } else {
      draining = true;
      channel.close();
    }
    exchange.onReadComplete();
  }

  private boolean bodySent() {
    if (sink == null) {
      return true;
    }
    sinkLeftOpen |= !sink.over();
    sink.stop();
    return !sinkLeftOpen;
  }

  private boolean noneWaits() {
    return ioFailure == null && pendingWrites() == 0;
  }

  private void upgrade(ByteBuf in) {
    var exchange = current;
    var head = upgradeHead;
    if (exchange == null || head == null) {
      return;
    }
    clear();
    draining = true;
    channel.config().setAutoRead(false);
    var rest = in.readRetainedSlice(in.readableBytes());
    channel.pipeline().remove(this);
    channel.closeFuture().addListener(closing -> closeOnce());
    exchange.onUpgrade(head, channel, rest);
    exchange.onReadComplete();
  }

  private void fail(VpcException failure, Again again) {
    var exchange = current;
    draining = true;
    if (exchange != null) {
      if (sink != null) {
        sink.stop();
      }
      clear();
      exchange.onFailure(failure, again);
      exchange.onReadComplete();
    }
    channel.close();
  }

  private void clear() {
    current = null;
    sink = null;
    sinkLeftOpen = false;
    upgradeHead = null;
    continueByNs = Long.MAX_VALUE;
    if (paused != null) {
      paused = null;
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
    draining = true;
    var exchange = current;
    if (exchange != null) {
      if (ioFailure == null && decoder.onEndOfInput()) {
        finish(false);
      } else {
        // A connection that served before and dies without an octet was most likely idle too long.
        var again = served && !decoder.begun() ? Again.IF_IDEMPOTENT : Again.NEVER;
        fail(decoder.truncated(ioFailure), again);
      }
    }
    closeOnce();
  }

  private void closeOnce() {
    if (!closeTold) {
      closeTold = true;
      listener.onClosed(this);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ioFailure = ioFailure == null ? cause : ioFailure;
    if (sink != null) {
      sinkLeftOpen = true;
      sink.stop(); // what cannot be written is given up; the answer may come all the same
    }
    if (!(cause instanceof IOException) || current == null) {
      channel.close();
    } else {
      stamp();
    }
  }

  // ---- the body

  private void beginBody() {
    continueByNs = Long.MAX_VALUE;
    if (sink != null) {
      sink.start();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (sink != null && channel.isWritable()) {
      stamp();
      sink.onWritable();
    }
  }

  @Override
  public void onUploadProgress() {
    stamp();
  }

  @Override
  public void onUploadEnd() {
    stamp();
  }

  @Override
  public void onUploadFailure(VpcException failure) {
    fail(failure, Again.NEVER);
  }

  // ---- time

  private void stamp() {
    var exchange = current;
    if (exchange != null) {
      pendingWriteOctets = pendingWrites();
      var sending =
          pendingWriteOctets > 0
              || (sink != null && !sink.over() && continueByNs == Long.MAX_VALUE);
      exchange.progress(ticker.nowNs(), sending, !sending && paused == null);
    }
  }

  @Override
  public long dueNs() {
    var exchange = current;
    return exchange == null ? Long.MAX_VALUE : Exchange.sooner(exchange.dueNs(), continueByNs);
  }

  @Override
  public void onDue(long nowNs) {
    if (!channel.eventLoop().inEventLoop()) {
      channel.eventLoop().execute(() -> onDue(nowNs));
      return;
    }
    var exchange = current;
    if (exchange == null) {
      return;
    }
    if (continueByNs != Long.MAX_VALUE && nowNs - continueByNs >= 0) {
      beginBody(); // RFC 9110 10.1.1: a client does not wait for ever
      return;
    }
    if (pendingWrites() < pendingWriteOctets) {
      stamp(); // the socket took some without telling
      return;
    }
    var late = exchange.lateness(nowNs);
    if (late != null) {
      fail(late, Again.NEVER);
    }
  }

  private long pendingWrites() {
    var outbound = channel.unsafe().outboundBuffer();
    return outbound == null ? 0 : outbound.totalPendingWriteBytes();
  }
}

package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.carrier.Trailers;
import io.vpc4j.tunnel.carrier.Windows;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream as a channel of octets.
 *
 * <p>Netty's own stream channels hand out everything they hold as soon as the peer resets, whatever
 * auto-read says, and a connector resets every stream after its end ([T] 4.5). Here what has come
 * is handed out when it is asked for, and the end after it.
 *
 * <p>Input waits in {@link #arrived}, at most a window of it, and credit is given back as it is
 * taken. Output is handed to the encoder {@link #HANDED_MAX_OCTETS} at a time; the rest waits in
 * the channel's own buffer, where writability is exact.
 *
 * <p>Confined to the connection's loop.
 */
final class StreamChannel extends AbstractChannel {

  /** What follows the last octets that the peer sends. */
  enum AtPeersEnd {
    /** The channel closes: the edge's streams, of which nothing is left then ([T] 4.5). */
    CLOSE,
    /** A {@link ChannelInputShutdownEvent}; the output goes on: the connector's streams. */
    TELL
  }

  /** Output that the encoder has and has not written: keeps the connection busy, and no more. */
  private static final int HANDED_MAX_OCTETS = 128 << 10;

  /**
   * From this size on the next octets for a reader that stands still begin a buffer of their own.
   */
  private static final int TAIL_OCTETS = 32 << 10;

  /** Messages handed out before others have their turn. */
  private static final int MAX_MESSAGES_PER_READ = 16;

  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final DefaultChannelConfig config = new DefaultChannelConfig(this);
  private final Multiplexer multiplexer;
  private final int streamId;
  private final AtPeersEnd atPeersEnd;
  private final ArrayDeque<Object> arrived = new ArrayDeque<>();

  private State state = State.NEW;
  private int kept; // how many at the head of arrived are in buffers of their own
  private @Nullable ByteBuf tail; // the last of these, while it has room
  private boolean readWanted;
  private boolean handingOut;
  private boolean peerEnded;
  private boolean outputEnded;
  private boolean closing;
  private int handedOctets;
  private int window = Windows.STREAM_INITIAL_OCTETS;
  private int takenOfWindow;

  private enum State {
    NEW,
    ACTIVE,
    CLOSED
  }

  StreamChannel(Multiplexer multiplexer, int streamId, AtPeersEnd atPeersEnd) {
    super(multiplexer.channel());
    this.multiplexer = multiplexer;
    this.streamId = streamId;
    this.atPeersEnd = atPeersEnd;
    config.setAllocator(multiplexer.channel().alloc());
    config.setWriteBufferWaterMark(
        new WriteBufferWaterMark(Windows.WRITE_LOW_OCTETS, Windows.WRITE_HIGH_OCTETS));
    pipeline().addFirst(new EndBeforeClose());
  }

  int streamId() {
    return streamId;
  }

  /** Adds {@code initializer} and comes to life: {@code channelActive} is its first event. */
  void begin(ChannelHandler initializer) {
    pipeline().addLast(initializer);
    state = State.ACTIVE;
    multiplexer.channel().eventLoop().register(this);
  }

  // ---- input

  /**
   * Octets, the head as a message, or trailers have come. Handed out at the end of the connection's
   * read.
   *
   * <p>Octets for a reader that stands still are copied: the buffer they came in is shared by all
   * streams, and a few of them would keep the whole of it.
   */
  void arrive(Object message) {
    if (state == State.CLOSED) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (readWanted) {
      arrived.add(message);
    } else {
      keep(message);
    }
  }

  private void keep(Object message) {
    if (!(message instanceof ByteBuf octets)) {
      arrived.add(message);
      kept++;
      return;
    }
    var last = tail;
    if (last == null || last != arrived.peekLast() || last.readableBytes() >= TAIL_OCTETS) {
      last = alloc().buffer(octets.readableBytes());
      tail = last;
      arrived.add(last);
      kept++;
    }
    last.writeBytes(octets);
    octets.release();
  }

  /** The peer has ended its output. */
  void arriveEnd() {
    peerEnded = true;
  }

  /** The peer wants no more of our output; its own is complete. */
  void stopOutput() {
    outputEnded = true;
  }

  /** The peer has reset the stream, or the connection is lost. */
  void fail(Throwable cause) {
    if (state != State.ACTIVE) {
      releaseArrived();
      return;
    }
    try {
      if (readWanted) {
        handOut();
      }
    } finally { // whatever that throws, the failure is told
      if (state == State.ACTIVE) {
        outputEnded = true;
        pipeline().fireExceptionCaught(cause);
        unsafe().close(voidPromise());
      }
    }
  }

  /**
   * Hands out what has come, as far as it is wanted. What is not is kept without its neighbours.
   */
  void handOut() {
    if (handingOut || state != State.ACTIVE) {
      return;
    }
    handingOut = true;
    try {
      while (readWanted && state == State.ACTIVE && !arrived.isEmpty()) {
        handOutOnce();
      }
    } finally {
      handingOut = false;
    }
    if (state == State.ACTIVE && arrived.isEmpty() && peerEnded) {
      tellEnd();
    } else if (!readWanted && !arrived.isEmpty()) {
      keepTheRest();
    }
  }

  private void handOutOnce() {
    readWanted = false;
    for (var messages = 0; messages < MAX_MESSAGES_PER_READ; messages++) {
      var message = arrived.poll();
      if (message == null) {
        break;
      }
      kept = Math.max(0, kept - 1);
      if (message == tail) {
        tail = null;
      }
      if (message instanceof ByteBuf octets) {
        take(octets.readableBytes());
      }
      if (message instanceof Trailers) {
        pipeline().fireUserEventTriggered(message);
      } else {
        pipeline().fireChannelRead(message);
      }
      if (state != State.ACTIVE || !config.isAutoRead()) {
        break;
      }
    }
    if (state == State.ACTIVE) {
      pipeline().fireChannelReadComplete(); // asks for more where auto-read is on
    }
  }

  private void take(int octets) {
    multiplexer.giveBack(streamId, octets);
    takenOfWindow += octets;
    if (takenOfWindow >= window && window < Windows.STREAM_MAX_OCTETS) {
      takenOfWindow = 0;
      window += multiplexer.grow(streamId, Math.min(window, Windows.STREAM_MAX_OCTETS - window));
    }
  }

  /** Output that the connection has and has not sent. */
  int handedOctets() {
    return handedOctets;
  }

  AtPeersEnd atPeersEnd() {
    return atPeersEnd;
  }

  /** What the window has beyond the initial one. */
  int grownOctets() {
    return window - Windows.STREAM_INITIAL_OCTETS;
  }

  /** What came and is not wanted any more is kept as what comes later will be. */
  private void keepTheRest() {
    var rest = new ArrayDeque<Object>();
    while (arrived.size() > kept) {
      rest.addFirst(arrived.removeLast());
    }
    rest.forEach(this::keep);
  }

  private void tellEnd() {
    if (atPeersEnd == AtPeersEnd.CLOSE) {
      unsafe().close(voidPromise());
      return;
    }
    peerEnded = false;
    pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
  }

  @Override
  protected void doBeginRead() {
    readWanted = true;
    if (!handingOut && (peerEnded || !arrived.isEmpty())) {
      eventLoop().execute(this::handOut); // not within the caller, who may be in a handler
    }
  }

  // ---- output

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf
        || message instanceof LastOctets
        || message instanceof Trailers) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a stream of octets takes no " + message.getClass().getName());
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer waiting) {
    // What is handed may leave at once, and make room for more before this returns.
    while (handSome(waiting)) {
      multiplexer.flushSoon();
    }
  }

  private boolean handSome(ChannelOutboundBuffer waiting) {
    var some = false;
    while (closing || handedOctets < HANDED_MAX_OCTETS) {
      var message = waiting.current();
      if (message == null) {
        break;
      }
      if (outputEnded) {
        waiting.remove(new ClosedChannelException());
        continue;
      }
      hand(message);
      waiting.remove();
      some = true;
    }
    return some;
  }

  private void hand(Object message) {
    if (message instanceof ByteBuf octets) {
      if (octets.isReadable()) {
        hand(octets.retain(), false);
      }
    } else if (message instanceof LastOctets last) {
      outputEnded = true;
      hand(last.content().retain(), true);
    } else if (message instanceof Trailers trailers) {
      outputEnded = true;
      multiplexer.writeTrailers(streamId, trailers);
    }
  }

  private void hand(ByteBuf octets, boolean end) {
    var count = octets.readableBytes();
    handedOctets += count;
    multiplexer
        .writeData(streamId, octets, end)
        .addListener(
            written -> {
              handedOctets -= count;
              if (written.isSuccess() && handedOctets < HANDED_MAX_OCTETS / 2) {
                ((StreamUnsafe) unsafe()).goOnWriting();
              }
            });
  }

  // ---- closing

  @Override
  protected void doClose() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    releaseArrived();
    multiplexer.onChannelClosed(this, outputEnded);
  }

  private void releaseArrived() {
    tail = null;
    kept = 0;
    for (var message = arrived.poll(); message != null; message = arrived.poll()) {
      if (message instanceof ByteBuf octets) {
        multiplexer.giveBack(streamId, octets.readableBytes());
      }
      ReferenceCountUtil.release(message);
    }
  }

  /**
   * {@code close} hands all that was written to the connection, and the end after it, as a socket's
   * {@code close} leaves it to the system; the channel is closed at once.
   */
  private final class EndBeforeClose extends ChannelOutboundHandlerAdapter {
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
      if (closing || outputEnded || state != State.ACTIVE) {
        ctx.close(promise);
        return;
      }
      closing = true;
      ctx.writeAndFlush(LastOctets.none()).addListener(handed -> ctx.close(promise));
    }
  }

  private final class StreamUnsafe extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      promise.setFailure(new UnsupportedOperationException("a stream is made by its connection"));
    }

    void goOnWriting() {
      super.flush0();
    }
  }

  // ---- what a channel has to say

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new StreamUnsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop == multiplexer.channel().eventLoop();
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return multiplexer.channel().localAddress();
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return multiplexer.channel().remoteAddress();
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException("a stream is made by its connection");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return state != State.CLOSED;
  }

  @Override
  public boolean isActive() {
    return state == State.ACTIVE;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}

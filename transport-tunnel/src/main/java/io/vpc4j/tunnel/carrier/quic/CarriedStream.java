package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.internal.StringUtil;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.carrier.Trailers;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/**
 * A stream as its users have it: a channel of raw octets.
 *
 * <p>A channel of our own over the library's, whose writability says what the peer's windows and
 * the network have room for, not what is queued, and whose writes leave in the order of its choice.
 * This one has Netty's own outbound queue, with its watermarks, and {@link ConnectionWriter}
 * empties it; it reads when told to; its end, a reset and the loss of the connection are as {@link
 * io.vpc4j.tunnel.carrier.EdgeCarrier} promises.
 *
 * <p>It is inactive, and reads nothing, until {@link #activate}.
 */
final class CarriedStream extends AbstractChannel implements DuplexChannel, StreamReader {

  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  private final StreamLink link;
  private final CarriedStreamConfig config;

  /** Octets that came before anybody asked for them; given out before any others. */
  private final ArrayDeque<ByteBuf> early = new ArrayDeque<>();

  private boolean earlyPlanned;
  private boolean endWaits;
  private volatile boolean open = true;
  private volatile boolean active;
  private volatile boolean inputShutdown;
  private volatile boolean outputShutdown;
  private boolean lastWritten;
  private boolean abort;

  /**
   * Over {@code link}, whose reader it becomes.
   *
   * @param first octets that were read already and are this channel's; empty if none. Taken over
   */
  CarriedStream(StreamLink link, ByteBuf first) {
    super(link.quic());
    this.link = link;
    this.config = new CarriedStreamConfig(this);
    if (first.isReadable()) {
      early.add(first);
    } else {
      first.release();
    }
  }

  /** Registers the channel with its loop. On the loop. */
  void register() {
    link.to(this);
    link.quic().eventLoop().register(this);
    link.output().from(unsafe().outboundBuffer());
    link.output()
        .onDone(
            () -> {
              outputShutdown = true;
              failQueued();
            });
    if (link.gone()) {
      unsafe().close(voidPromise());
    }
  }

  /** Adds {@code initializers}, whose first event is {@code channelActive}. On the loop. */
  void activate(ChannelHandler... initializers) {
    if (!open) {
      return;
    }
    pipeline().addLast(initializers);
    active = true;
    toldActive();
  }

  /** As {@link #activate}, behind {@code first}, which is written before anything else. */
  void activate(ByteBuf first, ChannelPromise written, ChannelHandler initializer) {
    active = open; // or the write would be refused
    unsafe().write(first, written);
    unsafe().flush();
    if (open) {
      pipeline().addLast(initializer);
      toldActive();
    }
  }

  private void toldActive() {
    pipeline().fireChannelActive();
    if (endWaits && early.isEmpty()) {
      end();
    }
  }

  StreamLink link() {
    return link;
  }

  /** Closes with RESET_STREAM. On the loop. */
  void reset() {
    abort = true;
    close();
  }

  // ---- reading

  @Override
  protected void doBeginRead() {
    if (!active) {
      return;
    }
    if (early.isEmpty()) {
      link.read();
    } else if (!earlyPlanned) {
      earlyPlanned = true;
      eventLoop().execute(this::giveEarly);
    }
  }

  private void giveEarly() {
    earlyPlanned = false;
    if (!active) {
      return;
    }
    for (var octets = early.poll(); octets != null; octets = early.poll()) {
      pipeline().fireChannelRead(octets);
    }
    pipeline().fireChannelReadComplete();
    if (endWaits) {
      end();
    }
  }

  @Override
  public void octets(ByteBuf octets) {
    if (active && early.isEmpty()) {
      pipeline().fireChannelRead(octets);
    } else if (open) {
      early.add(octets);
    } else {
      octets.release();
    }
  }

  @Override
  public void readComplete() {
    if (active && early.isEmpty()) {
      pipeline().fireChannelReadComplete();
    }
  }

  @Override
  public void end() {
    if (open && (!active || !early.isEmpty())) {
      endWaits = true;
      return;
    }
    inputShutdown = true;
    if (!config.isAllowHalfClosure() || outputShutdown) {
      unsafe().close(voidPromise());
      return;
    }
    pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
  }

  @Override
  public void failed(Throwable cause) {
    inputShutdown = true;
    abort = true;
    if (active) {
      pipeline().fireExceptionCaught(cause);
    }
    unsafe().close(voidPromise());
  }

  // ---- writing

  @Override
  protected Object filterOutboundMessage(Object message) throws Exception {
    if (lastWritten || outputShutdown) {
      throw new ChannelOutputShutdownException("the output has ended");
    }
    if (message instanceof ByteBuf) {
      return message;
    }
    if (message instanceof LastOctets last) {
      lastWritten = true;
      return last.content();
    }
    if (message instanceof Trailers) { // [C] 4.3: there are none over QUIC
      lastWritten = true;
      return alloc().buffer(0, 0);
    }
    throw new UnsupportedOperationException("not octets: " + StringUtil.simpleClassName(message));
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer queue) {
    if (link.output().done()) {
      failQueued();
      return;
    }
    if (lastWritten) {
      endOutput();
    } else {
      link.output().offer();
    }
  }

  private void endOutput() {
    outputShutdown = true;
    link.output().end();
    if (inputShutdown) {
      // Both halves have ended: with the last octets the channel closes.
      close();
    }
  }

  private void failQueued() {
    var queue = unsafe().outboundBuffer();
    if (queue == null) {
      return;
    }
    var refused = new ChannelOutputShutdownException("the peer reads no more");
    var failure = link.output().failure();
    if (failure != null) {
      refused.initCause(failure);
    }
    while (queue.remove(refused)) {
      // each promise is told
    }
  }

  // ---- ends

  /** What was flushed and has not left stays with the link, which sees it off. */
  private void leaveQueuedToLink() {
    var queue = unsafe().outboundBuffer();
    var output = link.output();
    if (queue == null || !open) {
      return;
    }
    output.from(null);
    if (abort || config.getSoLinger() == 0) {
      return;
    }
    while (queue.current() instanceof ByteBuf octets) {
      output.write(octets.retainedDuplicate());
      queue.remove();
    }
  }

  @Override
  protected void doClose() {
    open = false;
    active = false;
    inputShutdown = true;
    outputShutdown = true;
    for (var octets = early.poll(); octets != null; octets = early.poll()) {
      octets.release();
    }
    if (abort || config.getSoLinger() == 0) {
      link.abort(0);
    } else {
      link.close();
    }
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  public boolean isInputShutdown() {
    return inputShutdown;
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  /** Reads nothing more. What the peer still sends stays in its window. */
  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    inputShutdown = true;
    return promise.setSuccess();
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShutdown;
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  /** As if {@link LastOctets#none} were written. */
  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    return writeAndFlush(LastOctets.none(), promise);
  }

  @Override
  public boolean isShutdown() {
    return inputShutdown && outputShutdown;
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    return close(promise);
  }

  // ---- what a channel is

  @Override
  public CarriedStreamConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop == link.quic().eventLoop();
  }

  @Override
  protected SocketAddress localAddress0() {
    return link.carrier().localAddress();
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return link.carrier().remoteAddress();
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new StreamUnsafe();
  }

  private final class StreamUnsafe extends AbstractUnsafe {

    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      promise.setFailure(new SocketException("a stream is made connected"));
    }

    @Override
    protected void close(
        ChannelPromise promise, Throwable cause, ClosedChannelException closeCause) {
      leaveQueuedToLink();
      super.close(promise, cause, closeCause);
    }
  }

  @Override
  public String toString() {
    return "stream " + link.quic().streamId() + " of " + link.carrier();
  }
}

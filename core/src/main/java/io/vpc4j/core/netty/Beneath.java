package io.vpc4j.core.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.vpc4j.core.net.StreamOptions;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The transport's channel beneath a {@link BindingChannel}: the last handler of its pipeline, and
 * what it has read and the channel above has not taken yet.
 *
 * <p>The transport's channel reads on by itself while the one above has auto-read on and less than
 * {@link #WINDOW_OCTETS} wait, so that neither loop waits for the other; else it reads once for
 * each time that it is asked. At most the window and one read more are kept.
 *
 * <p><b>Threads.</b> The transport's loop calls the handler methods, the loop of the channel above
 * the others. What they share is guarded by this object's monitor, for a few instructions and never
 * while waiting; nothing is given to the channel above with it held.
 */
final class Beneath extends ChannelInboundHandlerAdapter {

  /** With so many octets waiting, the transport's channel stops to read; with half, it goes on. */
  static final int WINDOW_OCTETS = 512 * 1024;

  /** Finds the handler of a channel that has closed already, and lost its handlers with that. */
  private static final AttributeKey<Beneath> OF_CHANNEL =
      AttributeKey.valueOf(Beneath.class, "OF_CHANNEL");

  /** How the input of the transport's channel ended, and why if that was a failure. */
  record End(Kind kind, @Nullable Throwable cause) {
    enum Kind {
      /** The far end ended its output; ours is open. */
      INPUT,
      /** The connection is over. */
      CLOSED,
      /** The connection broke. */
      RESET
    }

    boolean isFinal() {
      return kind != Kind.INPUT;
    }
  }

  // guarded by this
  private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
  private int octets;
  private @Nullable End end; // behind what arrived
  private boolean wanted; // by a channel above that reads on by itself
  private boolean flowing; // the transport's channel reads on by itself
  private boolean told; // the channel above, and it has not looked yet
  private boolean abandoned;
  private @Nullable BindingChannel above;

  private final Runnable loopEnds = this::closeWithLoop;
  private @Nullable Channel channel; // set once, before the dial is over

  /** The one that was put into {@code channel}. */
  static Beneath of(Channel channel) {
    var found = channel.attr(OF_CHANNEL).get();
    if (found == null) {
      throw new IllegalStateException("the channel was made without a handler of this");
    }
    return found;
  }

  /** The transport's channel. */
  Channel channel() {
    var made = channel;
    if (made == null) {
      throw new IllegalStateException("not in a pipeline yet");
    }
    return made;
  }

  // ---- the transport's loop

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    channel.attr(OF_CHANNEL).set(this);
    channel.config().setAutoRead(false);
    StreamOptions.set(channel.config());
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    if (channel.eventLoop() instanceof SingleThreadEventExecutor executor) {
      executor.addShutdownHook(loopEnds);
    }
  }

  /**
   * A loop closes its channels in a turn in which it knows that it ends; one that is told to end
   * late in a turn has no other, and leaves them open without a word. Its hooks it runs anyhow.
   */
  private void closeWithLoop() {
    end(new End(End.Kind.CLOSED, null));
    channel().close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var read = (ByteBuf) message;
    synchronized (this) {
      if (!abandoned) {
        arrived.add(read);
        octets += read.readableBytes();
        if (octets >= WINDOW_OCTETS) {
          flow(false);
        }
        return;
      }
    }
    read.release();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    tell();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      end(new End(End.Kind.INPUT, null));
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end(new End(End.Kind.CLOSED, null));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end(new End(End.Kind.RESET, cause));
    context.close();
  }

  private void end(End how) {
    synchronized (this) {
      if (end == null || (!end.isFinal() && how.isFinal())) {
        end = how;
      }
    }
    tell();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (channel().eventLoop() instanceof SingleThreadEventExecutor executor) {
      executor.removeShutdownHook(loopEnds);
    }
    unpool();
  }

  /**
   * The channel is over and may have lost a race of addresses, in which case nobody will ever ask
   * for what it brought. So that goes to where the collector finds it.
   */
  private synchronized void unpool() {
    if (above == null) {
      for (var left = arrived.size(); left > 0; left--) {
        var read = arrived.remove();
        arrived.add(Unpooled.wrappedBuffer(ByteBufUtil.getBytes(read)));
        read.release();
      }
    }
  }

  /** There is news for the channel above: it is told once, until it has looked. Any thread. */
  void tell() {
    BindingChannel whom;
    synchronized (this) {
      whom = above;
      if (whom == null || told) {
        return;
      }
      told = true;
    }
    // With the monitor held, this channel gives octets from within being asked for them.
    var later = Thread.holdsLock(this);
    try {
      whom.onNews(later);
    } catch (RejectedExecutionException e) { // its loop has ended, and it with that
      abandon();
      channel().close();
    }
  }

  // ---- the loop of the channel above

  /** The channel above is there, and is told from now on. */
  synchronized void attach(BindingChannel channelAbove) {
    above = channelAbove;
  }

  /** The channel above looks: whatever comes from now on is news. */
  synchronized void heard() {
    told = false;
  }

  /** The next octets, which are the caller's; null if none wait. */
  synchronized @Nullable ByteBuf poll() {
    var next = arrived.poll();
    if (next != null) {
      octets -= next.readableBytes();
      if (wanted && octets < WINDOW_OCTETS / 2) {
        flow(true);
      }
    }
    return next;
  }

  /** How the input ended, once nothing waits; null if it has not. */
  synchronized @Nullable End ended() {
    return arrived.isEmpty() ? end : null;
  }

  /** Why the connection broke; null if it did not. Octets may wait still. */
  synchronized @Nullable Throwable failure() {
    return end == null ? null : end.cause();
  }

  /** Whether octets or the end wait to be taken. */
  synchronized boolean hasNews() {
    return !arrived.isEmpty() || end != null;
  }

  /**
   * Nothing waits, and the channel above wants to read.
   *
   * @param on whether it goes on reading
   */
  void want(boolean on) {
    synchronized (this) {
      wanted = on;
      if (on) {
        flow(true);
        return;
      }
      if (flowing) {
        return;
      }
    }
    channel().read(); // once; from another thread it is a task of the loop
  }

  /** The channel above reads no more until it says so. Any thread. */
  synchronized void pause() {
    wanted = false;
    flow(false);
  }

  /** Has the channel read on, or not; with the monitor held, so that the last wish counts. */
  private void flow(boolean on) {
    if (flowing != on && !(on && end != null)) {
      flowing = on;
      channel().config().setAutoRead(on); // from another thread it is a task of the loop
    }
  }

  /** Drops what waits, and whatever comes; goes on reading, so that the end is seen. */
  synchronized void discard() {
    abandoned = true;
    dropAll();
    flow(true);
  }

  /**
   * Closes the transport's channel. Drops what waits, and whatever comes; nobody is told any more.
   *
   * @param soLinger for the transport's channel, where it knows that; negative for what it has
   */
  void close(int soLinger) {
    abandon();
    if (soLinger >= 0) {
      try {
        channel().config().setOption(ChannelOption.SO_LINGER, soLinger);
      } catch (ChannelException closed) {
        // It has closed by itself: nobody is left to be told.
      }
    }
    channel().close();
  }

  private synchronized void abandon() {
    abandoned = true;
    above = null;
    dropAll();
  }

  /** Runs {@code task} once the transport's loop has seen what was sent, on some loop. */
  void behindWrites(Runnable task) {
    try {
      channel().eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      task.run(); // that loop has ended: nothing is being written
    }
  }

  private void dropAll() {
    arrived.forEach(ByteBuf::release);
    arrived.clear();
    octets = 0;
  }
}

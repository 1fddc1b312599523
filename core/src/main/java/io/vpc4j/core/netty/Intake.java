package io.vpc4j.core.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.IOException;

/**
 * The reading of a {@link BindingChannel}: takes from {@link Beneath} what is asked for, and no
 * more. Confined to the loop of the channel above.
 */
final class Intake {

  /** Rounds of reading before others of the event loop have their turn. */
  private static final int MAX_ROUNDS = 16;

  private final BindingChannel channel;
  private final Beneath from;
  private boolean wanted;
  private boolean reading;
  private boolean moreToRead;

  /**
   * For a channel that is connected.
   *
   * @param wanted whether it was asked to read before that
   */
  Intake(BindingChannel channel, Beneath from, boolean wanted) {
    this.channel = channel;
    this.from = from;
    this.wanted = wanted;
  }

  /** The channel is asked for one read. */
  void begin() {
    wanted = true;
    if (reading) {
      return; // seen at the end of the round
    }
    if (from.hasNews()) {
      channel.lookLater(); // so that a read is not within another
    } else {
      from.want(channel.config().isAutoRead());
    }
  }

  /** Auto-read is off, and what was asked for is not wanted any more. */
  void stop() {
    wanted = false;
    from.pause();
  }

  /** Whether {@link #read} stopped with more to be read, and will be called again. */
  boolean hasMore() {
    return moreToRead;
  }

  /** Gives out what is wanted and there. */
  void read() {
    if (reading) {
      return;
    }
    reading = true;
    moreToRead = false;
    try {
      for (var round = 0; isOpen() && (wanted || channel.isInputShutdown()); round++) {
        if (round == MAX_ROUNDS) {
          moreToRead = true;
          channel.lookLater();
          return;
        }
        var next = from.poll();
        if (next != null) {
          readRound(next);
        } else if (!readEnd()) {
          return;
        }
      }
    } finally {
      reading = false;
    }
  }

  /** As Netty's own channels do it: with auto-read off, one message. */
  private void readRound(ByteBuf first) {
    wanted = false;
    var handle = channel.unsafe().recvBufAllocHandle();
    handle.reset(channel.config());
    var next = first;
    do {
      handle.attemptedBytesRead(next.readableBytes());
      handle.lastBytesRead(next.readableBytes());
      handle.incMessagesRead(1);
      channel.pipeline().fireChannelRead(next);
      next = isOpen() && handle.continueReading() ? from.poll() : null;
    } while (next != null);
    handle.readComplete();
    channel.pipeline().fireChannelReadComplete();
  }

  /**
   * Nothing waits to be read.
   *
   * @return whether there was an end, so that there may be more to do
   */
  private boolean readEnd() {
    var end = from.ended();
    if (end == null) {
      if (wanted) {
        from.want(channel.config().isAutoRead());
      }
      return false;
    }
    if (channel.isInputShutdown() && !end.isFinal()) {
      return false; // seen
    }
    wanted = false;
    channel.pipeline().fireChannelReadComplete();
    var cause = end.cause();
    if (cause != null && isOpen()) {
      channel
          .pipeline()
          .fireExceptionCaught(
              cause instanceof IOException ? cause : new IOException(cause.toString(), cause));
    }
    if (!isOpen()) {
      return false; // closed within
    }
    if (end.isFinal() || !channel.config().isAllowHalfClosure()) {
      channel.closeBeneath(end);
    } else {
      channel.inputEnded();
      channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      channel.pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
    }
    return true;
  }

  private boolean isOpen() {
    return channel.isOpen();
  }
}

package io.vpc4j.tunnel.carrier.quic;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Stands between a UDP socket and the QUIC codec, and makes batches: what the connections write
 * because of packets that were read together leaves together.
 *
 * <p>The codec answers packets when the socket says that it has read what there was. At that moment
 * every acknowledgement has been taken in and nothing has been sent: the one moment at which
 * writing costs no packet of its own. {@link ConnectionWriter}s ask to be called then. Outside of a
 * read they {@link #hold} the flush of the socket while they write.
 */
final class BatchHandler extends ChannelDuplexHandler {

  private final List<Runnable> atEnd = new ArrayList<>();
  private final List<Runnable> atNextEnd = new ArrayList<>();
  private boolean reading;
  private int holds;
  private boolean flushHeld;

  /** Whether packets are being read. */
  boolean reading() {
    return reading;
  }

  /** Runs {@code action} before the packets that are being read are answered. */
  void atEnd(Runnable action) {
    atEnd.add(action);
  }

  /** Runs {@code action} as {@link #atEnd}, but of the batch behind this one. */
  void atNextEnd(Runnable action) {
    (reading ? atNextEnd : atEnd).add(action);
  }

  /** Flushes nothing until {@link #release}. */
  void hold() {
    holds++;
  }

  /** Flushes what was held back. */
  void release(ChannelHandlerContext context) {
    holds--;
    if (holds == 0 && flushHeld) {
      flushHeld = false;
      context.flush();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    reading = true;
    context.fireChannelRead(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    // By index: an action may ask for another.
    for (var i = 0; i < atEnd.size(); i++) {
      atEnd.get(i).run();
    }
    atEnd.clear();
    atEnd.addAll(atNextEnd);
    atNextEnd.clear();
    reading = false;
    context.fireChannelReadComplete();
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    if (holds > 0) {
      flushHeld = true;
    } else {
      context.flush();
    }
  }
}

package io.vpc4j.core.netty;

import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.fetch.FetchEngine;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the output of a channel ends alone: behind everything that was flushed, and where the
 * transport can. Confined to the loop of the channel above.
 */
final class OutputEnd {

  private final Beneath to;
  private @Nullable ChannelPromise waiting; // for what was flushed, and for the transport
  private boolean begun;

  OutputEnd(Beneath to) {
    this.to = to;
  }

  /** It is asked for; fails where the transport ends both directions at once. */
  void ask(ChannelPromise promise) {
    if (waiting != null) {
      promise.tryFailure(new ClosedChannelException());
    } else if (!(to.channel() instanceof DuplexChannel) || !FetchEngine.halfCloses(to.channel())) {
      promise.tryFailure(
          new SocketException("The transport of this connection ends both directions at once."));
    } else {
      waiting = promise;
    }
  }

  /** Whether the transport has been told: nothing more can be sent. */
  boolean hasBegun() {
    return begun;
  }

  /**
   * Everything that was flushed has gone: the transport is told, if the end was asked for.
   *
   * @param told hears of it, on the transport's loop
   */
  void begin(Consumer<Future<? super Void>> told) {
    if (waiting != null && !begun) {
      begun = true;
      ((DuplexChannel) to.channel()).shutdownOutput().addListener(told::accept);
    }
  }

  /** Who asked, once; null if nobody did, or has been answered. */
  @Nullable ChannelPromise takeWaiting() {
    var promise = waiting;
    waiting = null;
    return promise;
  }

  /** Ends it without anybody having asked: a write has failed. */
  void force() {
    if (!begun && to.channel() instanceof DuplexChannel duplex) {
      begun = true;
      duplex.shutdownOutput();
    }
  }
}

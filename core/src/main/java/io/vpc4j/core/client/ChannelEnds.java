package io.vpc4j.core.client;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.vpc4j.core.fetch.FetchEngine;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;

/** How the output of a channel ends, and the channel: behind everything that was written. */
final class ChannelEnds {

  /** How long a closed channel goes on sending what was written before. */
  private static final int CLOSE_LINGER_S = 10;

  private ChannelEnds() {}

  /**
   * Whether the output can end before the input. TLS has an end of its own for each direction (RFC
   * 8446 6.1), whatever carries it.
   */
  static boolean canEndOutput(Channel channel) {
    return channel.pipeline().get(SslHandler.class) != null
        || (channel instanceof DuplexChannel && FetchEngine.halfCloses(channel));
  }

  /**
   * Ends the output once everything written has gone. Does not wait.
   *
   * @return false if the channel cannot half-close; nothing has happened then
   */
  static boolean endOutput(Channel channel) {
    if (!canEndOutput(channel)) {
      return false;
    }
    var tls = channel.pipeline().get(SslHandler.class);
    // Ending a channel's output drops what it still has to send; an empty write is behind all that.
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            gone -> {
              if (tls != null) {
                tls.closeOutbound();
              } else {
                ((DuplexChannel) channel).shutdownOutput();
              }
            });
    return true;
  }

  /** Closes once everything written has gone, or after {@link #CLOSE_LINGER_S}. Does not wait. */
  static void close(Channel channel) {
    if (!channel.isActive()) {
      channel.close();
      return;
    }
    var giveUp =
        channel.eventLoop().schedule(() -> channel.close(), CLOSE_LINGER_S, TimeUnit.SECONDS);
    channel.closeFuture().addListener(done -> giveUp.cancel(false));
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(gone -> channel.close());
  }

  /** The session of the TLS in its pipeline; empty if there is none, or none any more. */
  static Optional<SSLSession> tlsSession(Channel channel) {
    return Optional.ofNullable(channel.pipeline().get(SslHandler.class))
        .map(tls -> tls.engine().getSession());
  }
}

package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.vpc4j.tunnel.carrier.Trailers;
import io.vpc4j.tunnel.carrier.http2.Multiplexer.HeadListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a {@link Multiplexer}: first a head that somebody waits for, then the octets of a
 * channel. Confined to the connection's loop.
 */
final class MultiplexedStream {

  private final Multiplexer multiplexer;
  private final int id;
  private @Nullable HeadListener awaitsHead;
  private @Nullable StreamChannel channel;
  private boolean peerEnded;
  private boolean over;

  /**
   * A stream.
   *
   * @param awaitsHead who is told the response's head; null where the peer has opened the stream
   */
  MultiplexedStream(Multiplexer multiplexer, int id, @Nullable HeadListener awaitsHead) {
    this.multiplexer = multiplexer;
    this.id = id;
    this.awaitsHead = awaitsHead;
  }

  int id() {
    return id;
  }

  /** Makes its octets a channel, which comes to life here. */
  StreamChannel begin(StreamChannel.AtPeersEnd atPeersEnd, ChannelHandler initializer) {
    var made = new StreamChannel(multiplexer, id, atPeersEnd);
    channel = made;
    made.begin(initializer);
    if (peerEnded) {
      made.arriveEnd();
      multiplexer.hasNews(made);
    }
    return made;
  }

  /** Nobody waits any more, and nobody wants its octets: resets it if it is still there. */
  void abandon(Http2Error error) {
    awaitsHead = null;
    if (!over) {
      over = true;
      multiplexer.reset(id, error);
    }
  }

  // ---- what the peer sends

  void onHead(Http2Headers head, boolean end) {
    peerEnded |= end;
    var waiting = awaitsHead;
    if (waiting != null) {
      if (isInformational(head) && !end) {
        return; // RFC 9113 8.1: any number of them may precede the response
      }
      awaitsHead = null;
      waiting.onHead(head, end);
    } else if (channel != null) {
      channel.arrive(trailers(head));
    }
    if (end) {
      tellEnd();
    }
  }

  /**
   * Octets.
   *
   * @return whether somebody takes them, and gives their credit back
   */
  boolean onData(ByteBuf octets, boolean end) {
    peerEnded |= end;
    var reader = channel;
    var taken = reader != null && reader.isOpen();
    if (reader != null && taken) {
      if (octets.isReadable()) {
        reader.arrive(octets.retain());
      }
      multiplexer.hasNews(reader);
    }
    if (end) {
      tellEnd();
    }
    return taken;
  }

  private void tellEnd() {
    if (channel != null) {
      channel.arriveEnd();
      multiplexer.hasNews(channel);
    }
  }

  void onReset(long errorCode) {
    if (errorCode == Http2Error.NO_ERROR.code() && peerEnded) {
      over = true; // RFC 9113 8.1: a complete response, and the rest of the request is not wanted
      if (channel != null) {
        channel.stopOutput();
      }
      return;
    }
    fail(
        new IOException("the peer reset the stream (" + name(errorCode) + ")"),
        errorCode == Http2Error.REFUSED_STREAM.code());
  }

  /** The stream is closed, by its two ends or because the connection is. */
  void onClosed() {
    if (awaitsHead != null || !peerEnded) {
      fail(new IOException("the connection to the peer was lost"), multiplexer.wasLeftOut(id));
    }
    over = true;
  }

  void fail(IOException cause, boolean untouched) {
    if (over) {
      return;
    }
    over = true;
    var waiting = awaitsHead;
    awaitsHead = null;
    if (waiting != null) {
      waiting.onNoHead(cause, untouched);
    }
    if (channel != null) {
      channel.fail(cause);
    }
  }

  private static boolean isInformational(Http2Headers head) {
    var status = head.status();
    return status != null && status.length() == 3 && status.charAt(0) == '1';
  }

  private static Trailers trailers(Http2Headers fields) {
    var list = new ArrayList<Map.Entry<String, String>>();
    for (var field : fields) {
      list.add(Map.entry(field.getKey().toString(), field.getValue().toString()));
    }
    return new Trailers(list);
  }

  private static String name(long errorCode) {
    var error = Http2Error.valueOf(errorCode);
    return error == null ? Long.toString(errorCode) : error.name();
  }
}

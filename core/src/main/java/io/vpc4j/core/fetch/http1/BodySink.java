package io.vpc4j.core.fetch.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.Upload;
import io.vpc4j.core.fetch.exchange.UploadSink;
import java.nio.charset.StandardCharsets;

/**
 * The body of one request on its way into the channel: frames it, holds it to its length, and stops
 * when the exchange is over. RFC 9112 6 and 7
 *
 * <p>Lives on the event loop. One per request that has a body.
 */
final class BodySink implements UploadSink {

  private static final ByteBuf CRLF = constant("\r\n");
  private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");
  private static final int CHUNK_HEAD_OCTETS = 10; // 8 digits and CRLF

  /** Hears how the body fares. */
  interface Listener {
    /** Octets were handed to the channel, or left it. */
    void onUploadProgress();

    /** The body is complete. */
    void onUploadEnd();

    /** The body failed; the exchange must, too. */
    void onUploadFailure(VpcException failure);
  }

  private final Channel channel;
  private final Upload upload;
  private final Listener listener;
  private final boolean chunked;
  private final boolean fileRegions;
  private long remaining;
  private boolean started;
  private boolean over;
  private int regions; // under way; the channel does not count them against its watermark

  BodySink(Channel channel, Upload upload, Listener listener, boolean nothingInBetween) {
    this.channel = channel;
    this.upload = upload;
    this.listener = listener;
    remaining = upload.length();
    chunked = remaining < 0;
    // Netty's own sockets take them; a handler in between, TLS above all, must see the octets.
    fileRegions =
        !chunked
            && nothingInBetween
            && channel instanceof SocketChannel
            && channel.getClass().getName().startsWith("io.netty.channel.");
  }

  /** Begins; called once. */
  void start() {
    started = true;
    upload.start(this);
  }

  /** Whether the body was sent whole, or is given up. */
  boolean over() {
    return over;
  }

  /** The channel takes more. */
  void onWritable() {
    if (started && !over && regions == 0) {
      upload.onWritable();
    }
  }

  /** Gives the rest up. */
  void stop() {
    if (!over) {
      over = true;
      upload.cancel();
    }
  }

  // ---- what the upload calls

  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public ByteBufAllocator allocator() {
    return channel.alloc();
  }

  @Override
  public boolean writable() {
    return !over && regions == 0 && channel.isWritable();
  }

  @Override
  public boolean takesFileRegions() {
    return fileRegions;
  }

  @Override
  public void write(ByteBuf octets) {
    if (over || !takes(octets.readableBytes())) {
      octets.release();
      return;
    }
    var promise = channel.voidPromise();
    if (chunked) {
      var head = channel.alloc().directBuffer(CHUNK_HEAD_OCTETS);
      RequestWriter.writeChunkSize(head, octets.readableBytes());
      channel.write(head, promise);
      channel.write(octets, promise);
      channel.write(CRLF.duplicate(), promise);
    } else {
      channel.write(octets, promise);
    }
    listener.onUploadProgress();
  }

  @Override
  public void write(DefaultFileRegion region) {
    if (!fileRegions) {
      region.release();
      throw new UnsupportedOperationException("this connection takes no file regions");
    }
    if (over || !takes(region.count())) {
      region.release();
      return;
    }
    regions++;
    channel
        .write(region)
        .addListener(
            (ChannelFutureListener)
                written -> {
                  regions--;
                  if (written.isSuccess()) {
                    listener.onUploadProgress();
                    onWritable();
                  } else {
                    channel.pipeline().fireExceptionCaught(written.cause());
                  }
                });
  }

  @Override
  public void flush() {
    channel.flush();
    listener.onUploadProgress();
  }

  @Override
  public void end() {
    if (over) {
      return;
    }
    if (remaining > 0) {
      fail(mismatch("ended " + remaining + " octets short of its length"));
      return;
    }
    over = true;
    if (chunked) {
      channel.write(LAST_CHUNK.duplicate(), channel.voidPromise());
    }
    channel.flush();
    listener.onUploadEnd();
  }

  @Override
  public void fail(VpcException failure) {
    if (!over) {
      over = true;
      listener.onUploadFailure(failure);
    }
  }

  private boolean takes(long octets) {
    if (chunked) {
      return true;
    }
    if (octets > remaining) {
      upload.cancel();
      fail(mismatch("is longer than its length"));
      return false;
    }
    remaining -= octets;
    return true;
  }

  private static VpcException mismatch(String how) {
    return new VpcException(
        ErrorCode.HTTP_REQUEST_ERROR, Stage.REQUEST, "The request's body " + how + ".");
  }

  private static ByteBuf constant(String text) {
    var octets = text.getBytes(StandardCharsets.US_ASCII);
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer(octets.length).writeBytes(octets).asReadOnly());
  }
}

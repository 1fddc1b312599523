package io.vpc4j.core.fetch.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.Exchange;
import io.vpc4j.core.fetch.exchange.Upload;
import io.vpc4j.core.fetch.exchange.UploadSink;
import org.jspecify.annotations.Nullable;

/** One exchange on one stream, and the sink of its body. Lives on the event loop. */
final class Http2Stream implements UploadSink {

  final Http2Connection connection;
  final Exchange exchange;
  final int id;

  private final @Nullable Upload upload;
  private long remaining;
  private boolean uploadOver;

  // what the connection keeps with it
  boolean headSeen;
  boolean owesOctets; // its head promised some, and none came
  boolean touched;
  boolean over;

  Http2Stream(Http2Connection connection, Exchange exchange, int id) {
    this.connection = connection;
    this.exchange = exchange;
    this.id = id;
    upload = exchange.upload();
    remaining = upload == null ? 0 : upload.length();
    uploadOver = upload == null;
  }

  void startUpload() {
    if (upload != null) {
      upload.start(this);
    }
  }

  /** Whether some of the request is still to be given to the connection. */
  boolean uploading() {
    return !uploadOver;
  }

  void onWritable() {
    if (upload != null && !uploadOver) {
      upload.onWritable();
    }
  }

  /** Gives the body up; harmless at its end. */
  void stopUpload() {
    if (upload != null && !uploadOver) {
      uploadOver = true;
      upload.cancel();
    }
  }

  // ---- UploadSink
  // --------------------------------------------------------------------------------

  @Override
  public EventLoop eventLoop() {
    return connection.channel().eventLoop();
  }

  @Override
  public ByteBufAllocator allocator() {
    return connection.channel().alloc();
  }

  @Override
  public boolean writable() {
    return !uploadOver && connection.isWritable(this);
  }

  @Override
  public void write(ByteBuf octets) {
    if (uploadOver || over) {
      octets.release();
      return;
    }
    if (upload != null && upload.length() >= 0) {
      remaining -= octets.readableBytes();
      if (remaining < 0) {
        octets.release();
        fail(wrongLength("more"));
        return;
      }
    }
    connection.writeData(this, octets, false);
  }

  @Override
  public boolean takesFileRegions() {
    return false;
  }

  @Override
  public void write(DefaultFileRegion region) {
    region.release();
    throw new UnsupportedOperationException("a DATA frame cannot hold a part of a file");
  }

  @Override
  public void flush() {
    connection.flush();
  }

  @Override
  public void end() {
    if (uploadOver || over) {
      return;
    }
    if (upload != null && upload.length() >= 0 && remaining > 0) {
      fail(wrongLength("fewer"));
      return;
    }
    uploadOver = true;
    connection.writeData(this, io.netty.buffer.Unpooled.EMPTY_BUFFER, true);
    connection.flush();
  }

  @Override
  public void fail(VpcException failure) {
    if (!uploadOver) {
      uploadOver = true;
      if (upload != null) {
        upload.cancel();
      }
      connection.cancel(exchange, failure);
    }
  }

  private VpcException wrongLength(String how) {
    return new VpcException(
        ErrorCode.HTTP_REQUEST_ERROR,
        Stage.REQUEST,
        "The request's body has " + how + " octets than the length it was given.");
  }
}

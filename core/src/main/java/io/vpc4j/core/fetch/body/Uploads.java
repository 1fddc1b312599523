package io.vpc4j.core.fetch.body;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.Upload;
import io.vpc4j.core.fetch.exchange.UploadSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Makes an {@link Upload} of a {@link Body}: one for each time it is sent. */
public final class Uploads {

  /** How much is written at a time: large enough for one system call to be worth it. */
  static final int PIECE_OCTETS = 64 * 1024;

  private final Executor blocking;
  private final Executor application;

  /**
   * A maker of uploads.
   *
   * @param blocking for streams and files; must not run on the caller
   * @param application for publishers
   */
  public Uploads(Executor blocking, Executor application) {
    this.blocking = blocking;
    this.application = application;
  }

  /** Whether {@link #upload} waits for a disk. */
  public static boolean mayBlock(@Nullable Body body) {
    return body instanceof Body.File;
  }

  /**
   * Makes it. Opens the file, for a file.
   *
   * @throws VpcException {@code HTTP_REQUEST_ERROR} if the file cannot be opened
   */
  public Upload upload(Body body) throws VpcException {
    if (body instanceof Body.Bytes bytes) {
      return new BytesUpload(bytes.octets());
    }
    if (body instanceof Body.File file) {
      return openFile(file);
    }
    if (body instanceof Body.Stream stream) {
      return new StreamUpload(stream.stream(), stream.length(), blocking);
    }
    if (body instanceof Body.Publisher publisher) {
      return new PublisherUpload(publisher.publisher(), publisher.length(), application);
    }
    throw new AssertionError("a new kind of body: " + body);
  }

  private Upload openFile(Body.File file) throws VpcException {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file.path(), StandardOpenOption.READ);
      return new FileUpload(channel, channel.size(), blocking);
    } catch (IOException e) {
      StreamUpload.closeQuietly(channel);
      throw unreadable(e);
    }
  }

  static VpcException unreadable(Throwable cause) {
    return new VpcException(
        ErrorCode.HTTP_REQUEST_ERROR,
        Stage.REQUEST,
        "The request's body could not be read: " + cause,
        cause);
  }

  /** Octets in memory. Copied a piece at a time, while the sink is writable. */
  static final class BytesUpload implements Upload {
    private final ByteBuffer octets;
    private final int length;
    private @Nullable UploadSink sink;

    BytesUpload(ByteBuffer octets) {
      this.octets = octets;
      length = octets.remaining();
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public void start(UploadSink sink) {
      this.sink = sink;
      onWritable();
    }

    @Override
    public void onWritable() {
      var to = sink;
      if (to == null) {
        return;
      }
      while (octets.hasRemaining() && to.writable()) {
        var piece = octets.slice();
        piece.limit(Math.min(piece.limit(), PIECE_OCTETS));
        octets.position(octets.position() + piece.limit());
        to.write(to.allocator().directBuffer(piece.limit()).writeBytes(piece));
      }
      if (octets.hasRemaining()) {
        to.flush();
      } else {
        sink = null;
        to.end();
      }
    }

    @Override
    public void cancel() {
      sink = null;
    }
  }
}

package io.vpc4j.core.fetch.body;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.UploadSink;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamUploadTest {

  private static final int LARGE_PIECE_OCTETS = 256 * 1024;

  private final DefaultEventLoop loop = new DefaultEventLoop();
  private final Endless stream = new Endless();
  private final Sink sink = new Sink();
  private Thread reader;
  private final StreamUpload upload =
      new StreamUpload(
          stream,
          -1,
          task -> {
            reader = new Thread(task, "reader");
            reader.start();
          });

  @AfterEach
  void stop() throws InterruptedException {
    upload.cancel();
    reader.join();
    loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
  }

  @Test
  void itIsReadAheadToABoundAndOnOnceThereIsRoom() throws Exception {
    onLoop(() -> upload.start(sink));
    untilItWaits();
    var ahead = stream.given.get();
    assertThat(ahead)
        .isBetween(
            (long) StreamUpload.LOOK_AHEAD_OCTETS,
            (long) StreamUpload.LOOK_AHEAD_OCTETS + LARGE_PIECE_OCTETS - 1);

    onLoop(upload::onWritable); // it has taken all of that
    while (stream.given.get() == ahead) {
      Thread.onSpinWait();
    }
    untilItWaits();
    assertThat(stream.given.get())
        .isBetween(
            ahead + StreamUpload.LOOK_AHEAD_OCTETS,
            ahead + StreamUpload.LOOK_AHEAD_OCTETS + LARGE_PIECE_OCTETS - 1);
    onLoop(() -> assertThat(sink.written).isEqualTo(stream.given.get()));
  }

  @Test
  void aReaderThatWaitsIsEndedByACancel() throws Exception {
    onLoop(() -> upload.start(sink));
    untilItWaits();

    upload.cancel();
    reader.join();

    assertThat(stream.closed).isTrue();
  }

  private void untilItWaits() {
    while (LockSupport.getBlocker(reader) != upload) {
      Thread.onSpinWait();
    }
  }

  private void onLoop(Runnable task) throws Exception {
    loop.submit(task).get();
  }

  /** Counts what it gave. */
  private static final class Endless extends InputStream {
    private final AtomicLong given = new AtomicLong();
    private volatile boolean closed;

    @Override
    public int read() {
      given.incrementAndGet();
      return 'x';
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      given.addAndGet(length);
      return length;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /** Never writable by itself. */
  private final class Sink implements UploadSink {
    private long written;

    @Override
    public EventLoop eventLoop() {
      return loop;
    }

    @Override
    public ByteBufAllocator allocator() {
      return ByteBufAllocator.DEFAULT;
    }

    @Override
    public boolean writable() {
      return false;
    }

    @Override
    public void write(ByteBuf octets) {
      written += octets.readableBytes();
      octets.release();
    }

    @Override
    public boolean takesFileRegions() {
      return false;
    }

    @Override
    public void write(DefaultFileRegion region) {
      throw new AssertionError("a stream is no file");
    }

    @Override
    public void flush() {}

    @Override
    public void end() {
      throw new AssertionError("it has no end");
    }

    @Override
    public void fail(VpcException failure) {
      throw new AssertionError(failure);
    }
  }
}

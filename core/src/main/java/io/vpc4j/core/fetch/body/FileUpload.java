package io.vpc4j.core.fetch.body;

import io.netty.channel.DefaultFileRegion;
import io.vpc4j.core.fetch.exchange.Upload;
import io.vpc4j.core.fetch.exchange.UploadSink;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An open file. Where the connection takes file regions the kernel moves the octets; where not
 * (TLS, HTTP/2, a transport's own channels) it is read as a stream.
 */
final class FileUpload implements Upload {

  /** One region at a time, so that progress can be seen and a deadline kept. */
  private static final long REGION_OCTETS = 4 * 1024 * 1024;

  private final FileChannel file;
  private final long length;
  private final Executor blocking;
  private long position;
  private boolean writing;
  private @Nullable UploadSink sink;
  private @Nullable StreamUpload streamed;

  FileUpload(FileChannel file, long length, Executor blocking) {
    this.file = file;
    this.length = length;
    this.blocking = blocking;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void start(UploadSink sink) {
    if (sink.takesFileRegions()) {
      this.sink = sink;
      onWritable();
    } else {
      var stream = new StreamUpload(Channels.newInputStream(file), length, blocking);
      streamed = stream;
      stream.start(sink);
    }
  }

  @Override
  public void onWritable() {
    if (streamed != null) {
      streamed.onWritable();
      return;
    }
    if (writing) {
      return; // a region went out at once: the loop below goes on
    }
    writing = true;
    writeRegions();
    writing = false;
  }

  private void writeRegions() {
    var to = sink;
    while (to != null && position < length && to.writable()) {
      var octets = Math.min(REGION_OCTETS, length - position);
      var region = new Region(file, position, octets);
      position += octets;
      to.write(region);
      to.flush();
    }
    if (to != null && position == length && to.writable()) {
      sink = null;
      StreamUpload.closeQuietly(file);
      to.end();
    }
  }

  @Override
  public void cancel() {
    var stream = streamed;
    if (stream != null) {
      stream.cancel();
    } else {
      StreamUpload.closeQuietly(file);
    }
  }

  /** A part of the file; the file itself is closed when all of it has gone. */
  private static final class Region extends DefaultFileRegion {
    Region(FileChannel file, long position, long octets) {
      super(file, position, octets);
    }

    @Override
    protected void deallocate() {
      // The upload closes the file.
    }
  }
}

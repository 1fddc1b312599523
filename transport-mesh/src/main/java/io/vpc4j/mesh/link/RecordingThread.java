package io.vpc4j.mesh.link;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes entries to a file one after the other, so that who records never waits for the disk.
 *
 * <p>Any thread may offer; the queue is bounded, and while it is full entries are refused.
 */
final class RecordingThread implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RecordingThread.class);
  private static final byte[] END = new byte[0];

  private final OutputStream out;
  private final ArrayBlockingQueue<byte[]> queue;
  private final Thread thread;

  private RecordingThread(OutputStream out, String name, int maxQueued) {
    this.out = out;
    queue = new ArrayBlockingQueue<>(maxQueued);
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /**
   * Begins to write.
   *
   * @param out closed with this
   * @param name of the thread
   * @param maxQueued entries that wait to be written, at most
   */
  static RecordingThread start(OutputStream out, String name, int maxQueued) {
    var recording = new RecordingThread(out, name, maxQueued);
    recording.thread.start();
    return recording;
  }

  /** Whether there is room for an entry; one place is kept for the end. */
  boolean hasRoom() {
    return queue.remainingCapacity() > 1;
  }

  /** Takes an entry to be written; false if there is no room. */
  boolean offer(byte[] entry) {
    return hasRoom() && queue.offer(entry);
  }

  private void run() {
    try (out) {
      for (var entry = queue.take(); entry != END; entry = queue.take()) {
        out.write(entry);
        if (queue.isEmpty()) {
          out.flush();
        }
      }
    } catch (IOException e) {
      LOG.warn("{} records no more: {}", thread.getName(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes what waits, at most 2 s long, and closes the file. */
  @Override
  public void close() {
    if (!queue.offer(END)) {
      thread.interrupt();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.vpc4j.mesh.link;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records packets in a file that Wireshark and tcpdump open: pcap with nanoseconds, of link type
 * RAW, which is an IP packet with nothing before it. draft-ietf-opsawg-pcap
 *
 * <p>A thread of its own writes; while it is behind by {@link #MAX_QUEUED} packets, packets are not
 * recorded, and counted.
 */
public final class PcapFile implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PcapFile.class);

  /** Packets that wait to be written. */
  public static final int MAX_QUEUED = 8_192;

  private static final int MAGIC_NANOSECONDS = 0xa1b2_3c4d;
  private static final int LINKTYPE_RAW = 101;
  private static final int SNAP_OCTETS = 65_535;
  private static final byte[] END = new byte[0];

  private final OutputStream out;
  private final ArrayBlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
  private final AtomicLong missed = new AtomicLong();
  private final Thread thread;

  private PcapFile(OutputStream out) {
    this.out = out;
    thread = new Thread(this::run, "vpc4j-mesh-pcap");
    thread.setDaemon(true);
  }

  /** Begins a file; one that is there is overwritten. */
  public static PcapFile open(Path path) throws IOException {
    var out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16);
    var header = ByteBuffer.allocate(24);
    header.putInt(MAGIC_NANOSECONDS).putShort((short) 2).putShort((short) 4);
    header.putInt(0).putInt(0).putInt(SNAP_OCTETS).putInt(LINKTYPE_RAW);
    out.write(header.array());
    var file = new PcapFile(out);
    file.thread.start();
    return file;
  }

  /**
   * Records a packet, from position to limit.
   *
   * @param unixNs when
   */
  public void write(ByteBuffer packet, long unixNs) {
    if (queue.remainingCapacity() <= 1) { // one is kept for the end
      missed.incrementAndGet();
      return;
    }
    var octets = packet.remaining();
    var entry = ByteBuffer.allocate(16 + octets);
    entry.putInt((int) (unixNs / 1_000_000_000L)).putInt((int) (unixNs % 1_000_000_000L));
    entry.putInt(octets).putInt(octets);
    entry.put(entry.position(), packet, packet.position(), octets);
    if (!queue.offer(entry.array())) {
      missed.incrementAndGet();
    }
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
      LOG.warn("Packets are not recorded any more: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Packets that were not recorded. */
  public long missed() {
    return missed.get();
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

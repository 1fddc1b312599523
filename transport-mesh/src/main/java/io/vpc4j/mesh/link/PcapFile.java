package io.vpc4j.mesh.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Records packets in a file that Wireshark and tcpdump open: pcap with nanoseconds, of link type
 * RAW, which is an IP packet with nothing before it. draft-ietf-opsawg-pcap
 *
 * <p>A thread of its own writes; while it is behind by {@link #MAX_QUEUED} packets, packets are not
 * recorded, and counted.
 */
public final class PcapFile implements AutoCloseable {

  /** Packets that wait to be written. */
  public static final int MAX_QUEUED = 8_192;

  private static final int MAGIC_NANOSECONDS = 0xa1b2_3c4d;
  private static final int LINKTYPE_RAW = 101;
  private static final int SNAP_OCTETS = 65_535;

  private final RecordingThread recording;
  private final AtomicLong missed = new AtomicLong();

  private PcapFile(RecordingThread recording) {
    this.recording = recording;
  }

  /**
   * Begins a file, which its owner alone may read, where the file system knows owners; one that is
   * there is overwritten.
   */
  public static PcapFile open(Path path) throws IOException {
    var out = OwnersFile.open(path, OwnersFile.Existing.OVERWRITTEN);
    var header = ByteBuffer.allocate(24);
    header.putInt(MAGIC_NANOSECONDS).putShort((short) 2).putShort((short) 4);
    header.putInt(0).putInt(0).putInt(SNAP_OCTETS).putInt(LINKTYPE_RAW);
    out.write(header.array());
    return new PcapFile(RecordingThread.start(out, "vpc4j-mesh-pcap", MAX_QUEUED));
  }

  /**
   * Records a packet, from position to limit.
   *
   * @param unixNs when
   */
  public void write(ByteBuffer packet, long unixNs) {
    if (!recording.hasRoom()) { // looked at first: what is missed costs no copy
      missed.incrementAndGet();
      return;
    }
    var octets = packet.remaining();
    var entry = ByteBuffer.allocate(16 + octets);
    entry.putInt((int) (unixNs / 1_000_000_000L)).putInt((int) (unixNs % 1_000_000_000L));
    entry.putInt(octets).putInt(octets);
    entry.put(entry.position(), packet, packet.position(), octets);
    if (!recording.offer(entry.array())) {
      missed.incrementAndGet();
    }
  }

  /** Packets that were not recorded. */
  public long missed() {
    return missed.get();
  }

  /** Writes what waits, at most 2 s long, and closes the file. */
  @Override
  public void close() {
    recording.close();
  }
}

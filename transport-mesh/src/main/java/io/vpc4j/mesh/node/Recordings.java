package io.vpc4j.mesh.node;

import io.vpc4j.mesh.link.KeyLogFile;
import io.vpc4j.mesh.link.PcapFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What of a node is written down for Wireshark, if anything.
 *
 * @param pcap packets inside
 * @param keyLog keys to read the ones outside
 */
record Recordings(@Nullable PcapFile pcap, @Nullable KeyLogFile keyLog) implements AutoCloseable {

  /** Makes the files; both or neither. */
  static Recordings open(MeshConfig config) throws IOException {
    var keys = config.keyLog().isPresent() ? KeyLogFile.open(config.keyLog().get()) : null;
    try {
      var pcap = config.pcap().isPresent() ? PcapFile.open(config.pcap().get()) : null;
      return new Recordings(pcap, keys);
    } catch (IOException e) {
      if (keys != null) {
        keys.close();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    if (pcap != null) {
      pcap.close();
    }
    if (keyLog != null) {
      keyLog.close();
    }
  }
}

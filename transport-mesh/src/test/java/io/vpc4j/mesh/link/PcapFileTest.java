package io.vpc4j.mesh.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.Packets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapFileTest {

  @TempDir private Path folder;

  @Test
  void packetsLieWhereTheFormatPutsThem() throws IOException {
    var path = folder.resolve("inner.pcap");
    var packet =
        Packets.ip(IpAddress.require("10.0.0.1"), IpAddress.require("10.0.0.2"), 17, new byte[8]);
    var position = packet.position();
    try (var file = PcapFile.open(path)) {
      file.write(packet, 1_700_000_000_123_456_789L);
      file.write(packet, 1_700_000_001_000_000_000L);
    }

    assertThat(packet.position()).isEqualTo(position);
    var read = ByteBuffer.wrap(Files.readAllBytes(path));
    assertThat(read.remaining()).isEqualTo(24 + 2 * (16 + 28));
    assertThat(read.getInt(0)).as("nanoseconds, big-endian").isEqualTo(0xa1b23c4d);
    assertThat(read.getInt(20)).as("LINKTYPE_RAW").isEqualTo(101);
    assertThat(read.getInt(24)).isEqualTo(1_700_000_000);
    assertThat(read.getInt(28)).isEqualTo(123_456_789);
    assertThat(read.getInt(32)).isEqualTo(28);
    assertThat(read.getInt(36)).isEqualTo(28);
    assertThat(read.get(40)).isEqualTo((byte) 0x45);
    assertThat(read.getInt(24 + 44)).isEqualTo(1_700_000_001);
  }

  @Test
  void itIsItsOwnersAloneEvenIfItWasNot() throws IOException {
    assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"), "no POSIX");
    var made = folder.resolve("made.pcap");
    var found = Files.writeString(folder.resolve("found.pcap"), "what was there");
    Files.setPosixFilePermissions(found, PosixFilePermissions.fromString("rw-rw-r--"));

    PcapFile.open(made).close();
    PcapFile.open(found).close();

    for (var file : List.of(made, found)) {
      assertThat(file).as(file.toString()).hasSize(24);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }
}

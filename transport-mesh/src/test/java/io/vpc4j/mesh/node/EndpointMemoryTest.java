package io.vpc4j.mesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndpointMemoryTest {

  private static final InetSocketAddress V4 = new InetSocketAddress("192.0.2.7", 51_820);
  private static final InetSocketAddress V6 = new InetSocketAddress("2001:db8::7", 4_000);

  @TempDir private Path folder;

  @Test
  void theNextProcessKnowsWherePeersWere() throws Exception {
    var file = folder.resolve("endpoints");
    try (var memory = new EndpointMemory(Optional.of(file))) {
      assertThat(memory.endpoint("KEY=")).isNull();
      memory.remember(Map.of("KEY=", V4));
      memory.remember(Map.of("OTHER=", V6)); // the first is away; it is known all the same
    }

    assertThat(file)
        .content()
        .isEqualTo("KEY= 192.0.2.7:51820\nOTHER= [2001:db8:0:0:0:0:0:7]:4000\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var list = Files.list(folder)) {
      assertThat(list).hasSize(1);
    }
    try (var next = new EndpointMemory(Optional.of(file))) {
      assertThat(next.endpoint("KEY=")).isEqualTo(V4);
      assertThat(next.endpoint("OTHER=")).isEqualTo(V6);
    }
  }

  @Test
  void whatCannotBeReadIsPassedOver() throws Exception {
    var file = folder.resolve("endpoints");
    Files.writeString(
        file,
        "KEY= 192.0.2.7:51820\nnonsense\nA= b c\nB= 192.0.2.7:99999\nC= name.example:1\nD= :\n");
    try (var memory = new EndpointMemory(Optional.of(file))) {
      assertThat(memory.endpoint("KEY=")).isEqualTo(V4);
      for (var key : new String[] {"nonsense", "A=", "B=", "C=", "D="}) {
        assertThat(memory.endpoint(key)).as(key).isNull();
      }
    }
  }

  @Test
  void withoutAFolderNothingIsKept() {
    var file = folder.resolve("missing").resolve("endpoints");
    try (var memory = new EndpointMemory(Optional.of(file));
        var none = new EndpointMemory(Optional.empty())) {
      memory.remember(Map.of("KEY=", V4));
      none.remember(Map.of("KEY=", V4));
    }
    assertThat(file).doesNotExist();
  }
}

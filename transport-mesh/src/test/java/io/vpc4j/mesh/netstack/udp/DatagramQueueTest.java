package io.vpc4j.mesh.netstack.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DatagramQueueTest {

  @SuppressWarnings("ArrayRecordComponent") // compared as what they are
  private record Sent(byte[] octets, int port) {}

  @Test
  void agreesWithADequeOfCopies() {
    Seeds.forEach(
        3,
        20,
        random -> {
          var queue = new DatagramQueue(16, 8_000);
          var twin = new ArrayDeque<Sent>();
          var held = 0;
          var refused = 0L;
          for (var step = 0; step < 5_000; step++) {
            if (random.nextInt(5) < 3) {
              var octets = new byte[random.nextInt(2_000)];
              random.nextBytes(octets);
              var fits = twin.size() < 16 && (twin.isEmpty() || held + octets.length <= 8_000);
              assertThat(queue.full(octets.length)).isEqualTo(!fits);
              assertThat(queue.add(octets.length, 1, 2, step, 3)).isEqualTo(fits);
              if (fits) {
                System.arraycopy(octets, 0, queue.lastOctets(), 0, octets.length);
                twin.add(new Sent(octets, step));
                held += octets.length;
              } else {
                refused++;
              }
            } else if (!twin.isEmpty()) {
              var first = twin.remove();
              held -= first.octets().length;
              assertThat(Arrays.copyOf(queue.octets(), queue.length())).isEqualTo(first.octets());
              assertThat(queue.port()).isEqualTo(first.port());
              assertThat(queue.high()).isEqualTo(1);
              assertThat(queue.low()).isEqualTo(2);
              assertThat(queue.link()).isEqualTo(3);
              queue.remove();
            }
            assertThat(queue.size()).isEqualTo(twin.size());
          }
          assertThat(queue.refused()).isEqualTo(refused);
        });
  }

  @Test
  void aDatagramOfAnyLengthFitsAnEmptyQueue() {
    assertThat(new DatagramQueue(2, 10).add(65_000, 0, 0, 0, 0)).isTrue();
  }
}

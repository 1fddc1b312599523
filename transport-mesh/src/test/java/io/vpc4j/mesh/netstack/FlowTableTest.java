package io.vpc4j.mesh.netstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.wire.SipHash;
import io.vpc4j.testkit.Seeds;
import java.util.HashMap;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlowTableTest {

  private final Netstack stack =
      new Netstack(
          NetstackSettings.defaults(), new FixedRouting("100.96.0.1"), new Random(1)::nextLong, 0);

  private record Key(int link, int port, int remotePort, long remote) {}

  private UdpSocket flow(Key key) {
    return new UdpSocket(
        stack,
        key.link(),
        new Flow.Endpoints(
            IpAddress.require("100.96.0.1"),
            key.port(),
            IpAddress.ofV4((int) key.remote()),
            key.remotePort()));
  }

  @Test
  void agreesWithAHashMap() {
    Seeds.forEach(
        4,
        10,
        random -> {
          var table = new FlowTable(new SipHash(random.nextLong(), random.nextLong()));
          var twin = new HashMap<Key, Flow>();
          for (var step = 0; step < 20_000; step++) {
            var key =
                new Key(
                    random.nextInt(3),
                    1 + random.nextInt(8),
                    1 + random.nextInt(40),
                    random.nextInt(8));
            var known = twin.get(key);
            assertThat(
                    table.find(
                        key.link(),
                        17,
                        0,
                        IpAddress.require("100.96.0.1").low(),
                        key.port(),
                        0,
                        key.remote(),
                        key.remotePort()))
                .isSameAs(known);
            if (known == null) {
              var made = flow(key);
              table.add(made);
              twin.put(key, made);
            } else if (random.nextBoolean()) {
              table.remove(known);
              twin.remove(key);
            }
            assertThat(table.size()).isEqualTo(twin.size());
          }
        });
  }

  /** Deadlines that move away may ring early; none rings late, and none is lost. */
  @Test
  void theHeapAgreesWithAPriorityQueue() {
    Seeds.forEach(
        9,
        10,
        random -> {
          var heap = new DeadlineHeap();
          var twin = new PriorityQueue<Long>();
          for (var i = 0; i < 2_000; i++) {
            var made = flow(new Key(0, 1 + i % 60_000, 1, 1));
            var at = (long) random.nextInt(100_000);
            heap.schedule(made, at);
            if (random.nextInt(4) == 0) {
              var earlier = at - random.nextInt(50_000);
              heap.schedule(made, earlier);
              at = earlier;
            }
            if (random.nextInt(10) == 0) {
              heap.remove(made);
            } else {
              twin.add(at);
            }
          }
          assertThat(heap.size()).isEqualTo(twin.size());
          for (var expected = twin.poll(); expected != null; expected = twin.poll()) {
            assertThat(heap.deadlineNs()).isEqualTo(expected);
            assertThat(heap.pollDue(expected - 1)).isNull();
            assertThat(heap.pollDue(expected)).isNotNull();
          }
          assertThat(heap.deadlineNs()).isEqualTo(Long.MAX_VALUE);
        });
  }
}

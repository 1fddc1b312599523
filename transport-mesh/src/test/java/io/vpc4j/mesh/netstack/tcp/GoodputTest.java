package io.vpc4j.mesh.netstack.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.netstack.tcp.SimulatedLink.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 10 MiB over links of every kind in virtual time, octet by octet right, and nothing left at the
 * end. How fast it went is a table that is checked in, so that a change shows as a diff:
 *
 * <pre>
 *   mvn test -pl transport-mesh -Dtest=GoodputTest -Dvpc4j.golden=write
 * </pre>
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class GoodputTest {

  private static final String TABLE = "goodput.txt";
  private static final long OCTETS = 10L << 20;
  private static final long HOUR_NS = 3_600_000_000_000L;
  private static final TcpSettings PATIENT = TcpSettings.defaults().withTimeouts(HOUR_NS, HOUR_NS);
  private static final TcpSettings RENO = PATIENT.withCongestion(TcpSettings.Algorithm.NEW_RENO);

  private final StringBuilder table =
      new StringBuilder("what                          Mbit/s  again  timeouts  spurious\n");

  /** The bottleneck has 100 Mbit/s and 256 KiB of queue. */
  private static Shape path(int rttMs, double lossPercent) {
    return new Shape(rttMs * 500_000L, lossPercent / 100, 0, 0, 0, 100_000_000, 256 * 1024, 0);
  }

  @Test
  void everythingArrivesAsFastAsTheTableSays() throws IOException {
    for (var rtt : new int[] {1, 40, 300}) {
      for (var loss : new int[] {0, 1, 5, 20}) {
        transfer("cubic %d ms, %d %% loss".formatted(rtt, loss), path(rtt, loss), PATIENT);
      }
    }
    for (var loss : new int[] {0, 1, 5, 20}) {
      transfer("reno 40 ms, %d %% loss".formatted(loss), path(40, loss), RENO);
    }
    transfer("reordered by 10 ms, 10 %", path(40, 0).reorder(0.1, 10), PATIENT);
    transfer("doubled, 10 %", path(40, 0).duplicate(0.1), PATIENT);
    transfer("all of it", path(40, 2).reorder(0.1, 10).duplicate(0.1), PATIENT);
    transfer("marked from 64 KiB on", path(40, 0).mark(64 * 1024), PATIENT);
    for (var megabits : new int[] {1, 10, 1_000}) {
      var limited = path(40, 0).rate(megabits * 1_000_000L, 256 * 1024);
      transfer("40 ms, %d Mbit/s".formatted(megabits), limited, PATIENT);
    }
    for (var kib : new int[] {4, 16, 256}) {
      var small = PATIENT.withBuffers(kib * 1024, kib * 1024);
      transfer("buffers of %d KiB, 1 %% loss".formatted(kib), path(40, 1), small);
    }
    compare(table.toString());
  }

  private void transfer(String what, Shape shape, TcpSettings settings) {
    var net = new Simulation(shape, settings, what.hashCode());
    var listener = net.server.listen(10, 10);
    var client = net.client.connect(40_000, 80);
    var transfer = new Transfer(client, OCTETS);
    var accepted = new TcpConnection[1];
    var done =
        net.run(
            100_000,
            transfer::finished,
            () -> {
              transfer.write(net.nowNs());
              if (accepted[0] == null) {
                accepted[0] = listener.accept();
              } else {
                transfer.read(accepted[0], net.nowNs());
              }
            });
    assertThat(done)
        .as("%s: %d octets of %d%s", what, transfer.read(), OCTETS, net.client.state())
        .isTrue();
    var statistics = client.statistics();
    table.append(
        String.format(
            Locale.ROOT,
            "%-28s %7.2f %6d %9d %9d\n",
            what,
            OCTETS * 8 / net.elapsedSeconds() / 1e6,
            statistics.retransmittedSegments(),
            statistics.timeouts(),
            statistics.spurious()));
    accepted[0].close(net.nowNs());
    client.close(net.nowNs());
    net.run(10_000);
    assertThat(net.leftovers()).as("%s%s%s", what, net.client.state(), net.server.state()).isZero();
    assertThat(net.client.tcp.bufferedOctets() + net.server.tcp.bufferedOctets()).as(what).isZero();
    assertThat(net.client.tcp.timeWaits() + net.server.tcp.timeWaits()).as(what).isZero();
  }

  private static void compare(String made) throws IOException {
    if ("write".equals(System.getProperty("vpc4j.golden"))) {
      var file = Path.of("src/test/resources/io/vpc4j/mesh/netstack/tcp", TABLE);
      Files.writeString(file, made);
    }
    try (var golden = GoodputTest.class.getResourceAsStream(TABLE)) {
      assertThat(golden).as("the golden table").isNotNull();
      if (!"write".equals(System.getProperty("vpc4j.golden"))) {
        assertThat(made).isEqualTo(new String(golden.readAllBytes(), UTF_8));
      }
    }
  }
}

package io.vpc4j.mesh.netstack.tcp.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.netstack.tcp.TcpConnection;
import io.vpc4j.mesh.netstack.tcp.TcpEvent;
import io.vpc4j.mesh.netstack.tcp.TcpFailure;
import io.vpc4j.mesh.netstack.tcp.TcpSettings;
import io.vpc4j.mesh.netstack.tcp.TcpState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The Linux kernel's TCP as the peer, both ways. The system property {@code vpc4j.kernel.octets}
 * says how much is sent where it matters; 8 MiB unless given.
 */
@ExtendWith(NeedsTun.class)
@Timeout(1_800)
class KernelTest {

  private static final long OCTETS = Long.getLong("vpc4j.kernel.octets", 8L << 20);
  private static final int PATIENCE_SECONDS = (int) (60 + OCTETS / 500_000);
  private static final int SINK = 7001;
  private static final int SOURCE = 7002;
  private static final int ECHO = 7003;
  private static final int RESETTER = 7004;
  private static final int SLEEPER = 7005;

  private static final TcpSettings SETTINGS = TcpSettings.defaults().withEndings(0, 1_000_000_000);

  @ParameterizedTest(name = "MTU {0}, {1} of 1000 lost")
  @CsvSource({"1500, 0", "1280, 0", "1420, 50"})
  void theKernelTakesWhatWeSendAndAnswersAfterOurFin(int mtu, int loss) throws IOException {
    try (var peer = new KernelPeer(SETTINGS, mtu, loss)) {
      push(peer, peer.connect(SINK), loss == 0 ? OCTETS : OCTETS / 4);
    }
  }

  @ParameterizedTest
  @EnumSource(TcpSettings.Algorithm.class)
  void eachCongestionControlFillsThePath(TcpSettings.Algorithm algorithm) throws IOException {
    try (var peer = new KernelPeer(SETTINGS.withCongestion(algorithm), 1_420, 10)) {
      push(peer, peer.connect(SINK), OCTETS / 4);
    }
  }

  private static void push(KernelPeer peer, TcpConnection connection, long octets)
      throws IOException {
    var pattern = new Pattern();
    var answer = new StringBuilder();
    var beganNs = System.nanoTime();
    var done =
        peer.run(
            PATIENCE_SECONDS,
            () -> peer.has(connection, TcpEvent.CLOSED),
            () -> {
              if (pattern.write(connection, octets) && connection.canWrite()) {
                connection.shutdownOutput(System.nanoTime());
              }
              answer.append(text(connection));
            });
    report("push", octets, beganNs, connection);
    assertThat(answer.toString()).isEqualTo(octets + "\n");
    assertThat(done).isTrue();
    assertThat(connection.failure()).isNull();
    connection.close(System.nanoTime());
    assertThat(peer.live()).isZero();
    assertThat(peer.tcp.bufferedOctets()).isZero();
  }

  @ParameterizedTest(name = "MTU {0}, {1} of 1000 lost")
  @CsvSource({"1500, 0", "1280, 0", "1420, 50"})
  void weTakeWhatTheKernelSends(int mtu, int loss) throws IOException {
    var octets = loss == 0 ? OCTETS : OCTETS / 4;
    try (var peer = new KernelPeer(SETTINGS, mtu, loss)) {
      var connection = peer.connect(SOURCE);
      connection.write(ByteBuffer.wrap((octets + "\n").getBytes(UTF_8)), System.nanoTime());
      var pattern = new Pattern();
      var beganNs = System.nanoTime();
      peer.run(PATIENCE_SECONDS, connection::finished, () -> pattern.read(connection));
      report("pull", octets, beganNs, connection);
      assertThat(pattern.read()).isEqualTo(octets);
      assertThat(connection.state()).isEqualTo(TcpState.CLOSE_WAIT);
      connection.close(System.nanoTime());
      assertThat(peer.run(30, () -> peer.has(connection, TcpEvent.CLOSED), () -> {})).isTrue();
      assertThat(peer.tcp.bufferedOctets()).isZero();
    }
  }

  @Test
  void octetsGoBothWaysAtOnce() throws IOException {
    try (var peer = new KernelPeer(SETTINGS, 1_420, 5)) {
      var connection = peer.connect(ECHO);
      var there = new Pattern();
      var back = new Pattern();
      peer.run(
          PATIENCE_SECONDS,
          () -> peer.has(connection, TcpEvent.CLOSED),
          () -> {
            if (there.write(connection, OCTETS / 2) && connection.canWrite()) {
              connection.shutdownOutput(System.nanoTime());
            }
            back.read(connection);
          });
      assertThat(back.read()).isEqualTo(OCTETS / 2);
      assertThat(connection.failure()).isNull();
    }
  }

  @ParameterizedTest(name = "{0} SYNs without a cookie, {1} of 1000 lost")
  @CsvSource({"100, 0", "0, 0", "100, 50"})
  void theKernelConnectsAndPushes(int maxHalfOpen, int loss) throws IOException {
    var octets = loss == 0 ? OCTETS : OCTETS / 4;
    try (var peer = new KernelPeer(SETTINGS, 1_420, loss, "push:6001:" + octets)) {
      var listener = peer.listen(6001, maxHalfOpen);
      var pattern = new Pattern();
      var accepted = new ArrayList<TcpConnection>();
      var done =
          peer.run(
              PATIENCE_SECONDS,
              () -> !accepted.isEmpty() && peer.has(accepted.get(0), TcpEvent.CLOSED),
              () -> {
                acceptInto(listener.accept(), accepted);
                for (var connection : accepted) {
                  pattern.read(connection);
                  if (connection.finished() && connection.canWrite()) {
                    var text = pattern.read() + "\n";
                    connection.write(ByteBuffer.wrap(text.getBytes(UTF_8)), System.nanoTime());
                    connection.close(System.nanoTime());
                  }
                }
              });
      assertThat(done).isTrue();
      assertThat(peer.line()).isEqualTo("push 6001 " + octets);
      assertThat(listener.cookiesGiven()).isEqualTo(maxHalfOpen == 0 ? 1 : 0);
      assertThat(listener.halfOpen()).isZero();
      assertThat(peer.tcp.bufferedOctets()).isZero();
    }
  }

  @Test
  void theKernelConnectsAndPulls() throws IOException {
    try (var peer = new KernelPeer(SETTINGS, 1_420, 0, "pull:6002:" + OCTETS)) {
      var listener = peer.listen(6002, 10);
      var pattern = new Pattern();
      var accepted = new ArrayList<TcpConnection>();
      var asked = new StringBuilder();
      peer.run(
          PATIENCE_SECONDS,
          () -> !accepted.isEmpty() && peer.has(accepted.get(0), TcpEvent.CLOSED),
          () -> {
            acceptInto(listener.accept(), accepted);
            for (var connection : accepted) {
              asked.append(text(connection));
              if (asked.indexOf("\n") > 0 && pattern.write(connection, OCTETS)) {
                connection.close(System.nanoTime());
              }
            }
          });
      assertThat(peer.line()).isEqualTo("pull 6002 " + OCTETS);
      assertThat(peer.tcp.bufferedOctets()).isZero();
    }
  }

  @Test
  void aHundredConnectionsAtOnceEachGetTheirOwnOctets() throws IOException {
    try (var peer = new KernelPeer(SETTINGS, 1_420, 0)) {
      var octets = 50_000L;
      record Echo(TcpConnection connection, Pattern there, Pattern back) {}
      var echoes = new ArrayList<Echo>();
      for (var i = 0; i < 100; i++) {
        echoes.add(new Echo(peer.connect(ECHO), new Pattern(), new Pattern()));
      }
      var done =
          peer.run(
              PATIENCE_SECONDS,
              () -> peer.live() == 0,
              () -> {
                for (var echo : echoes) {
                  if (echo.there().write(echo.connection(), octets)) {
                    echo.connection().shutdownOutput(System.nanoTime());
                  }
                  echo.back().read(echo.connection());
                }
              });
      assertThat(done).isTrue();
      assertThat(echoes).allSatisfy(echo -> assertThat(echo.back().read()).isEqualTo(octets));
    }
  }

  @Test
  void aClosedPortRefuses() throws IOException {
    try (var peer = new KernelPeer(SETTINGS, 1_420, 0)) {
      var connection = peer.connect(9);
      assertThat(peer.run(30, () -> peer.has(connection, TcpEvent.CLOSED), () -> {})).isTrue();
      assertThat(connection.failure()).isEqualTo(TcpFailure.REFUSED);
    }
  }

  @Test
  void aResetIsToldApartFromAnEnd() throws IOException {
    try (var peer = new KernelPeer(SETTINGS, 1_420, 0)) {
      var connection = peer.connect(RESETTER);
      connection.write(ByteBuffer.wrap(new byte[] {1}), System.nanoTime());
      assertThat(peer.run(30, () -> peer.has(connection, TcpEvent.CLOSED), () -> {})).isTrue();
      assertThat(connection.failure()).isEqualTo(TcpFailure.RESET_BY_PEER);
    }
  }

  @Test
  void aWindowThatStaysShutForSecondsIsWaitedOut() throws IOException {
    try (var peer = new KernelPeer(SETTINGS, 1_420, 0)) {
      push(peer, peer.connect(SLEEPER), 400_000);
    }
  }

  private static void acceptInto(TcpConnection accepted, List<TcpConnection> all) {
    if (accepted != null) {
      all.add(accepted);
    }
  }

  private static String text(TcpConnection connection) {
    var room = ByteBuffer.allocate(64);
    connection.read(room, System.nanoTime());
    return new String(room.array(), 0, room.position(), UTF_8);
  }

  private static void report(String what, long octets, long beganNs, TcpConnection connection) {
    var seconds = (System.nanoTime() - beganNs) / 1e9;
    System.out.printf(
        "%s of %d octets: %.1f s, %.0f Mbit/s, %s%n",
        what, octets, seconds, octets * 8 / seconds / 1e6, connection.statistics());
  }
}

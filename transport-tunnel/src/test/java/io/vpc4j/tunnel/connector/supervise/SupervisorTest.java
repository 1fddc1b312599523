package io.vpc4j.tunnel.connector.supervise;

import static io.vpc4j.core.directory.EdgeSettings.Protocol.HTTP2;
import static io.vpc4j.core.directory.EdgeSettings.Protocol.QUIC;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.connector.supervise.Command.Outcome;
import io.vpc4j.tunnel.connector.supervise.Refusal.Retry;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisorTest {

  private static final List<EdgeAddress> ONE = edges("a:1");
  private static final List<EdgeAddress> TWO = edges("a:1", "b:2");
  private static final List<Protocol> AUTO = List.of(QUIC, HTTP2);

  @Test
  void theFirstComesAloneAndTheOthersOneASecond() {
    var net = new SupervisorSimulation(Policy.of(TWO, AUTO));
    net.edge = net.welcoming(200);
    net.start().advance(10_000);

    assertThat(net.trace)
        .containsExactly(
            "0.0 dial 0 a:1 quic",
            "1.2 dial 1 b:2 quic",
            "2.2 dial 2 a:1 quic",
            "3.2 dial 3 b:2 quic");
    assertThat(net.supervisor.connected()).isEqualTo(4);
    assertThat(net.supervisor.hasDeadline()).isFalse();
  }

  @Nested
  class WhenTheOnlyEdgeRefusesConnections {

    @Test
    void pausesDoubleUpToTheirBound() {
      var net = new SupervisorSimulation(Policy.of(ONE, List.of(HTTP2)));
      net.edge = net.refusingConnections();
      net.start().advance(40_000);

      assertThat(pauses(net)).containsExactly(1.0, 2.0, 4.0, 8.0, 16.0, 16.0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void itIsNeverDialledInATightLoop(long seed) {
      var net = new SupervisorSimulation(Policy.of(ONE, List.of(HTTP2)), seed);
      net.edge = net.refusingConnections();
      net.start().advance(3_600_000);

      assertThat(net.dials).as("seed %d", seed).hasSizeBetween(150, 400);
      assertThat(pauses(net)).as("seed %d", seed).allMatch(pause -> pause >= 0.1 && pause <= 32);
      assertThat(net.ended).isNull();
    }

    @Test
    void itIsFoundAsSoonAsItIsThere() {
      var net = new SupervisorSimulation(Policy.of(ONE, List.of(HTTP2)));
      net.edge = net.refusingConnections();
      net.start().advance(20_000);
      net.edge = net.welcoming(1);
      net.advance(30_000);

      assertThat(net.supervisor.connected()).isEqualTo(4);
    }
  }

  @Nested
  class WhenQuicDoesNotGetThrough {

    @Test
    void http2IsTriedAfterThreeDialsAndKept() {
      var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
      net.edge =
          dial -> {
            if (dial.protocol() == QUIC) {
              net.refusingConnections().onDial(dial);
            } else {
              net.welcoming(0).onDial(dial);
            }
          };
      net.start().advance(30_000);

      assertThat(net.trace)
          .containsExactly(
              "0.0 dial 0 a:1 quic",
              "0.0 pause 0 1.0",
              "1.0 dial 0 a:1 quic",
              "1.0 pause 0 2.0",
              "3.0 dial 0 a:1 quic",
              "3.0 switch http2",
              "3.0 pause 0 4.0",
              "7.0 dial 0 a:1 http2",
              "8.0 dial 1 a:1 http2",
              "9.0 dial 2 a:1 http2",
              "10.0 dial 3 a:1 http2");
    }

    @Test
    void withQuicAloneNothingElseIsTried() {
      var net = new SupervisorSimulation(Policy.of(ONE, List.of(QUIC)));
      net.edge = net.refusingConnections();
      net.start().advance(600_000);

      assertThat(net.dials).allMatch(dial -> dial.protocol() == QUIC);
    }

    @Test
    void anEdgeThatComesLateIsFoundWhicheverItSpeaks() {
      for (var spoken : AUTO) {
        var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
        net.edge = net.refusingConnections();
        net.start().advance(120_000);
        net.edge =
            dial -> {
              if (dial.protocol() == spoken) {
                net.welcoming(0).onDial(dial);
              } else {
                net.refusingConnections().onDial(dial);
              }
            };
        net.advance(300_000);

        assertThat(net.supervisor.connected()).as("%s", spoken).isEqualTo(4);
      }
    }

    @Test
    void onceItDidItIsNeverLeft() {
      var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
      net.edge = net.welcoming(0);
      net.start().advance(10_000);
      net.edge = net.refusingConnections();
      loseAll(net);
      net.advance(600_000);

      assertThat(net.dials).allMatch(dial -> dial.protocol() == QUIC);
    }
  }

  @Nested
  class WhenRegistered {

    @Test
    void allConnectionsComeBackAfterTheEdgeWasAway() {
      var net = new SupervisorSimulation(Policy.of(TWO, AUTO), 7);
      net.edge = net.welcoming(5);
      net.start().advance(10_000);
      net.edge = net.refusingConnections();
      loseAll(net);
      net.advance(60_000);
      assertThat(net.supervisor.connected()).isZero();
      net.edge = net.welcoming(5);
      net.advance(32_000);

      assertThat(net.supervisor.connected()).isEqualTo(4);
    }

    @Test
    void aLostConnectionComesBackToTheEdgeItHad() {
      var net = new SupervisorSimulation(Policy.of(TWO, AUTO));
      net.edge = net.welcoming(0);
      net.start().advance(10_000);
      net.now(() -> net.supervisor.onLost(1, 1, "cut", net.nowNs));
      net.advance(10_000);

      assertThat(net.trace).endsWith("10.0 pause 1 1.0", "11.0 dial 1 b:2 quic");
      assertThat(net.dials.get(4).previousAttempts()).isEqualTo(1);
    }

    @Test
    void newsOfAnEarlierAttemptMeanNothing() {
      var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
      net.edge = net.welcoming(0);
      net.start().advance(10_000);
      net.now(() -> net.supervisor.onLost(0, 1, "cut", net.nowNs));
      net.advance(5_000);
      net.now(() -> net.supervisor.onLost(0, 1, "cut again", net.nowNs));
      net.now(() -> net.supervisor.onRegistered(0, 1, net.nowNs));

      assertThat(net.supervisor.connected()).isEqualTo(4);
    }

    @Test
    void aRefusalForGoodIsTriedAgainAllTheSame() {
      var net = registered();
      net.edge = net.refusing(new Refusal("no such tunnel", Retry.POINTLESS, Duration.ZERO));
      loseAll(net);
      net.advance(100_000);

      assertThat(net.ended).isNull();
      assertThat(net.dials).hasSizeGreaterThan(16);
    }
  }

  @Nested
  class WhenTheFirstRegistrationIsRefused {

    @Test
    void forGoodIsTheEnd() {
      var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
      net.edge = net.refusing(new Refusal("no such tunnel", Retry.POINTLESS, Duration.ZERO));
      net.start().advance(10_000);

      assertThat(net.trace)
          .containsExactly("0.0 dial 0 a:1 quic", "0.0 close 0", "0.0 end REFUSED");
      assertThat(net.ended.reason()).contains("no such tunnel");
      assertThat(net.supervisor.hasDeadline()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Unauthorized: unknown tunnel", "EDUPCONN"})
    void theseAreTriedAgainWhateverTheEdgeSaysOfIt(String cause) {
      var net = new SupervisorSimulation(Policy.of(TWO, AUTO));
      net.edge = net.refusing(new Refusal(cause, Retry.POINTLESS, Duration.ZERO));
      net.start().advance(8_000);

      assertThat(pauses(net)).containsExactly(1.0, 2.0, 4.0, 8.0);
      assertThat(net.dials.get(1).edge())
          .isEqualTo(TWO.get(cause.equals(Refusal.DUPLICATE) ? 1 : 0));
      assertThat(net.closes).hasSize(4);
    }

    @Test
    void theEdgesPauseIsKeptAndBounded() {
      var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
      net.edge = net.refusing(new Refusal("busy", Retry.WORTHWHILE, Duration.ofSeconds(20)));
      net.start().advance(1);
      assertThat(pauses(net)).containsExactly(20.0);

      assertThat(new Refusal("busy", Retry.WORTHWHILE, Duration.ofDays(9)).retryAfter())
          .isEqualTo(Refusal.MAX_RETRY_AFTER);
      assertThat(new Refusal("busy", Retry.WORTHWHILE, Duration.ofDays(-9)).retryAfter())
          .isEqualTo(Duration.ZERO);
    }

    @Test
    void noAnswerAtAllEndsTheAttemptAfterFiveSeconds() {
      var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
      net.edge = dial -> net.supervisor.onDialed(dial.index(), dial.attempt(), net.nowNs);
      net.start().advance(5_500);

      assertThat(net.trace)
          .containsExactly("0.0 dial 0 a:1 quic", "5.0 close 0", "5.0 pause 0 1.0");
    }
  }

  @Nested
  class AtAShutdown {

    @Test
    void connectionsUnregisterServeWhatIsUnderWayAndClose() {
      var net = registered();
      net.now(() -> net.supervisor.onOpenStreams(2, 1, 1, net.nowNs));
      answerUnregister(net, 100);
      net.now(() -> net.supervisor.onShutdown(net.nowNs));
      net.advance(3_000);
      assertThat(net.closes).extracting(Command.Close::index).containsExactly(0, 1, 3);
      assertThat(net.ended).isNull();
      net.now(() -> net.supervisor.onOpenStreams(2, 1, 0, net.nowNs));
      net.advance(1_000);

      assertThat(net.closes).hasSize(4);
      assertThat(net.ended.outcome()).isEqualTo(Outcome.STOPPED);
    }

    @Test
    void aStreamThatTheEdgeOpenedAMomentAgoIsServed() {
      var net = registered();
      answerUnregister(net, 0);
      net.now(() -> net.supervisor.onShutdown(net.nowNs));
      net.advance(100);
      net.now(() -> net.supervisor.onOpenStreams(0, 1, 1, net.nowNs));
      net.advance(2_000);

      assertThat(net.closes).extracting(Command.Close::index).containsExactly(1, 2, 3);
    }

    @Test
    void theGracePeriodIsTheLimit() {
      var net = registered();
      net.now(() -> net.supervisor.onOpenStreams(2, 1, 1, net.nowNs));
      net.now(() -> net.supervisor.onShutdown(net.nowNs));
      net.advance(29_900);
      assertThat(net.ended).isNull();
      net.advance(200);

      assertThat(net.ended.outcome()).isEqualTo(Outcome.STOPPED);
      assertThat(net.closes).hasSize(4);
    }

    @Test
    void aSecondSignalEndsAtOnceAndSoDoesNoGraceAtAll() {
      var net = registered();
      net.now(() -> net.supervisor.onOpenStreams(2, 1, 1, net.nowNs));
      net.now(() -> net.supervisor.onShutdown(net.nowNs));
      net.now(() -> net.supervisor.onShutdown(net.nowNs));
      assertThat(net.ended.outcome()).isEqualTo(Outcome.STOPPED);

      var abrupt =
          new SupervisorSimulation(
              new Policy(ONE, AUTO, 4, 5, 3, Duration.ofSeconds(5), Duration.ZERO));
      abrupt.edge = abrupt.welcoming(0);
      abrupt.start().advance(10_000);
      abrupt.now(() -> abrupt.supervisor.onShutdown(abrupt.nowNs));
      assertThat(abrupt.trace).endsWith("10.0 close 3", "10.0 end STOPPED").hasSize(4 + 4 + 1);
    }

    @Test
    void dialsAndPausesAreGivenUp() {
      var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
      net.start().advance(100);
      net.now(() -> net.supervisor.onShutdown(net.nowNs));
      assertThat(net.trace)
          .containsExactly("0.0 dial 0 a:1 quic", "0.1 close 0", "0.1 end STOPPED");
    }

    @Test
    void anEdgeThatDoesNotAnswerIsNotWaitedForLong() {
      var net = registered();
      net.now(() -> net.supervisor.onShutdown(net.nowNs));
      net.advance(6_000);

      assertThat(net.ended.outcome()).isEqualTo(Outcome.STOPPED);
    }

    private static void answerUnregister(SupervisorSimulation net, long delayMs) {
      net.onUnregister =
          unregister ->
              net.later(
                  delayMs,
                  () ->
                      net.supervisor.onUnregistered(
                          unregister.index(), unregister.attempt(), net.nowNs));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverHappensItIsConnectedOnceAllIsWellAndStopsWhenTold(long seed) {
    var random = new java.util.Random(seed);
    var net = new SupervisorSimulation(Policy.of(TWO, AUTO), seed);
    net.edge =
        dial -> {
          var fate = random.nextInt(6);
          if (fate == 0) {
            net.refusingConnections().onDial(dial);
          } else if (fate == 1) {
            net.refusing(new Refusal("Unauthorized", Retry.POINTLESS, Duration.ZERO)).onDial(dial);
          } else if (fate == 2) {
            net.supervisor.onDialed(dial.index(), dial.attempt(), net.nowNs);
          } else if (fate > 2) {
            net.welcoming(random.nextInt(3_000)).onDial(dial);
            net.later(
                random.nextInt(20_000),
                () -> net.supervisor.onLost(dial.index(), dial.attempt(), "cut", net.nowNs));
          }
        };
    net.start().advance(600_000);
    assertThat(net.dials).as("seed %d", seed).hasSizeLessThan(4 * 6_000);
    net.edge = net.welcoming(10);
    net.advance(60_000);
    assertThat(net.supervisor.connected()).as("seed %d", seed).isEqualTo(4);
    net.now(() -> net.supervisor.onShutdown(net.nowNs));
    net.advance(31_000);
    assertThat(net.ended).as("seed %d", seed).isNotNull();
    assertThat(Stream.of(0, 1, 2, 3).map(net.supervisor::state))
        .containsOnly(ConnectionState.CLOSED);
  }

  @Test
  void edgesAreReadAsTheyAreWritten() {
    assertThat(EdgeAddress.parse("[::1]:7844")).contains(new EdgeAddress("::1", 7844));
    assertThat(EdgeAddress.parse("edge.example:1").orElseThrow()).hasToString("edge.example:1");
    assertThat(EdgeAddress.parse("[::1]:7844").orElseThrow()).hasToString("[::1]:7844");
    for (var bad : List.of("", "a", "a:", ":1", "a:0", "a:70000", "a:x", "::1:7844", "[]:1")) {
      assertThat(EdgeAddress.parse(bad)).as(bad).isEmpty();
    }
  }

  private static SupervisorSimulation registered() {
    var net = new SupervisorSimulation(Policy.of(ONE, AUTO));
    net.edge = net.welcoming(0);
    return net.start().advance(10_000);
  }

  private static void loseAll(SupervisorSimulation net) {
    for (var index = 0; index < 4; index++) {
      var lost = index;
      net.now(() -> net.supervisor.onLost(lost, 1, "cut", net.nowNs));
    }
  }

  private static List<Double> pauses(SupervisorSimulation net) {
    return net.trace.stream()
        .filter(line -> line.contains("pause 0"))
        .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .toList();
  }

  private static List<EdgeAddress> edges(String... names) {
    return Stream.of(names).map(name -> EdgeAddress.parse(name).orElseThrow()).toList();
  }
}

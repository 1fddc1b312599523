package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.Conversation.play;
import static io.vpc4j.mesh.netstack.tcp.TcpConversationTest.CONNECTED;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.netstack.wire.Ecn;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What moves while a connection is open, and when; each peer here is one without options. */
class TcpFlowConversationTest {

  @Nested
  class Receiving {

    @Test
    void theFirstSegmentsOfAFlowAreAcknowledgedAtOnceAndThenEverySecond() {
      var conversation = play(CONNECTED);
      for (var i = 0; i < 16; i++) {
        var seq = 1 + 10 * i;
        conversation.then(
            "+0 < . %d:%d(10) ack 1\n+0 > . 1:1(0) ack %d".formatted(seq, seq + 10, seq + 10));
      }
      conversation.then(
          """
          +0   < . 161:171(10) ack 1
          +0   < . 171:181(10) ack 1
          +0   > . 1:1(0) ack 181
          +0   < . 181:191(10) ack 1
          +.04 > . 1:1(0) ack 191      // the delay
          """);
    }

    @Test
    void whatIsWrittenCarriesTheAcknowledgment() {
      var conversation = play(CONNECTED);
      for (var i = 0; i < 16; i++) {
        conversation.then(
            "+0 < . %d:%d(1) ack 1\n+0 > . 1:1(0) ack %d".formatted(i + 1, i + 2, i + 2));
      }
      conversation.then(
          """
          +0   < P. 17:18(1) ack 1
          +.01 write 1
          +0   > P. 1:2(1) ack 18
          +.01 < . 18:18(0) ack 2
          +0   due never
          """);
    }

    @Test
    void whatDoesNotFitTheWindowIsCutOff() {
      var settings = TcpSettings.defaults().withBuffers(1_000, 1_000);
      new Conversation(settings)
          .then(
              """
              +0   connect
              +0   > SEW 0:0(0) win 1000
              +0   < S. 0:0(0) ack 1 win 1000
              +0   > . 1:1(0) ack 1 win 1000
              +0   < . 1:901(900) ack 1
              +0   > . 1:1(0) ack 901 win 100
              +0   < . 901:1101(200) ack 1
              +0   > . 1:1(0) ack 1001 win 0
              +0   < . 1001:1002(1) ack 1      // a probe
              +0   > . 1:1(0) ack 1001 win 0
              +0   read 100 = 100              // not worth a window: RFC 9293 3.8.6.2.2
              +0   read 400 = 400
              +0   > . 1:1(0) ack 1001 win 500
              +0   read 900 = 500
              +0   > . 1:1(0) ack 1001 win 1000
              """);
    }

    @Test
    void outOfMemoryIsLikeALoss() {
      var limits = new TcpLimits(8_192, 0, 10);
      new Conversation(TcpSettings.defaults(), limits)
          .then(CONNECTED)
          .then(
              """
              +0   < . 1:1461(1460) ack 1
              +0   > . 1:1(0) ack 1461
              +0   < . 10000:10001(1) ack 1
              +0   > . 1:1(0) ack 1461
              +0   read 1460 = 1460
              """);
    }
  }

  @Nested
  class Sending {

    @Test
    void aWriteIsCutToTheBufferAndToldWhenThereIsRoom() {
      var settings = TcpSettings.defaults().withBuffers(3_000, 1_000);
      new Conversation(settings)
          .then(CONNECTED.replace("win 65535", "win 1000").replace("wscale 7", "wscale 0"))
          .then(
              """
              +0   write 4000 = 3000
              +0   > . 1:1001(1000) ack 1
              +0   > . 1001:2001(1000) ack 1
              +0   > P. 2001:3001(1000) ack 1
              +0   write 10 = 0
              +.01 < . 1:1(0) ack 1001
              +0   events WRITABLE
              +0   write 900
              +0   > P. 3001:3901(900) ack 1
              """);
    }

    /** RFC 9293 3.7.4, with Minshall's change: what is full never waits. */
    @Test
    void withNagleAShortSegmentWaitsForAShortOne() {
      new Conversation(TcpSettings.defaults().withNagle(TcpSettings.Nagle.ON))
          .then(CONNECTED)
          .then(
              """
              +0   write 10
              +0   > P. 1:11(10) ack 1
              +0   write 10
              +0   write 985
              +0   write 15
              +0   > . 11:1011(1000) ack 1
              +.01 < . 1:1(0) ack 11
              +0   > P. 1011:1021(10) ack 1
              """);
    }

    /** RFC 9293 3.8.6.1. */
    @Test
    void aClosedWindowIsProbedEverMoreRarelyAndNeverGivenUpWhileItAnswers() {
      play(CONNECTED)
          .then(
              """
              +0   write 1000
              +0   > P. 1:1001(1000) ack 1
              +.01 < . 1:1(0) ack 1001 win 0
              +0   write 10
              +.21 > . 1000:1000(0) ack 1
              +.01 < . 1:1(0) ack 1001 win 0
              +.41 > . 1000:1000(0) ack 1
              +.01 < . 1:1(0) ack 1001 win 0
              +.83 > . 1000:1000(0) ack 1
              +.01 < . 1:1(0) ack 1001 win 2000
              +0   > P. 1001:1011(10) ack 1
              """);
    }

    @Test
    void probesThatNobodyAnswersEndTheConnection() {
      new Conversation(TcpSettings.defaults().withTimeouts(180_000_000_000L, 1_000_000_000))
          .then(CONNECTED)
          .then(
              """
              +0   write 1000
              +0   > P. 1:1001(1000) ack 1
              +.01 < . 1:1(0) ack 1001 win 0
              +0   write 10
              +.21 > . 1000:1000(0) ack 1
              +.42 > . 1000:1000(0) ack 1
              +.36 state ESTABLISHED
              +.01 failure TIMED_OUT
              """);
    }

    /** RFC 9293 3.8.6.2.1. */
    @Test
    void aSillyWindowIsNotFilledUntilTheOverride() {
      play(CONNECTED)
          .then(
              """
              +0   write 1000
              +0   > P. 1:1001(1000) ack 1
              +.01 < . 1:1(0) ack 1001 win 100
              +0   write 1000
              +.21 > . 1001:1101(100) ack 1
              """);
    }

    /** RFC 9293 3.8.3, RFC 5482. */
    @Test
    void dataThatIsNeverAcknowledgedEndsTheConnection() {
      new Conversation(TcpSettings.defaults().withTimeouts(180_000_000_000L, 1_000_000_000))
          .then(CONNECTED)
          .then(
              """
              +0   write 10
              +0   > P. 1:11(10) ack 1
              +.21 > P. 1:11(10) ack 1
              +.42 > P. 1:11(10) ack 1
              +.37 failure TIMED_OUT
              +0   events FAILED CLOSED
              """);
    }

    /** RFC 1191 6.4, RFC 5927 7.2. */
    @Test
    void aSmallerPathCutsWhatIsInFlightAndNotTheWindow() {
      play(CONNECTED)
          .then(
              """
              +0   write 2000
              +0   > . 1:1001(1000) ack 1
              +0   > P. 1001:2001(1000) ack 1
              +.01 mtu 520 9999
              +0   mtu 520 1
              +0   > . 1:501(500) ack 1
              +0   > . 501:1001(500) ack 1
              +0   > . 1001:1501(500) ack 1
              +0   > P. 1501:2001(500) ack 1
              +0   cwnd 10000
              +.01 < . 1:1(0) ack 2001
              """);
    }

    /** RFC 9293 3.8.4. */
    @Test
    void aSilentPeerIsAskedAndGivenUp() {
      var settings =
          TcpSettings.defaults()
              .withKeepalive(Duration.ofSeconds(60).toNanos(), Duration.ofSeconds(5).toNanos(), 2);
      new Conversation(settings)
          .then(CONNECTED)
          .then(
              """
              +60  > . 0:0(0) ack 1
              +.1  < . 1:1(0) ack 1
              +60  > . 0:0(0) ack 1
              +5   > . 0:0(0) ack 1
              +5   failure KEEPALIVE_TIMED_OUT
              """);
    }

    /** RFC 3168 6.1. */
    @Test
    void aMarkHalvesOnceAndIsConfirmed() {
      var conversation =
          new Conversation(TcpSettings.defaults().withCongestion(TcpSettings.Algorithm.NEW_RENO))
              .then(
                  """
                  +0   connect
                  +0   > SEW 0:0(0)
                  +.01 < S.E 0:0(0) ack 1 win 20000 <mss 1000>
                  +0   > . 1:1(0) ack 1
                  +0   write 1000
                  +0   > P. 1:1001(1000) ack 1
                  """);
      assertThat(conversation.lastEcn).isEqualTo(Ecn.ECT_0);
      conversation.then(
          """
          +0   write 1000
          +0   > P. 1001:2001(1000) ack 1
          +.01 < .E 1:1(0) ack 1001
          +0   cwnd 2000
          +0   < .E 1:1(0) ack 2001
          +0   write 500
          +0   > P.W 2001:2501(500) ack 1
          +.01 < . 1:11(10) ack 2501 [ce]
          +0   > .E 2501:2501(0) ack 11
          +0   < .W 11:21(10) ack 2501
          +0   > . 2501:2501(0) ack 21
          """);
    }
  }
}

package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.Conversation.play;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a connection says, in packetdrill's notation. Each peer here is one without options. */
class TcpConversationTest {

  static final String CONNECTED =
      """
      +0   connect
      +0   > SEW 0:0(0) win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>
      +.01 < S. 0:0(0) ack 1 win 20000 <mss 1000>
      +0   > . 1:1(0) ack 1 win 65535
      +0   events CONNECTED
      +0   state ESTABLISHED
      """;

  static final String ACCEPTED =
      """
      +0   listen
      +0   < S 0:0(0) win 20000 <mss 1000>
      +0   > S. 0:0(0) ack 1 win 65535 <mss 1460>
      +.01 < . 1:1(0) ack 1 win 20000
      +0   accept
      +0   events CONNECTED
      """;

  @Nested
  class Opening {

    @Test
    void weCall() {
      play(CONNECTED).then("+0 due never");
    }

    @Test
    void weAreCalled() {
      play(ACCEPTED).then("+0 state ESTABLISHED");
    }

    /** RFC 9293 3.5, figure 8. */
    @Test
    void bothCallAtOnce() {
      play(
          """
          +0   connect
          +0   > SEW 0:0(0)
          +.01 < S 0:0(0) win 1000
          +0   > S. 0:0(0) ack 1
          +0   state SYN_RECEIVED
          +.01 < S. 0:0(0) ack 1 win 1000
          +0   state ESTABLISHED
          +0   events CONNECTED
          """);
    }

    @Test
    void aLostSynIsSentAgainTwiceAsLateEachTimeAndThenWithoutEcn() {
      play(
          """
          +0   connect
          +0   > SEW 0:0(0)
          +1   > SEW 0:0(0)
          +2   > S 0:0(0)
          +4   > S 0:0(0)
          +.1  < S. 0:0(0) ack 1 win 1000
          +0   > . 1:1(0) ack 1
          +0   cwnd 536
          """);
    }

    /** RFC 9293 3.8.3 (MUST-23): three minutes. */
    @Test
    void aSynThatNobodyAnswersIsGivenUp() {
      var conversation =
          new Conversation(TcpSettings.defaults().withTimeouts(5_000_000_000L, 5_000_000_000L));
      conversation.then(
          """
          +0   connect
          +0   > SEW 0:0(0)
          +1   > SEW 0:0(0)
          +2   > S 0:0(0)
          +1.9 state SYN_SENT
          +.1  failure CONNECT_TIMED_OUT
          +0   events FAILED CLOSED
          +0   due never
          """);
    }

    @Test
    void aResetRefuses() {
      play(
          """
          +0   connect
          +0   > SEW 0:0(0)
          +.01 < R. 0:0(0) ack 1
          +0   failure REFUSED
          +0   events FAILED CLOSED
          """);
    }

    @Test
    void aResetThatDoesNotAcknowledgeTheSynIsAGuess() {
      play(
          """
          +0   connect
          +0   > SEW 0:0(0)
          +.01 < R. 0:0(0) ack 2
          +0   < R 0:0(0)
          +0   state SYN_SENT
          """);
    }

    /** RFC 9293 3.5.2, figure 9: an old duplicate. */
    @Test
    void aWrongAcknowledgmentOfTheSynIsAnsweredWithAReset() {
      play(
          """
          +0   connect
          +0   > SEW 0:0(0)
          +.01 < S. 0:0(0) ack 90
          +0   > R 90:90(0)
          +0   state SYN_SENT
          """);
    }

    @Test
    void aSynAckThatWasLostIsSentAgainAtOnceWhenTheSynComesAgain() {
      play(
          """
          +0   listen
          +0   < S 0:0(0) win 1000
          +0   > S. 0:0(0) ack 1
          +.5  < S 0:0(0) win 1000
          +0   > S. 0:0(0) ack 1
          """);
    }

    @Test
    void whatIsWrittenEarlyWaitsForTheHandshake() {
      play(
          """
          +0   connect
          +0   > SEW 0:0(0)
          +0   write 5
          +.01 < S. 0:0(0) ack 1 win 1000
          +0   > P. 1:6(5) ack 1
          """);
    }

    /** RFC 5461 4.1, RFC 9293 3.9.2.2. */
    @Test
    void aSoftErrorCountsTheSecondTimeAndAHardOneAtOnce() {
      play(
          """
          +0   connect
          +0   > SEW 0:0(0)
          +.01 icmp HOST_UNREACHABLE 7
          +0   icmp HOST_UNREACHABLE 0
          +0   state SYN_SENT
          +.1  icmp HOST_UNREACHABLE 0
          +0   failure UNREACHABLE
          """);
      play("+0 connect\n+0 > SEW 0:0(0)\n+.01 icmp PORT_UNREACHABLE 0\n+0 failure REFUSED");
    }

    @Test
    void anEstablishedConnectionOutlivesEveryIcmpError() {
      play(CONNECTED)
          .then(
              """
              +0   write 5
              +0   > P. 1:6(5) ack 1
              +.01 icmp PORT_UNREACHABLE 1
              +0   state ESTABLISHED
              """);
    }
  }

  @Nested
  class Ending {

    @Test
    void weFinishFirst() {
      play(CONNECTED)
          .then(
              """
              +0   shutdown
              +0   > F. 1:1(0) ack 1
              +0   state FIN_WAIT_1
              +.01 < . 1:1(0) ack 2
              +0   state FIN_WAIT_2
              +.01 < P. 1:4(3) ack 2
              +0   > . 2:2(0) ack 4
              +.01 < F. 4:4(0) ack 2
              +0   > . 2:2(0) ack 5
              +0   state TIME_WAIT
              +0   events READABLE PEER_FINISHED
              +0   read 10 = 3
              +0   due 60.000
              +60  state CLOSED
              +0   events CLOSED
              """);
    }

    @Test
    void thePeerFinishesFirst() {
      play(ACCEPTED)
          .then(
              """
              +0   < F. 1:1(0) ack 1
              +0   > . 1:1(0) ack 2
              +0   state CLOSE_WAIT
              +0   write 3
              +0   > P. 1:4(3) ack 2
              +0   close
              +0   > F. 4:4(0) ack 2
              +0   state LAST_ACK
              +.01 < . 2:2(0) ack 5
              +0   state CLOSED
              +0   events PEER_FINISHED CLOSED
              +0   due never
              """);
    }

    /** RFC 9293 3.6, figure 13. */
    @Test
    void bothFinishAtOnce() {
      play(CONNECTED)
          .then(
              """
              +0   close
              +0   > F. 1:1(0) ack 1
              +.01 < F. 1:1(0) ack 1
              +0   > . 2:2(0) ack 2
              +0   state CLOSING
              +.01 < . 2:2(0) ack 2
              +0   state TIME_WAIT
              """);
    }

    @Test
    void aFinWithTheAcknowledgmentOfOursEndsInTimeWait() {
      play(CONNECTED)
          .then(
              """
              +0   close
              +0   > F. 1:1(0) ack 1
              +.01 < F. 1:1(0) ack 2
              +0   > . 2:2(0) ack 2
              +0   state TIME_WAIT
              +20  < F. 1:1(0) ack 2     // our acknowledgment was lost: 2 MSL begin again
              +0   > . 2:2(0) ack 2
              +0   due 60.000
              """);
    }

    @Test
    void aFinOutOfOrderWaitsForWhatIsBeforeIt() {
      play(CONNECTED)
          .then(
              """
              +0   < FP. 3:5(2) ack 1
              +0   > . 1:1(0) ack 1
              +0   < . 1:3(2) ack 1
              +0   > . 1:1(0) ack 6
              +0   state CLOSE_WAIT
              +0   read 9 = 4
              """);
    }

    @Test
    void theFinTravelsWithTheLastData() {
      play(CONNECTED)
          .then(
              """
              +0   write 1000
              +0   > P. 1:1001(1000) ack 1
              +0   write 500
              +0   > P. 1001:1501(500) ack 1
              +.01 < . 1:1(0) ack 1501
              """);
      var both = play(CONNECTED);
      both.connection.write(
          java.nio.ByteBuffer.wrap(new byte[] {Transfer.octetAt(0)}), both.nowNs());
      both.then("+0 shutdown\n+0 > FP. 1:2(1) ack 1");
    }

    /** RFC 9293 3.10.4, RFC 2525 2.17. */
    @Test
    void closingWithDataUnreadResets() {
      play(CONNECTED)
          .then(
              """
              +0   < P. 1:4(3) ack 1
              +0   > . 1:1(0) ack 4
              +0   close
              +0   > R. 1:1(0) ack 4
              +0   failure ABORTED
              +0   due never
              """);
    }

    @Test
    void dataThatComesAfterTheApplicationHasGoneResets() {
      play(CONNECTED)
          .then(
              """
              +0   close
              +0   > F. 1:1(0) ack 1
              +.01 < . 1:1(0) ack 2
              +0   < P. 1:4(3) ack 2
              +0   > R. 2:2(0) ack 1
              +0   state CLOSED
              """);
    }

    @Test
    void anOrphanDoesNotWaitForTheFinForEver() {
      play(CONNECTED)
          .then(
              """
              +0   close
              +0   > F. 1:1(0) ack 1
              +.01 < . 1:1(0) ack 2
              +0   due 60.000
              +60  state CLOSED
              +0   events CLOSED
              """);
    }

    @Test
    void aHalfClosedConnectionDoesWait() {
      play(CONNECTED)
          .then(
              """
              +0   shutdown
              +0   > F. 1:1(0) ack 1
              +.01 < . 1:1(0) ack 2
              +0   due never
              """);
    }

    @Test
    void afterTheEndNothingCanBeWritten() {
      var conversation = play(CONNECTED).then("+0 shutdown\n+0 > F. 1:1(0) ack 1");
      assertThat(conversation.connection.canWrite()).isFalse();
      assertThatThrownBy(() -> conversation.then("+0 write 1"))
          .hasRootCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void abortingResets() {
      play(CONNECTED).then("+0 abort\n+0 > R. 1:1(0) ack 1\n+0 failure ABORTED\n+0 due never");
    }

    @Test
    void aFullTimeWaitTableEndsTheNewOneAtOnce() {
      var limits = new TcpLimits(1 << 20, 0, 0);
      new Conversation(TcpSettings.defaults(), limits)
          .then(CONNECTED)
          .then(
              """
              +0   close
              +0   > F. 1:1(0) ack 1
              +.01 < F. 1:1(0) ack 2
              +0   > . 2:2(0) ack 2
              +.001 state CLOSED
              """);
    }
  }

  /** RFC 5961. */
  @Nested
  class WhoGuesses {

    @Test
    void resetsOnlyAtTheExactNumber() {
      play(CONNECTED)
          .then(
              """
              +0   < R 2:2(0)          // in the window: a challenge, 3.2
              +0   > . 1:1(0) ack 1
              +0   < R 70000:70000(0)  // not even that
              +0   state ESTABLISHED
              +0   < R 1:1(0)
              +0   failure RESET_BY_PEER
              +0   events FAILED CLOSED
              """);
    }

    @Test
    void getsAChallengeForASyn() {
      play(CONNECTED)
          .then(
              """
              +0   < S 1:1(0)          // in the window, 4.2
              +0   > . 1:1(0) ack 1
              +0   < S 99999:99999(0)  // outside
              +0   > . 1:1(0) ack 1
              +0   state ESTABLISHED
              """);
    }

    @Test
    void injectsNothingWithAnImpossibleAcknowledgment() {
      play(CONNECTED)
          .then(
              """
              +0   < P. 1:4(3) ack 2        // of what was never sent, 5.2
              +0   > . 1:1(0) ack 1
              +0   < P. 1:4(3) ack 4294937297  // before the largest window
              +0   > . 1:1(0) ack 1
              +0   events
              """
                  .replace("events\n", "read 9 = 0\n"));
    }

    @Test
    void getsTenAnswersInFiveSecondsAndNoMore() {
      var conversation = play(CONNECTED);
      for (var i = 0; i < 10; i++) {
        conversation.then("+0 < R 2:2(0)\n+0 > . 1:1(0) ack 1");
      }
      conversation.then("+0 < R 2:2(0)\n+4.9 < S 2:2(0)\n+.2 < R 2:2(0)\n+0 > . 1:1(0) ack 1");
      assertThat(conversation.connection.statistics().challengeAcks()).isEqualTo(11);
    }
  }
}

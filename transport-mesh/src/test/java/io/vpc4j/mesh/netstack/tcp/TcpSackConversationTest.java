package io.vpc4j.mesh.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The specifications' own stories of loss: RFC 2018, 2883, 6582, 6675, 7323, 8985. */
class TcpSackConversationTest {

  private static final TcpSettings RENO =
      TcpSettings.defaults()
          .withCongestion(TcpSettings.Algorithm.NEW_RENO)
          .withEcn(TcpSettings.Negotiation.REFUSE);

  /** Both do SACK, nobody timestamps. Segments are of 500 octets, as in RFC 2018's examples. */
  private static Conversation sack() {
    return new Conversation(RENO)
        .then(
            """
            +0   connect
            +0   > S 0:0(0)
            +.1  < S. 0:0(0) ack 1 win 65535 <mss 500,sackOK>
            +0   > . 1:1(0) ack 1
            """);
  }

  private static Conversation plain() {
    return new Conversation(RENO)
        .then(
            """
            +0   connect
            +0   > S 0:0(0)
            +.1  < S. 0:0(0) ack 1 win 65535 <mss 500>
            +0   > . 1:1(0) ack 1
            """);
  }

  private static Conversation timestamps() {
    return new Conversation(RENO)
        .then(
            """
            +0   connect
            +0   > S 0:0(0)
            +.1  < S. 0:0(0) ack 1 win 65535 <mss 512,sackOK,TS val 1000 ecr 0>
            +0   > . 1:1(0) ack 1 win 65535 <TS val 100 ecr 1000>
            """);
  }

  private static final String EIGHT =
      """
      +0   write 4000
      +0   > . 1:501(500) ack 1
      +0   > . 501:1001(500) ack 1
      +0   > . 1001:1501(500) ack 1
      +0   > . 1501:2001(500) ack 1
      +0   > . 2001:2501(500) ack 1
      +0   > . 2501:3001(500) ack 1
      +0   > . 3001:3501(500) ack 1
      +0   > P. 3501:4001(500) ack 1
      """;

  /** RFC 2018 5.1: what the receiver says. Ours begin at 1 where the RFC's begin at 5000. */
  @Nested
  class WhatWeReport {

    @Test
    void case1TheLastFourAreDropped() {
      sack()
          .then(
              """
              +0   < . 1:501(500) ack 1
              +0   > . 1:1(0) ack 501
              +0   < . 501:1001(500) ack 1
              +0   > . 1:1(0) ack 1001
              """);
    }

    @Test
    void case2TheFirstIsDropped() {
      sack()
          .then(
              """
              +0   < . 501:1001(500) ack 1
              +0   > . 1:1(0) ack 1 win 65535 <sack 501:1001>
              +0   < . 1001:1501(500) ack 1
              +0   > . 1:1(0) ack 1 win 65535 <sack 501:1501>
              +0   < . 1501:2001(500) ack 1
              +0   > . 1:1(0) ack 1 win 65535 <sack 501:2001>
              """);
    }

    @Test
    void case3EverySecondIsDropped() {
      sack()
          .then(
              """
              +0   < . 1:501(500) ack 1
              +0   > . 1:1(0) ack 501
              +0   < . 1001:1501(500) ack 1
              +0   > . 1:1(0) ack 501 win 65035 <sack 1001:1501>
              +0   < . 2001:2501(500) ack 1
              +0   > . 1:1(0) ack 501 win 65035 <sack 2001:2501 1001:1501>
              +0   < . 3001:3501(500) ack 1
              +0   > . 1:1(0) ack 501 win 65035 <sack 3001:3501 2001:2501 1001:1501>
              +0   < . 1501:2001(500) ack 1        // the fourth, late
              +0   > . 1:1(0) ack 501 win 65035 <sack 1001:2501 3001:3501>
              +0   < . 501:1001(500) ack 1         // the second
              +0   > . 1:1(0) ack 2501 win 63035 <sack 3001:3501>
              """);
    }

    /** RFC 2883 4.1 and 4.2. */
    @Test
    void aDuplicateIsTheFirstBlock() {
      sack()
          .then(
              """
              +0   < . 1:501(500) ack 1
              +0   > . 1:1(0) ack 501
              +0   < . 1:501(500) ack 1
              +0   > . 1:1(0) ack 501 win 65035 <sack 1:501>
              +0   < . 1001:1501(500) ack 1
              +0   > . 1:1(0) ack 501 win 65035 <sack 1001:1501>
              +0   < . 1001:1501(500) ack 1
              +0   > . 1:1(0) ack 501 win 65035 <sack 1001:1501 1001:1501>
              """);
    }

    @Test
    void withTimestampsThreeBlocksFit() {
      timestamps()
          .then(
              """
              +0   < . 11:21(10) ack 1 win 65535 <TS val 1001 ecr 100>
              +0   > . 1:1(0) ack 1 win 65535 <TS val 100 ecr 1000,sack 11:21>
              +0   < . 31:41(10) ack 1 win 65535 <TS val 1001 ecr 100>
              +0   > . 1:1(0) ack 1 win 65535 <TS val 100 ecr 1000,sack 31:41 11:21>
              +0   < . 51:61(10) ack 1 win 65535 <TS val 1001 ecr 100>
              +0   > . 1:1(0) ack 1 win 65535 <TS val 100 ecr 1000,sack 51:61 31:41 11:21>
              +0   < . 71:81(10) ack 1 win 65535 <TS val 1001 ecr 100>
              +0   > . 1:1(0) ack 1 win 65535 <TS val 100 ecr 1000,sack 71:81 51:61 31:41>
              """);
    }
  }

  @Nested
  class WhatWeSendAgain {

    /** RFC 6675 5: the third block above a hole makes it lost. */
    @Test
    void theHoleBelowThreeSegments() {
      sack()
          .then(EIGHT)
          .then(
              """
              +.1  < . 1:1(0) ack 1 <sack 501:1001>
              +0   < . 1:1(0) ack 1 <sack 501:1501>
              +0   flight 3000
              +0   < . 1:1(0) ack 1 <sack 501:2001>
              +0   > . 1:501(500) ack 1
              +0   flight 2500
              +.1  < . 1:1(0) ack 4001
              +0   cwnd 2000
              """);
    }

    /** RFC 6675's pipe and NextSeg(): two holes, the lower one first. */
    @Test
    void theLowerHoleFirst() {
      sack()
          .then(EIGHT)
          .then(
              """
              +.1  < . 1:1(0) ack 1 <sack 501:1501>
              +0   < . 1:1(0) ack 1 <sack 2001:3501 501:1501>
              +0   > . 1:501(500) ack 1
              +0   > . 1501:2001(500) ack 1
              +.1  < . 1:1(0) ack 4001
              """);
    }

    /**
     * RFC 8985 1, 3.1: that the retransmission is lost too shows when something sent after it
     * arrives.
     */
    @Test
    void aRetransmissionThatIsLostAsWell() {
      sack()
          .then(EIGHT)
          .then(
              """
              +.1  < . 1:1(0) ack 1 <sack 501:2001>
              +0   > . 1:501(500) ack 1
              +0   write 2000
              +.01 < . 1:1(0) ack 1 <sack 501:3501>
              +0   > . 4001:4501(500) ack 1
              +0   > . 4501:5001(500) ack 1
              +.1  < . 1:1(0) ack 1 <sack 501:3501 4001:4501>
              +0   > . 1:501(500) ack 1
              +0   > . 3501:4001(500) ack 1
              +0   > . 5001:5501(500) ack 1
              """);
    }

    /** RFC 8985 7: the tail. */
    @Test
    void theTailIsProbedAfterTwoRoundTrips() {
      sack()
          .then(
              """
              +0   write 1000
              +0   > . 1:501(500) ack 1
              +0   > P. 501:1001(500) ack 1
              +.2  > P. 501:1001(500) ack 1
              +.1  < . 1:1(0) ack 1 <sack 501:1001>
              +0   > . 1:501(500) ack 1
              +.1  < . 1:1(0) ack 1001
              """);
    }

    /** RFC 8985 7.4.2: the probe repaired the only loss, which was one all the same. */
    @Test
    void aTailThatTheProbeRepairedIsALoss() {
      var conversation =
          sack()
              .then(
                  """
                  +0   write 1000
                  +0   > . 1:501(500) ack 1
                  +0   > P. 501:1001(500) ack 1
                  +.1  < . 1:1(0) ack 501
                  +.3  > P. 501:1001(500) ack 1
                  +.1  write 500
                  +0   > P. 1001:1501(500) ack 1
                  +.1  < . 1:1(0) ack 1501
                  +0   cwnd 1000
                  """);
      assertThat(conversation.connection.statistics().recoveries()).isEqualTo(1);
      assertThat(conversation.connection.statistics().timeouts()).isZero();
    }

    /** RFC 8985 7.4.1: the acknowledgment of a duplicate shows that the tail had only been slow. */
    @Test
    void aTailThatWasOnlySlowIsNone() {
      sack()
          .then(
              """
              +0   write 1000
              +0   > . 1:501(500) ack 1
              +0   > P. 501:1001(500) ack 1
              +.1  < . 1:1(0) ack 501
              +.3  > P. 501:1001(500) ack 1
              +.1  < . 1:1(0) ack 1001 <sack 501:1001>
              +0   cwnd 5000
              """);
    }

    /** RFC 6582 3.2: without SACK, three duplicates and then each partial acknowledgment. */
    @Test
    void withoutSackThreeDuplicatesAndEachPartialOne() {
      plain()
          .then(EIGHT)
          .then(
              """
              +.1  < . 1:1(0) ack 1
              +0   < . 1:1(0) ack 1
              +0   < . 1:1(0) ack 1
              +0   > . 1:501(500) ack 1
              +.1  < . 1:1(0) ack 1501
              +0   > . 1501:2001(500) ack 1
              +.1  < . 1:1(0) ack 4001
              +0   cwnd 2000
              """);
    }

    /** RFC 6298 5.4 to 5.6, RFC 5681 3.1. */
    @Test
    void theTimeoutSendsOneSegmentAndDoubles() {
      plain()
          .then(EIGHT)
          .then(
              """
              +.3  > . 1:501(500) ack 1
              +.6  > . 1:501(500) ack 1
              +.1  < . 1:1(0) ack 501
              +0   > . 501:1001(500) ack 1
              +0   > . 1001:1501(500) ack 1
              """);
    }

    /** RFC 2018 8: after a timeout the peer's word no longer counts. */
    @Test
    void aPeerThatRenegesGetsItAgain() {
      sack()
          .then(
              """
              +0   write 1000
              +0   > . 1:501(500) ack 1
              +0   > P. 501:1001(500) ack 1
              +.05 < . 1:1(0) ack 1 <sack 501:1001>
              +.025 > . 1:501(500) ack 1
              +.05 < . 1:1(0) ack 501
              +.3  > P. 501:1001(500) ack 1
              """);
    }

    /** RFC 3522 3.2: the echo is older than the retransmission. */
    @Test
    void whatWasOnlyLateIsTakenBack() {
      var conversation =
          timestamps()
              .then(
                  """
                  +0   write 2000
                  +0   > . 1:501(500) ack 1 win 65535 <TS val 100 ecr 1000>
                  +0   > . 501:1001(500) ack 1
                  +0   > . 1001:1501(500) ack 1
                  +0   > P. 1501:2001(500) ack 1
                  +.1  < . 1:1(0) ack 1 win 65535 <TS val 1100 ecr 100,sack 501:2001>
                  +0   > . 1:501(500) ack 1 win 65535 <TS val 200 ecr 1100>
                  +0   cwnd 1000
                  +.01 < . 1:1(0) ack 2001 win 65535 <TS val 1110 ecr 100>
                  +0   cwnd 5000
                  """);
      assertThat(conversation.connection.statistics().spurious()).isEqualTo(1);
    }

    @Test
    void sackBlocksThatNobodyCanHaveSentAreLeftOut() {
      sack()
          .then(EIGHT)
          .then(
              """
              +.1  < . 1:1(0) ack 1 <sack 4001:5001>
              +0   < . 1:1(0) ack 1 <sack 2001:501>
              +0   flight 4000
              """);
    }
  }

  /** RFC 7323. */
  @Nested
  class Timestamps {

    /** 5.3, R1. */
    @Test
    void anOldDuplicateOfAWrappedNumberIsRefused() {
      timestamps()
          .then(
              """
              +0   < . 1:11(10) ack 1 win 65535 <TS val 1005 ecr 100>
              +0   > . 1:1(0) ack 11 win 65525 <TS val 100 ecr 1005>
              +0   < . 11:21(10) ack 1 win 65535 <TS val 1004 ecr 100>
              +0   > . 1:1(0) ack 11 win 65525 <TS val 100 ecr 1005>
              +0   read 99 = 10
              """);
    }

    @Test
    void aResetIsNotSubjectToThem() {
      timestamps()
          .then(
              """
              +0   < R 1:1(0) win 0 <TS val 1 ecr 100>
              +0   failure RESET_BY_PEER
              """);
    }

    /** 3.2: "... the segment SHOULD be dropped". */
    @Test
    void aSegmentWithoutThemIsDropped() {
      timestamps().then("+0 < . 1:11(10) ack 1 win 65535\n+0 read 99 = 0");
    }

    /** 4.3: the echo is of the segment that is acknowledged, not of one that came early. */
    @Test
    void theEchoIsOfTheOldestThatIsNotAcknowledged() {
      timestamps()
          .then(
              """
              +0   < . 11:21(10) ack 1 win 65535 <TS val 1005 ecr 100>
              +0   > . 1:1(0) ack 1 win 65535 <TS val 100 ecr 1000,sack 11:21>
              +0   < . 1:11(10) ack 1 win 65535 <TS val 1003 ecr 100>
              +0   > . 1:1(0) ack 21 win 65515 <TS val 100 ecr 1003>
              """);
    }

    /** 5.5: an idle connection of 24 days has no valid TS.Recent. */
    @Test
    void afterTwentyFourDaysTheyMeanNothing() {
      timestamps()
          .then(
              """
              +2073601 < . 1:11(10) ack 1 win 65535 <TS val 1 ecr 100>
              +0   read 99 = 10
              """
                  .replace("+0   read", "+0   > . 1:1(0) ack 11\n+0   read"));
    }
  }

  /** RFC 6191 2 and RFC 9293 3.10.7.4 (MAY-2). */
  @Nested
  class TimeWait {

    @Test
    void isReplacedByANewerSynOnly() {
      var conversation =
          timestamps()
              .then(
                  """
                  +0   close
                  +0   > F. 1:1(0) ack 1
                  +.01 < F. 1:1(0) ack 2 win 65535 <TS val 1005 ecr 100>
                  +0   > . 2:2(0) ack 2
                  +0   state TIME_WAIT
                  """);
      assertThat(replaceable(conversation, 5_000, 1_006)).isTrue();
      assertThat(replaceable(conversation, 5_000, 1_004)).isFalse();
      assertThat(replaceable(conversation, 5_000, 1_005)).isTrue();
      assertThat(replaceable(conversation, 1, 1_005)).isFalse();
    }

    private boolean replaceable(Conversation conversation, int seq, int stamp) {
      var out = java.nio.ByteBuffer.allocate(60);
      new io.vpc4j.mesh.netstack.tcp.wire.TcpWriter()
          .begin(out, Conversation.PEER_PORT, Conversation.OUR_PORT)
          .numbers(Conversation.PEER_ISN + seq, 0)
          .flags(io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.SYN, 1_000)
          .timestamps(stamp, 0)
          .end();
      var segment = new io.vpc4j.mesh.netstack.tcp.wire.TcpSegment();
      segment.read(out, 0, out.position(), io.vpc4j.mesh.netstack.wire.Ecn.NOT_ECT);
      return conversation.connection.replaceableBy(segment);
    }
  }
}

package io.vpc4j.mesh.wireguard;

import static io.vpc4j.mesh.wireguard.Story.MS;
import static io.vpc4j.mesh.wireguard.Story.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.wireguard.WireGuardEvent.EndpointChanged;
import io.vpc4j.mesh.wireguard.WireGuardEvent.HandshakeCompleted;
import io.vpc4j.mesh.wireguard.WireGuardEvent.HandshakeGaveUp;
import io.vpc4j.mesh.wireguard.WireGuardEvent.HandshakeUnanswered;
import io.vpc4j.mesh.wireguard.WireGuardEvent.KeysErased;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two devices and a network between them, in virtual time. [W] 5, 6 */
class WireGuardStoriesTest {

  private Story story = Story.seeded(1);
  private Story.Node a;
  private Story.Node b;

  private void begin(Story s, Timings timings) {
    story = s;
    a = s.node(1, timings, WireGuardLimits.DEFAULTS);
    b = s.node(2, timings, WireGuardLimits.DEFAULTS);
    s.introduce(a, b);
  }

  private void begin() {
    begin(Story.seeded(1), Timings.SPECIFICATION);
  }

  /** A session, initiated by {@code a}, and a packet each way. */
  private void established() {
    begin();
    a.send(b, 1);
    story.advance(MS);
    b.send(a, 2);
    story.advance(MS);
    assertThat(b.received).containsExactly(1L);
    assertThat(a.received).containsExactly(2L);
  }

  @AfterEach
  void nothingIsLeft() {
    story.end();
  }

  // ---- figures
  // --------------------------------------------------------------------------------

  /** Each end sends at once what proves that it has the keys, so each can tell. [W] 5.1 */
  @Test
  void aHandshakeMeasuresTheRoundTripAtBothEnds() {
    begin();
    story.minDelayNs = 15 * MS;
    story.maxDelayNs = 15 * MS;
    assertThat(a.peerOf(b).status(story.nowNs()).roundTripNs()).isNull();

    a.send(b, 1);
    story.advance(SECOND);

    assertThat(a.peerOf(b).status(story.nowNs()).roundTripNs()).isEqualTo(30 * MS);
    assertThat(b.peerOf(a).status(story.nowNs()).roundTripNs()).isEqualTo(30 * MS);
  }

  /** The counters say how many there were, over every session, those that are gone included. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatWasLostIsKnownByTheCounters(long seed) {
    begin(Story.seeded(seed), Timings.SPECIFICATION);
    story.minDelayNs = MS;
    story.maxDelayNs = 40 * MS;
    var lost = new java.util.HashSet<Integer>();
    story.carries =
        datagram -> {
          var keep = datagram.type() != 4 || datagram.from != a || story.random.nextInt(5) != 0;
          if (!keep) {
            lost.add(story.carried.size());
          }
          return keep;
        };
    var sent = 0;
    for (var second = 0; second < 900; second++) {
      a.send(b, second);
      b.send(a, second);
      story.advance(SECOND);
      sent++;
    }
    story.carries = datagram -> true;
    a.send(b, sent);
    story.advance(SECOND);

    var status = b.peerOf(a).status(story.nowNs());
    var missing = status.expectedDatagrams() - status.takenDatagrams();
    assertThat(b.events(HandshakeCompleted.class)).hasSizeGreaterThan(5);
    // the last of a session that is lost, nobody can know of
    assertThat(missing)
        .as("seed %d", seed)
        .isBetween(
            (long) lost.size() - b.events(HandshakeCompleted.class).size() * 3L,
            (long) lost.size());
    assertThat(status.takenDatagrams()).isGreaterThan(600);
    var back = a.peerOf(b).status(story.nowNs());
    assertThat(back.expectedDatagrams()).isEqualTo(back.takenDatagrams());
  }

  // ---- handshakes
  // --------------------------------------------------------------------------------

  @Test
  void packetsThatWaitForTheHandshakeArriveInOrder() {
    begin();

    LongStream.range(0, 20).forEach(number -> a.send(b, number));
    story.advance(10 * MS);

    assertThat(b.received).containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
    assertThat(story.carried(1)).hasSize(1);
    assertThat(a.events(HandshakeCompleted.class)).hasSize(1);
    assertThat(b.events(HandshakeCompleted.class))
        .containsExactly(new HandshakeCompleted(b.peerOf(a), Role.RESPONDER));
  }

  /** Prefixes move while somebody is called: the call goes on. */
  @Test
  void aChangeThatIsNoneOfTheKeysLeavesAHandshakeAlone() {
    begin();
    story.minDelayNs = 20 * MS;
    story.maxDelayNs = 20 * MS;

    a.send(b, 1);
    story.advance(MS);
    a.engine.changePeer(
        PeerConfig.of(b.engine.publicKey(), null, Cidr.of(b.address), Cidr.require("10.9.0.0/16")),
        story.nowNs());
    story.advance(SECOND);

    assertThat(b.received).containsExactly(1L);
    assertThat(story.carried(1)).hasSize(1);
  }

  /** [W] 6.4: every REKEY-TIMEOUT and up to 333 ms. */
  @Test
  void aLostInitiationIsRepeated() {
    begin();
    story.carries = datagram -> datagram.type() != 1 || story.carried(1).size() > 2;

    a.send(b, 1);
    story.advance(4999 * MS);
    assertThat(story.carried(1)).hasSize(1);
    story.advance(12 * SECOND);

    assertThat(story.carried(1)).hasSize(3);
    assertThat(b.received).containsExactly(1L);
    assertThat(a.events(HandshakeUnanswered.class))
        .extracting(HandshakeUnanswered::inARow)
        .containsExactly(1, 2);
    assertThat(a.peerOf(b).unansweredHandshakes()).isZero();
  }

  @Test
  void aLostResponseIsRepeated() {
    begin();
    story.carries = datagram -> datagram.type() != 2 || story.carried(2).size() > 1;

    a.send(b, 1);
    story.advance(6 * SECOND);

    assertThat(b.received).containsExactly(1L);
    assertThat(story.carried(1)).hasSize(2);
  }

  /** [W] 6.4: after REKEY-ATTEMPT-TIME. */
  @Test
  void anAnswerThatNeverComesIsGivenUpAndTheNextPacketBeginsAnew() {
    begin();
    story.carries = datagram -> false;

    a.send(b, 1);
    a.send(b, 2);
    story.advance(120 * SECOND);

    assertThat(story.carried(1)).hasSize(19); // the first, and 90 / 5 more
    assertThat(a.events(HandshakeGaveUp.class))
        .containsExactly(new HandshakeGaveUp(a.peerOf(b), 2));
    assertThat(a.dropped(Drop.HANDSHAKE_FAILED)).isEqualTo(2);
    assertThat(a.engine.liveIndices()).isZero();

    story.carries = datagram -> true;
    a.send(b, 3);
    story.advance(SECOND);
    assertThat(b.received).containsExactly(3L);
  }

  @Test
  void bothMayCallAtOnce() {
    begin();
    b.engine.changePeer(
        PeerConfig.of(a.engine.publicKey(), a.at, b.peerOf(a).allowedIps().get(0)), 0);
    story.minDelayNs = 20 * MS;
    story.maxDelayNs = 20 * MS;

    a.send(b, 1);
    b.send(a, 2);
    story.advance(SECOND);
    a.send(b, 3);
    b.send(a, 4);
    story.advance(SECOND);

    assertThat(b.received).containsExactly(1L, 3L);
    assertThat(a.received).containsExactly(2L, 4L);
    assertThat(story.carried(1)).hasSize(2);
  }

  @Test
  void aPacketToAPeerThatIsNowhereIsRefusedAtOnce() {
    begin();

    assertThat(b.send(a, 1)).isEqualTo(Sent.DROPPED);

    assertThat(b.engine.lastDrop()).isEqualTo(Drop.NO_ENDPOINT);
  }

  /**
   * The one who answered may not send before the one who called has proved to have the keys. [W]
   * 5.1
   */
  @Test
  void theResponderWaitsForTheFirstPacket() {
    begin();
    story.carries = datagram -> datagram.type() != 4;
    a.send(b, 1);
    story.advance(SECOND);

    assertThat(b.send(a, 2)).isEqualTo(Sent.QUEUED);
    assertThat(b.events(HandshakeCompleted.class)).isEmpty();

    story.carries = datagram -> true;
    a.send(b, 3);
    story.advance(SECOND);
    assertThat(b.received).containsExactly(3L);
    assertThat(a.received).containsExactly(2L);
  }

  @Test
  void anotherPresharedKeyIsNoPeer() {
    begin();
    var key = io.vpc4j.mesh.wireguard.crypto.SecretBytes.owning(new byte[32]);
    key.borrow()[5] = 1;
    b.engine.changePeer(
        PeerConfig.of(a.engine.publicKey(), null, b.peerOf(a).allowedIps().get(0))
            .withPresharedKey(key),
        story.nowNs());

    a.send(b, 1);
    story.advance(SECOND);

    assertThat(b.received).isEmpty();
    assertThat(a.dropped(Drop.HANDSHAKE_FORGED)).isEqualTo(1);

    a.engine.changePeer(
        PeerConfig.of(b.engine.publicKey(), b.at, a.peerOf(b).allowedIps().get(0))
            .withPresharedKey(key),
        story.nowNs());
    story.advance(10 * SECOND);
    assertThat(b.received).containsExactly(1L);
  }

  /**
   * [W] 5.1: a timestamp must be later than the last; a clock that went back must not lock us out.
   */
  @Test
  void aClockThatGoesBackDoesNotStopHandshakes() {
    begin(
        Story.seeded(3),
        Timings.SPECIFICATION.withAges(SECOND, 10 * SECOND).withRetries(200 * MS, SECOND));
    a.send(b, 0);
    story.advance(MS);
    a.wallOffsetNs -= 86_400L * SECOND;

    for (var number = 1; number <= 10; number++) {
      story.advance(2 * SECOND);
      a.send(b, number);
      story.advance(MS);
    }

    assertThat(b.received).hasSize(11);
    assertThat(b.dropped(Drop.HANDSHAKE_REPLAYED)).isZero();
    assertThat(b.events(HandshakeCompleted.class)).hasSizeGreaterThan(9);
  }

  // ---- rekeying
  // ----------------------------------------------------------------------------------

  /**
   * Both send all the time, over a network that delays, reorders and doubles; six minutes of it.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void rekeyingLosesNothingThatTheNetworkDelivered(long seed) {
    begin(Story.seeded(seed), Timings.SPECIFICATION);
    story.minDelayNs = 5 * MS;
    story.maxDelayNs = 120 * MS;
    story.doubling = 0.05;

    for (var number = 0; number < 18_000; number++) {
      a.send(b, number);
      b.send(a, number);
      story.advance(20 * MS);
    }
    story.advance(SECOND);

    assertThat(b.received).as("seed %d", seed).doesNotHaveDuplicates().size().isEqualTo(18_000);
    assertThat(a.received.size() + a0Refused()).as("seed %d", seed).isEqualTo(18_000);
    assertThat(new HashSet<>(a.received)).hasSameSizeAs(a.received);
    assertThat(a.events(HandshakeCompleted.class)).hasSizeBetween(3, 5);
  }

  /** What b could not send before a's first call told it where a is. */
  private long a0Refused() {
    return b.dropped(Drop.NO_ENDPOINT);
  }

  /** The same with a session per second and both ends replacing it. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void rekeyingAtBothEndsAtOnceLosesNothing(long seed) {
    begin(
        Story.seeded(seed),
        Timings.SPECIFICATION.withAges(SECOND, 30 * SECOND).withRetries(300 * MS, 30 * SECOND));
    b.engine.changePeer(
        PeerConfig.of(a.engine.publicKey(), a.at, b.peerOf(a).allowedIps().get(0)), 0);
    story.minDelayNs = 10 * MS;
    story.maxDelayNs = 60 * MS;

    for (var number = 0; number < 6_000; number++) {
      a.send(b, number);
      b.send(a, number);
      story.advance(5 * MS);
    }
    story.advance(SECOND);

    assertThat(b.received).as("seed %d", seed).doesNotHaveDuplicates().size().isEqualTo(6_000);
    assertThat(a.received).as("seed %d", seed).doesNotHaveDuplicates().size().isEqualTo(6_000);
    assertThat(a.events(HandshakeCompleted.class)).hasSizeGreaterThan(20);
  }

  /** Whatever is lost, what arrives arrives once, and the two find each other again. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void aBadNetworkCostsPacketsAndNothingElse(long seed) {
    begin(
        Story.seeded(seed),
        Timings.SPECIFICATION.withAges(5 * SECOND, 12 * SECOND).withRetries(SECOND, 20 * SECOND));
    story.maxDelayNs = 300 * MS;
    story.loss = 0.2;
    story.doubling = 0.1;

    for (var number = 0; number < 6_000; number++) {
      a.send(b, number);
      story.advance(20 * MS);
    }
    story.loss = 0;
    story.advance(3 * SECOND);
    a.send(b, 9_999);
    story.advance(3 * SECOND);

    assertThat(b.received).as("seed %d", seed).doesNotHaveDuplicates().contains(9_999L);
    assertThat(b.received).hasSizeGreaterThan(4_400); // 80 % and chance
    assertThat(b.dropped(Drop.FORGED) + b.dropped(Drop.MAC1)).isZero();
  }

  @Test
  void aSessionThatSentItsShareOfMessagesIsReplaced() {
    begin(Story.seeded(5), Timings.SPECIFICATION.withMessages(50, 100));

    for (var number = 0; number < 500; number++) {
      a.send(b, number);
      story.advance(200 * MS);
    }

    assertThat(b.received).hasSize(500);
    assertThat(a.events(HandshakeCompleted.class)).hasSizeBetween(9, 11);
  }

  /** [W] 6.2: past REJECT-AFTER-MESSAGES nothing is sent, whatever the application wants. */
  @Test
  void aSessionThatCannotBeReplacedStopsAtItsLastMessage() {
    begin(Story.seeded(5), Timings.SPECIFICATION.withMessages(50, 100));
    a.send(b, 0);
    story.advance(MS);
    story.carries = datagram -> datagram.type() == 4;

    for (var number = 1; number < 200; number++) {
      a.send(b, number);
    }
    story.advance(MS);

    assertThat(b.received).hasSize(100);
  }

  /** [W] 6.2, 6.3 */
  @Test
  void anOldSessionIsRefusedAndItsKeysAreErased() {
    established();
    var late = IpPackets.numbered(a.address, b.address, 7, 100);
    assertThat(a.engine.send(a.peerOf(b), late, story.nowNs())).isEqualTo(Sent.SEALED);
    var octets = new byte[late.remaining()];
    late.get(octets);

    story.carries = datagram -> false;
    story.advance(180 * SECOND);
    story.deliver(octets, a.at, b.at);
    assertThat(b.received).containsExactly(1L);
    assertThat(b.dropped(Drop.SESSION_EXPIRED)).isEqualTo(1);
    assertThat(a.peerOf(b).hasSession(story.nowNs())).isFalse();

    story.advance(800 * SECOND);
    assertThat(b.events(KeysErased.class)).hasSize(1);
    assertThat(a.events(KeysErased.class)).hasSize(1);
    assertThat(b.engine.liveIndices()).isZero();
    assertThat(a.engine.liveIndices()).isZero();
  }

  // ---- keepalives
  // --------------------------------------------------------------------------------

  /** [W] 6.5 */
  @Test
  void whoReceivesAndHasNothingToSaySaysSoAfterTenSeconds() {
    established();
    var before = story.carried.size();

    a.send(b, 3);
    story.advance(9_990 * MS);
    assertThat(story.carried).hasSize(before + 1);
    story.advance(20 * MS);

    assertThat(story.carried).hasSize(before + 2);
    assertThat(story.carried.get(before + 1).octets).hasSize(32);
    assertThat(story.carried.get(before + 1).from).isSameAs(b);
    story.advance(30 * SECOND);
    assertThat(story.carried).as("and no more").hasSize(before + 2);
  }

  /** [W] 6.2: fifteen seconds without anything back mean that the session is lost. */
  @Test
  void whoSendsAndHearsNothingCallsAgain() {
    established();
    var calls = story.carried(1).size();
    story.carries = datagram -> datagram.from == a;

    a.send(b, 3);
    story.advance(14_990 * MS);
    assertThat(story.carried(1)).hasSize(calls);
    story.advance(400 * MS);

    assertThat(story.carried(1)).hasSize(calls + 1);
  }

  @Test
  void aPersistentKeepaliveComesEverySoOften() {
    begin();
    a.engine.changePeer(
        PeerConfig.of(b.engine.publicKey(), b.at, a.peerOf(b).allowedIps().get(0))
            .withPersistentKeepalive(Duration.ofSeconds(25)),
        story.nowNs());
    a.flush();

    story.advance(99 * SECOND);

    assertThat(story.carried(1)).hasSize(1);
    assertThat(story.carried(4)).hasSize(4); // the one that confirms, at 25, 50 and 75 s ...
    story.advance(10 * SECOND);
    assertThat(story.carried(4)).hasSize(5);
  }

  @Test
  void nothingIsSaidWhenNothingHappens() {
    established();
    story.advance(20 * SECOND);
    var before = story.carried.size();

    story.advance(3600 * SECOND);

    assertThat(story.carried).hasSize(before);
    assertThat(a.engine.deadlineNs()).isEqualTo(Long.MAX_VALUE);
  }

  // ---- roaming
  // -----------------------------------------------------------------------------------

  /** [W] 2.1 */
  @Test
  void aPeerIsFollowedToAnotherAddress() {
    established();
    var from = a.at;

    a.moveTo("198.51.100.7", 4242);
    a.send(b, 3);
    story.advance(MS);
    b.send(a, 4);
    story.advance(MS);

    assertThat(b.received).containsExactly(1L, 3L);
    assertThat(a.received).containsExactly(2L, 4L);
    assertThat(b.events(EndpointChanged.class))
        .containsExactly(
            new EndpointChanged(b.peerOf(a), null, from),
            new EndpointChanged(b.peerOf(a), from, a.at));
  }

  @Test
  void whatIsNotAuthenticMovesNobody() {
    established();
    var sent = story.carried(4).get(0).octets.clone();
    sent[20] ^= 1;
    sent[8] = 40; // a counter that was not seen

    story.deliver(sent, Story.place("203.0.113.9", 9), b.at);
    story.deliver(story.carried(4).get(0).octets, Story.place("203.0.113.9", 9), b.at);

    assertThat(b.peerOf(a).endpoint()).isEqualTo(a.at);
    assertThat(b.dropped(Drop.FORGED)).isEqualTo(1);
    assertThat(b.dropped(Drop.REPLAYED)).isEqualTo(1);
  }

  // ---- peers come and go
  // -------------------------------------------------------------------------

  @Test
  void aPeerThatIsRemovedIsForgottenWhole() {
    established();
    story.carries = datagram -> datagram.type() == 4;
    var peer = b.peerOf(a);

    assertThat(b.engine.removePeer(a.engine.publicKey())).isTrue();

    assertThat(b.engine.liveIndices()).isZero();
    assertThat(b.engine.deadlineNs()).isEqualTo(Long.MAX_VALUE);
    assertThat(peer.isRemoved()).isTrue();
    assertThat(b.send(a, 5)).isEqualTo(Sent.DROPPED);
    assertThat(b.engine.lastDrop()).isEqualTo(Drop.NO_PEER);
    a.send(b, 6);
    story.advance(MS);
    assertThat(b.dropped(Drop.UNKNOWN_RECEIVER)).isEqualTo(1);
    assertThat(b.engine.removePeer(a.engine.publicKey())).isFalse();
  }

  @Test
  void aPrefixBelongsToThePeerThatWasGivenItLast() {
    established();
    var c = story.node(3);
    story.introduce(c, b);

    b.engine.changePeer(
        PeerConfig.of(c.engine.publicKey(), null)
            .withAllowedIps(
                List.of(
                    io.vpc4j.core.net.Cidr.of(c.address), io.vpc4j.core.net.Cidr.of(a.address))),
        story.nowNs());

    assertThat(b.peerOf(a).allowedIps()).isEmpty();
    a.send(b, 9);
    story.advance(MS);
    assertThat(b.received).doesNotContain(9L);
    assertThat(b.dropped(Drop.NOT_ALLOWED)).isEqualTo(1);
  }

  @Test
  void moreThanTheStageHoldsPushesTheOldestOut() {
    story = Story.seeded(9);
    a = story.node(1, Timings.SPECIFICATION, WireGuardLimits.DEFAULTS.withMaxStagedPackets(4));
    b = story.node(2);
    story.introduce(a, b);

    LongStream.range(0, 10).forEach(number -> a.send(b, number));
    story.advance(MS);

    assertThat(b.received).containsExactly(6L, 7L, 8L, 9L);
    assertThat(a.dropped(Drop.STAGE_FULL)).isEqualTo(6);
  }
}

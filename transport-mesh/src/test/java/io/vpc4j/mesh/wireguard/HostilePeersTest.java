package io.vpc4j.mesh.wireguard;

import static io.vpc4j.mesh.wireguard.Story.MS;
import static io.vpc4j.mesh.wireguard.Story.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.wireguard.WireGuardEvent.HandshakeCompleted;
import io.vpc4j.mesh.wireguard.cookie.CookieTaker;
import io.vpc4j.mesh.wireguard.crypto.Octets;
import io.vpc4j.mesh.wireguard.wire.HandshakeInitiation;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody on the way, or anywhere, can send, and what it gets them: nothing. [W] 5.1, 5.3 */
class HostilePeersTest {

  private Story story;
  private Story.Node a;
  private Story.Node b;

  @BeforeEach
  void begin() {
    story = Story.seeded(41);
    a = story.node(1);
    b = story.node(2);
    story.introduce(a, b);
  }

  @AfterEach
  void nothingIsLeft() {
    story.end();
  }

  private void established() {
    a.send(b, 1);
    story.advance(MS);
    b.send(a, 2);
    story.advance(MS);
  }

  private void theyStillTalk() {
    a.send(b, 8_001);
    b.send(a, 8_002);
    story.advance(MS);
    assertThat(b.received).endsWith(8_001L);
    assertThat(a.received).endsWith(8_002L);
  }

  @Test
  void aDatagramIsTakenOnce() {
    established();
    var packets = story.carried(4).size();

    for (var i = 0; i < packets; i++) {
      story.deliver(story.carried(4).get(i));
      story.deliver(story.carried(4).get(i));
    }

    assertThat(b.received).containsExactly(1L);
    assertThat(a.received).containsExactly(2L);
    assertThat(a.dropped(Drop.REPLAYED) + b.dropped(Drop.REPLAYED)).isEqualTo(2L * packets);
    theyStillTalk();
  }

  /** [W] 5.1: else a recorded call would take the session away. */
  @Test
  void aRecordedCallIsNotAnsweredAgain() {
    established();
    var call = story.carried(1).get(0);
    story.advance(SECOND);

    story.deliver(call);
    story.deliver(call.octets, Story.place("203.0.113.9", 9), b.at);

    assertThat(b.dropped(Drop.HANDSHAKE_REPLAYED)).isEqualTo(2);
    assertThat(story.carried(2)).hasSize(1);
    assertThat(b.peerOf(a).endpoint()).isEqualTo(a.at);
    theyStillTalk();
  }

  @Test
  void aRecordedAnswerIsNoAnswer() {
    established();

    story.deliver(story.carried(2).get(0));

    assertThat(a.dropped(Drop.UNKNOWN_RECEIVER)).isEqualTo(1); // a session takes no answers
    theyStillTalk();
  }

  /** A mac1 takes our public key; nothing dearer than a hash is done without it. */
  @Test
  void aCallWithoutMac1CostsAHash() {
    var call = new byte[HandshakeInitiation.LENGTH];
    new Random(7).nextBytes(call);
    Octets.putInt(call, 0, 1);

    for (var i = 0; i < 1_000; i++) {
      story.deliver(call, Story.place("203.0.113.9", 1 + i), b.at);
    }

    assertThat(b.dropped(Drop.MAC1)).isEqualTo(1_000);
    assertThat(story.carried).isEmpty();
  }

  /** Somebody who knows our key but is no peer. */
  @Test
  void aCallOfAStrangerIsNotAnswered() {
    var stranger = story.node(9);
    stranger.peer(b, b.at);

    stranger.send(b, 1);
    story.advance(30 * SECOND);

    assertThat(b.dropped(Drop.UNKNOWN_PEER)).isEqualTo(6);
    assertThat(story.carried).allMatch(datagram -> datagram.from == stranger);
    assertThat(b.engine.liveIndices()).isZero();
  }

  @Test
  void callsOfAPeerThatComeTooFastAreNotAnswered() {
    established();
    var calls = story.carried(1).size();

    for (var i = 0; i < 50; i++) {
      a.engine.changePeer(
          PeerConfig.of(b.engine.publicKey(), b.at, a.peerOf(b).allowedIps().get(0)),
          story.nowNs());
      a.peerOf(b).handshakeSentNs = null; // a peer that does not keep REKEY-TIMEOUT
      a.peerOf(b).sessions.clear();
      a.send(b, 100 + i);
      story.advance(4 * MS);
    }

    assertThat(story.carried(1)).hasSize(calls + 50);
    assertThat(b.dropped(Drop.HANDSHAKE_TOO_SOON)).isEqualTo(41); // one in 20 ms is taken
    assertThat(b.engine.liveIndices()).isLessThan(8);
  }

  // ---- under load
  // --------------------------------------------------------------------------------

  /** [W] 5.3: a cookie, then the same call with it. */
  @Test
  void underLoadAPeerProvesItsAddress() {
    b.engine.onLoad(Load.HIGH);

    a.send(b, 1);
    story.advance(SECOND);
    assertThat(story.carried(3)).hasSize(1);
    assertThat(story.carried(3).get(0).octets).hasSize(64);
    assertThat(b.received).isEmpty();

    story.advance(5 * SECOND);
    assertThat(b.received).containsExactly(1L);
    assertThat(b.dropped(Drop.COOKIE_ASKED)).isEqualTo(1);
    assertThat(story.carried(1)).hasSize(2);
  }

  /** The one who calls may be under load as well: then the answer carries a mac2. */
  @Test
  void underLoadAtBothEndsTheyMeetAllTheSame() {
    a.engine.onLoad(Load.HIGH);
    b.engine.onLoad(Load.HIGH);

    a.send(b, 1);
    story.advance(20 * SECOND);

    assertThat(b.received).containsExactly(1L);
    assertThat(a.dropped(Drop.COOKIE_ASKED)).isEqualTo(1);
  }

  /** A cookie is of one address: whoever took it to another is asked again. */
  @Test
  void aCookieDoesNotTravel() {
    b.engine.onLoad(Load.HIGH);
    story.carries = datagram -> datagram.type() != 2;
    a.send(b, 1);
    story.advance(6 * SECOND);
    var withCookie = story.carried(1).get(1);
    assertThat(b.dropped(Drop.COOKIE_ASKED)).isEqualTo(1);

    story.deliver(withCookie.octets, Story.place("203.0.113.9", 9), b.at);

    assertThat(b.dropped(Drop.COOKIE_ASKED)).isEqualTo(2);
  }

  @Test
  void aCookieIsGoodForTwoMinutes() {
    b.engine.onLoad(Load.HIGH);
    story.carries = datagram -> datagram.type() != 2;
    a.send(b, 1);
    story.advance(6 * SECOND);
    var withCookie = story.carried(1).get(1);

    story.advance(121 * SECOND);
    story.deliver(withCookie);

    assertThat(b.dropped(Drop.COOKIE_ASKED)).isGreaterThanOrEqualTo(2);
    assertThat(b.dropped(Drop.HANDSHAKE_REPLAYED)).isZero();
  }

  /**
   * Calls from addresses that nobody receives at cost no curve, and no more octets than they are.
   */
  @Test
  void aFloodFromAnywhereGetsCookiesAtMost() {
    established();
    story.advance(SECOND);
    b.engine.onLoad(Load.HIGH);
    var before = story.carried.size();
    var call = story.carried(1).get(0).octets;

    for (var i = 0; i < 5_000; i++) {
      var forged = call.clone();
      Octets.putLong(forged, HandshakeInitiation.EPHEMERAL, i);
      new CookieTaker(b.engine.publicKey(), SECOND)
          .sign(forged, HandshakeInitiation.MAC1, story.nowNs());
      story.deliver(forged, Story.place("198.51.100." + i % 250, 1 + i), b.at);
    }

    assertThat(b.dropped(Drop.COOKIE_ASKED)).isEqualTo(5_000);
    assertThat(b.dropped(Drop.HANDSHAKE_FORGED)).isZero();
    assertThat(story.carried.subList(before, story.carried.size()))
        .hasSize(5_000)
        .allMatch(datagram -> datagram.type() == 3 && datagram.octets.length < call.length);
    theyStillTalk();
  }

  @Test
  void aSourceThatProvedItsAddressHasItsShareAndNoMore() {
    b.engine.onLoad(Load.HIGH);
    a.send(b, 1);
    story.advance(SECOND);
    var taker = a.peerOf(b).cookies; // holds b's cookie now
    var before = b.drops();

    for (var i = 0; i < 100; i++) {
      var call = story.carried(1).get(0).octets.clone();
      Octets.putLong(call, HandshakeInitiation.EPHEMERAL, i);
      taker.sign(call, HandshakeInitiation.MAC1, story.nowNs());
      story.deliver(call, a.at, b.at);
    }

    assertThat(b.dropped(Drop.HANDSHAKE_FORGED)).isEqualTo(5); // the burst
    assertThat(b.dropped(Drop.SOURCE_LIMIT)).isEqualTo(95);
    assertThat(b.drops() - before).isEqualTo(100);
  }

  // ---- inside
  // ------------------------------------------------------------------------------------

  @Test
  void aPeerMaySendFromItsOwnAddressesAlone() {
    established();
    var forged =
        IpPackets.numbered(io.vpc4j.core.net.IpAddress.require("10.0.0.77"), b.address, 5, 64);

    a.send(forged);
    story.advance(MS);

    assertThat(b.received).containsExactly(1L);
    assertThat(b.dropped(Drop.NOT_ALLOWED)).isEqualTo(1);
  }

  @Test
  void whatIsNoPacketIsDroppedThoughItIsAuthentic() {
    established();
    var junk = java.nio.ByteBuffer.allocate(256).position(16).limit(100);
    for (var first : new int[] {0, 0x45, 0x60, 0xff}) {
      junk.clear().position(16).limit(100);
      for (var i = 17; i < 100; i++) {
        junk.put(i, (byte) 0xff); // lengths beyond what there is
      }
      junk.put(16, (byte) first);
      assertThat(a.engine.send(a.peerOf(b), junk, story.nowNs())).isEqualTo(Sent.SEALED);
      var octets = new byte[junk.remaining()];
      junk.get(octets);
      story.deliver(octets, a.at, b.at);
    }

    assertThat(b.dropped(Drop.NOT_IP)).isEqualTo(4);
    theyStillTalk();
  }

  // ---- octets at random
  // --------------------------------------------------------------------------

  /** Seeds are what the two said to each other; each is cut, flipped, joined and sent anywhere. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void nothingThatIsSpoiltDoesAnything(long seed) {
    b.engine.onLoad(seed % 2 == 0 ? Load.HIGH : Load.NORMAL);
    a.send(b, 1);
    story.advance(6 * SECOND);
    b.send(a, 2);
    story.advance(MS);
    assertThat(a.received).containsExactly(2L);
    var seeds = story.carried.stream().map(datagram -> datagram.octets).toList();
    var random = new Random(seed);
    var sent = story.carried.size();
    var indices = a.engine.liveIndices() + b.engine.liveIndices();

    for (var i = 0; i < 4_000; i++) {
      var octets = spoilt(seeds.get(random.nextInt(seeds.size())), random);
      story.deliver(octets, Story.place("203.0.113.9", 9), random.nextBoolean() ? a.at : b.at);
    }

    assertThat(story.carried.stream().skip(sent)).allMatch(datagram -> datagram.type() == 3);
    assertThat(a.engine.liveIndices() + b.engine.liveIndices()).isEqualTo(indices);
    assertThat(a.received).containsExactly(2L);
    assertThat(b.received).containsExactly(1L);
    assertThat(a.drops() + b.drops()).isGreaterThanOrEqualTo(4_000);
    theyStillTalk();
    assertThat(a.events(HandshakeCompleted.class)).hasSize(1);
  }

  private static byte[] spoilt(byte[] seed, Random random) {
    var octets = seed.clone();
    switch (random.nextInt(5)) {
      case 0 -> octets = Arrays.copyOf(octets, random.nextInt(octets.length));
      case 1 -> octets = Arrays.copyOf(octets, octets.length + 1 + random.nextInt(64));
      case 2 -> random.nextBytes(octets);
      case 3 -> {
        random.nextBytes(octets);
        Octets.putInt(octets, 0, 1 + random.nextInt(4));
      }
      default -> {
        // one or more flips; an index that points elsewhere, a counter that was not seen ...
      }
    }
    if (octets.length > 0) {
      for (var flips = random.nextInt(4); flips >= 0; flips--) {
        octets[random.nextInt(octets.length)] ^= (byte) (1 << random.nextInt(8));
      }
    }
    return octets;
  }
}

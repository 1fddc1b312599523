package io.vpc4j.mesh.netstack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.Packets;
import io.vpc4j.mesh.netstack.ip.Reassembler.Outcome;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv4Header;
import io.vpc4j.testkit.Seeds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReassemblerTest {

  private static final IpAddress A4 = IpAddress.require("10.0.0.1");
  private static final IpAddress B4 = IpAddress.require("10.0.0.2");
  private static final IpAddress A6 = IpAddress.require("fd00::1");
  private static final IpAddress B6 = IpAddress.require("fd00::2");
  private static final long SECOND = 1_000_000_000L;

  private final Reassembler reassembler = new Reassembler(16);
  private final IpPacket packet = new IpPacket();

  private Outcome give(ByteBuffer fragment, long nowNs) {
    assertThat(packet.read(fragment)).isEqualTo(IpPacket.Reading.OK);
    assertThat(packet.fragment()).isTrue();
    return reassembler.onFragment(packet, 0, nowNs);
  }

  private static ByteBuffer v4(int id, byte[] whole, int at, int length, boolean more) {
    return Packets.fragment(A4, B4, id, whole, at, length, more);
  }

  @Test
  void twoHalvesMakeAWholeInEitherOrder() {
    var whole = Packets.octets(100);

    assertThat(give(v4(1, whole, 56, 44, false), 0)).isEqualTo(Outcome.WAITING);
    assertThat(give(v4(1, whole, 0, 56, true), 0)).isEqualTo(Outcome.COMPLETE);

    assertThat(packet.read(reassembler.whole())).isEqualTo(IpPacket.Reading.OK);
    assertThat(packet.fragment()).isFalse();
    assertThat(payload()).isEqualTo(whole);
    assertThat(reassembler.size()).isZero();
    assertThat(reassembler.octets()).isZero();
  }

  private byte[] payload() {
    var octets = new byte[packet.payloadOctets()];
    packet.buffer().get(packet.payloadAt(), octets);
    return octets;
  }

  /** RFC 5722 4: the whole datagram is dropped, and later parts of it begin a new one. */
  @Test
  void anOverlapDropsTheDatagram() {
    var whole = Packets.octets(100);
    give(v4(1, whole, 0, 56, true), 0);
    var other = Packets.octets(100);
    other[50] ^= 1;

    assertThat(give(v4(1, other, 48, 52, false), 0)).isEqualTo(Outcome.OVERLAP);
    assertThat(reassembler.size()).isZero();
    assertThat(give(v4(1, whole, 56, 44, false), 0)).isEqualTo(Outcome.WAITING);
  }

  @Test
  void anExactDuplicateIsIgnored() {
    var whole = Packets.octets(100);
    give(v4(1, whole, 0, 56, true), 0);

    assertThat(give(v4(1, whole, 0, 56, true), 0)).isEqualTo(Outcome.DUPLICATE);
    assertThat(give(v4(1, whole, 56, 44, false), 0)).isEqualTo(Outcome.COMPLETE);
  }

  /** The classic that crashed hosts: the second part lies within the first. */
  @Test
  void aTeardropIsRefused() {
    give(v4(1, Packets.octets(100), 0, 56, true), 0);

    assertThat(give(v4(1, new byte[100], 24, 4, false), 0))
        .isIn(Outcome.OVERLAP, Outcome.MALFORMED);
    assertThat(reassembler.size()).isZero();
  }

  @Test
  void twoEndsThatDisagreeAreRefused() {
    var whole = Packets.octets(200);
    give(v4(1, whole, 64, 36, false), 0);

    assertThat(give(v4(1, whole, 128, 72, false), 0)).isEqualTo(Outcome.MALFORMED);
  }

  @Test
  void aPartThatIsNotAMultipleOfEightIsRefusedUnlessItIsTheLast() {
    assertThat(give(v4(1, Packets.octets(100), 0, 55, true), 0)).isEqualTo(Outcome.MALFORMED);
  }

  /** The "ping of death". */
  @Test
  void aLengthPastTheLargestIsRefused() {
    var whole = new byte[65_600];

    assertThat(give(v4(1, whole, 65_520, 40, false), 0)).isEqualTo(Outcome.MALFORMED);
  }

  /** RFC 1858 3, RFC 7112 5. */
  @Test
  void aFirstPartWithoutTheTransportsHeaderIsRefused() {
    var tcp = v4(1, Packets.octets(100), 0, 16, true).put(9, (byte) IpProtocol.TCP);
    Ipv4Header.writeChecksum(tcp, 0);

    assertThat(give(tcp, 0)).isEqualTo(Outcome.TINY);
    assertThat(reassembler.size()).isZero();
  }

  @Test
  void whatWaitsTooLongIsDropped() {
    give(v4(1, Packets.octets(100), 0, 56, true), 0);
    assertThat(reassembler.deadlineNs()).isEqualTo(60 * SECOND);

    reassembler.onTime(60 * SECOND - 1);
    assertThat(reassembler.size()).isEqualTo(1);
    reassembler.onTime(60 * SECOND);
    assertThat(reassembler.size()).isZero();
    assertThat(reassembler.octets()).isZero();
    assertThat(reassembler.timedOut()).isEqualTo(1);
  }

  @Test
  void theOldestMakesRoomSoThatMemoryIsBounded() {
    var whole = new byte[60_008];
    for (var id = 0; id < 10_000; id++) {
      give(v4(id, whole, 60_000, 8, true), id);
      assertThat(reassembler.size()).isLessThanOrEqualTo(Reassembler.MAX_DATAGRAMS);
      assertThat(reassembler.octets()).isLessThanOrEqualTo(Reassembler.MAX_OCTETS);
    }
    assertThat(reassembler.evicted()).isGreaterThan(9_000);
  }

  @Test
  void aPartEveryOtherEightOctetsIsBoundedToo() {
    var whole = new byte[4_000];
    var last = Outcome.WAITING;
    for (var at = 0; at < 3_900 && last == Outcome.WAITING; at += 16) {
      last = give(v4(1, whole, at, 8, true), 0);
    }
    assertThat(last).isEqualTo(Outcome.MALFORMED);
    assertThat(reassembler.size()).isZero();
  }

  @Test
  void peersDoNotShareDatagrams() {
    var whole = Packets.octets(100);
    give(v4(1, whole, 0, 56, true), 0);
    packet.read(v4(1, whole, 56, 44, false));

    assertThat(reassembler.onFragment(packet, 1, 0)).isEqualTo(Outcome.WAITING);
  }

  // ---- against remembering everything

  private record Part(int id, int at, int length, boolean more, boolean v6) {}

  /** Whatever is cut, shuffled, doubled: each datagram comes out once, and as it was. */
  @Test
  void whatIsCutAndShuffledComesOutAsItWas() {
    Seeds.forEach(
        8,
        40,
        random -> {
          var fresh = new Reassembler(16);
          var wholes = new ArrayList<byte[]>();
          var parts = new ArrayList<Part>();
          for (var id = 0; id < 20; id++) {
            var whole = new byte[16 + random.nextInt(6_000)];
            random.nextBytes(whole);
            wholes.add(whole);
            parts.addAll(cut(id, whole, random));
          }
          Collections.shuffle(parts, random);
          var complete = 0;
          for (var part : parts) {
            var from = part.v6() ? A6 : A4;
            var to = part.v6() ? B6 : B4;
            var whole = wholes.get(part.id());
            packet.read(
                Packets.fragment(
                    from, to, part.id(), whole, part.at(), part.length(), part.more()));
            var outcome = fresh.onFragment(packet, 0, 0);
            if (outcome == Outcome.COMPLETE) {
              complete++;
              assertThat(packet.read(fresh.whole())).isEqualTo(IpPacket.Reading.OK);
              assertThat(payload()).isEqualTo(whole);
            }
          }
          assertThat(complete).isEqualTo(20);
        });
  }

  private static List<Part> cut(int id, byte[] whole, Random random) {
    var v6 = random.nextBoolean();
    var parts = new ArrayList<Part>();
    for (var at = 0; at < whole.length; ) {
      var length = Math.min(whole.length - at, 8 * (3 + random.nextInt(150)));
      parts.add(new Part(id, at, length, at + length < whole.length, v6));
      at += length;
    }
    if (parts.size() == 1) { // one that is whole is no fragment
      var half = whole.length / 16 * 8;
      return List.of(
          new Part(id, 0, half, true, v6), new Part(id, half, whole.length - half, false, v6));
    }
    return parts;
  }

  /** The same promise, kept the slow way: an octet is there or not, and none may come twice. */
  private static final class SlowTwin {
    private final byte[] octets = new byte[1 << 16];
    private final boolean[] there = new boolean[1 << 16];
    private int end = -1;
    private int highest;

    Outcome give(byte[] whole, int at, int length, boolean more) {
      if (length == 0 || (more && length % 8 != 0)) {
        return Outcome.MALFORMED;
      }
      if (at < 8 && (at > 0 || length < 8)) {
        return Outcome.TINY;
      }
      if ((end >= 0 && (more ? at + length > end : at + length != end))
          || (!more && highest > at + length)) {
        return Outcome.MALFORMED;
      }
      var known = 0;
      var same = true;
      for (var i = at; i < at + length; i++) {
        known += there[i] ? 1 : 0;
        same &= !there[i] || octets[i] == whole[i];
      }
      if (known == length && same) {
        return Outcome.DUPLICATE;
      }
      if (known > 0) {
        return Outcome.OVERLAP;
      }
      System.arraycopy(whole, at, octets, at, length);
      Arrays.fill(there, at, at + length, true);
      highest = Math.max(highest, at + length);
      if (!more) {
        end = at + length;
      }
      for (var i = 0; i < end; i++) {
        if (!there[i]) {
          return Outcome.WAITING;
        }
      }
      return end >= 0 ? Outcome.COMPLETE : Outcome.WAITING;
    }
  }

  @Test
  void agreesWithCountingOctets() {
    Seeds.forEach(
        77,
        300,
        random -> {
          var fresh = new Reassembler(16);
          var twin = new SlowTwin();
          var whole = new byte[400];
          random.nextBytes(whole);
          for (var step = 0; step < 40; step++) {
            var at = 8 * random.nextInt(12);
            var length = random.nextInt(4) == 0 ? random.nextInt(40) : 8 * random.nextInt(6);
            var more = random.nextInt(4) != 0;
            if (at == 0 && !more) {
              continue; // that is no fragment
            }
            packet.read(Packets.fragment(A4, B4, 1, whole, at, length, more));
            var expected = twin.give(whole, at, length, more);
            assertThat(fresh.onFragment(packet, 0, 0)).as("step %d", step).isEqualTo(expected);
            if (expected == Outcome.COMPLETE
                || expected == Outcome.OVERLAP
                || expected == Outcome.MALFORMED) {
              return; // gone
            }
          }
        });
  }
}

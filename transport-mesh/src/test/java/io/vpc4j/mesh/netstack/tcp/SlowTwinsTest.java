package io.vpc4j.mesh.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each fast structure beside one that keeps the same promise slowly and obviously. */
class SlowTwinsTest {

  @Test
  void reassemblyAgreesWithABitForEachOctet() {
    Seeds.forEach(
        815,
        300,
        random -> {
          var base = random.nextInt();
          var fast = new Reassembly();
          var slow = new BitSet();
          var next = 0;
          for (var step = 0; step < 200; step++) {
            var left = next + 1 + random.nextInt(60);
            var right = left + 1 + random.nextInt(12);
            assertThat(fast.contains(base + left, base + right))
                .isEqualTo(slow.nextClearBit(left) >= right);
            fast.add(base + left, base + right);
            slow.set(left, right);
            assertThat(fast.left(newestIndex(fast)) - base)
                .isEqualTo(slow.previousClearBit(left) + 1);
            if (random.nextInt(6) == 0) {
              next += random.nextInt(30);
              var to = slow.get(next) ? slow.nextClearBit(next) : next;
              assertThat(fast.advance(base + next) - base).isEqualTo(to);
              next = to;
              slow.clear(0, next);
            }
            var text = new StringBuilder("[");
            for (var i = slow.nextSetBit(0); i >= 0; i = slow.nextSetBit(slow.nextClearBit(i))) {
              text.append(text.length() == 1 ? "" : " ").append(Integer.toUnsignedLong(base + i));
              text.append(':').append(Integer.toUnsignedLong(base + slow.nextClearBit(i)));
            }
            assertThat(fast).hasToString(text.append(']').toString());
          }
        });
  }

  private static int newestIndex(Reassembly reassembly) {
    var edges = new int[2];
    assertThat(reassembly.newest(edges, 0, 1)).isEqualTo(1);
    for (var i = 0; i < reassembly.count(); i++) {
      if (reassembly.left(i) == edges[0]) {
        return i;
      }
    }
    throw new AssertionError("the newest is none of them");
  }

  @Test
  void theRingAgreesWithAnArrayOfTheWholeStream() {
    Seeds.forEach(
        64,
        200,
        random -> {
          var host = new TcpHost(TcpLimits.defaults());
          var ring = new OctetRing(host);
          var stream = new byte[400_000];
          var filled = new BitSet();
          var head = 0;
          var piece = ByteBuffer.allocate(20_000);
          for (var step = 0; step < 60 && head < 300_000; step++) {
            var offset = random.nextInt(60_000);
            var length = random.nextInt(20_000);
            random.nextBytes(piece.array());
            assertThat(ring.put(offset, piece, 0, length)).isEqualTo(length);
            System.arraycopy(piece.array(), 0, stream, head + offset, length);
            filled.set(head + offset, head + offset + length);
            var from = filled.nextSetBit(head);
            var run = from < 0 ? 0 : Math.min(20_000, filled.nextClearBit(from) - from);
            if (run > 0) {
              ring.get(from - head, piece, 0, run);
              for (var i = 0; i < run; i++) {
                assertThat(piece.get(i)).isEqualTo(stream[from + i]);
              }
            }
            var past = random.nextInt(15_000);
            ring.discard(past);
            head += past;
            assertThat(host.bufferedOctets()).isEqualTo(ring.heldOctets());
          }
          ring.clear();
          assertThat(host.bufferedOctets()).isZero();
        });
  }

  /** One segment as the slow twin has it. */
  static final class Slow {
    final int seq;
    final int end;
    long order;
    boolean sacked;
    boolean lost;

    Slow(int seq, int end, long order) {
      this.seq = seq;
      this.end = end;
      this.order = order;
    }

    boolean inFlight() {
      return !sacked && !lost;
    }
  }

  @Test
  void theScoreboardAgreesWithAList() {
    Seeds.forEach(
        6675,
        200,
        random -> {
          var fast = new SentSegments();
          var slow = new ArrayList<Slow>();
          var seq = random.nextInt();
          for (var step = 0; step < 500; step++) {
            var pick = slow.isEmpty() ? 0 : random.nextInt(slow.size());
            var id = fast.first() + pick;
            switch (slow.isEmpty() ? 0 : random.nextInt(6)) {
              case 0, 1 -> {
                var length = 1 + random.nextInt(1_000);
                fast.add(seq, seq + length, step);
                slow.add(new Slow(seq, seq + length, step));
                seq += length;
              }
              case 2 -> {
                if (!slow.get(pick).sacked) {
                  fast.markSacked(id);
                  slow.get(pick).sacked = true;
                  slow.get(pick).lost = false;
                }
              }
              case 3 -> {
                if (slow.get(pick).inFlight()) {
                  fast.markLost(id);
                  slow.get(pick).lost = true;
                }
              }
              case 4 -> {
                if (!slow.get(pick).sacked) {
                  fast.sentAgain(id, step);
                  slow.get(pick).lost = false;
                  slow.get(pick).order = step;
                }
              }
              default -> {
                fast.removeFirst();
                slow.remove(0);
              }
            }
            agree(fast, slow);
          }
        });
  }

  private static void agree(SentSegments fast, List<Slow> slow) {
    assertThat(fast.count()).isEqualTo(slow.size());
    assertThat(fast.inFlightOctets())
        .isEqualTo(slow.stream().filter(Slow::inFlight).mapToInt(s -> s.end - s.seq).sum());
    assertThat(fast.sackedSegments()).isEqualTo((int) slow.stream().filter(s -> s.sacked).count());
    assertThat(fast.lostSegments()).isEqualTo((int) slow.stream().filter(s -> s.lost).count());
    var lost = slow.stream().filter(s -> s.lost).findFirst();
    assertThat(fast.nextLost() == SentSegments.NOBODY).isEqualTo(lost.isEmpty());
    lost.ifPresent(s -> assertThat(fast.seq(fast.nextLost())).isEqualTo(s.seq));
    var byTime = new ArrayList<Integer>();
    for (var id = fast.oldest(); id != SentSegments.NOBODY; id = fast.younger(id)) {
      byTime.add(fast.seq(id));
    }
    assertThat(byTime)
        .isEqualTo(
            slow.stream()
                .filter(Slow::inFlight)
                .sorted((a, b) -> Long.compare(a.order, b.order))
                .map(s -> s.seq)
                .toList());
    if (!slow.isEmpty()) {
      var some = slow.get(slow.size() / 2);
      assertThat(fast.find(some.seq)).isEqualTo(fast.first() + slow.size() / 2);
    }
  }

  @Test
  void cutSegmentsKeepEveryOctetAndTheirOrder() {
    Seeds.forEach(
        1191,
        100,
        random -> {
          var sent = new SentSegments();
          var seq = random.nextInt();
          var begin = seq;
          var sacked = new HashMap<Integer, Boolean>();
          for (var i = 0; i < 50; i++) {
            var length = 1 + random.nextInt(1_460);
            sent.add(seq, seq + length, i);
            if (random.nextInt(4) == 0) {
              sent.markSacked(i);
            }
            for (var octet = 0; octet < length; octet++) {
              sacked.put(seq + octet, sent.sacked(i));
            }
            seq += length;
          }
          sent.split(500);
          var at = begin;
          for (var id = sent.first(); id < sent.past(); id++) {
            assertThat(sent.seq(id)).isEqualTo(at);
            assertThat(sent.end(id) - at).isBetween(1, 500);
            for (; at != sent.end(id); at++) {
              assertThat(sacked.get(at)).isEqualTo(sent.sacked(id));
            }
          }
          assertThat(at).isEqualTo(seq);
          var last = Long.MIN_VALUE;
          for (var id = sent.oldest(); id != SentSegments.NOBODY; id = sent.younger(id)) {
            assertThat(sent.sentAtNs(id)).isGreaterThanOrEqualTo(last);
            last = sent.sentAtNs(id);
          }
        });
  }

  /** RFC 6298 2, in floating point, one sample to a round trip. */
  @Test
  void theTimeoutFollowsTheEquations() {
    Seeds.forEach(
        6298,
        100,
        random -> {
          var fast = new RoundTrip(1_000_000, 60_000_000_000L);
          var srtt = 0.0;
          var rttvar = 0.0;
          for (var i = 0; i < 50; i++) {
            var sample = 1_000_000.0 + random.nextInt(500_000_000);
            rttvar = i == 0 ? sample / 2 : 0.75 * rttvar + 0.25 * Math.abs(srtt - sample);
            srtt = i == 0 ? sample : 0.875 * srtt + 0.125 * sample;
            fast.onSample((long) sample, 1);
            assertThat((double) fast.timeoutNs())
                .isBetween(srtt + 4 * rttvar - 500, srtt + Math.max(1e6, 4 * rttvar) + 500);
          }
        });
  }

  /** RFC 9438 5.1 to 5.3: where the round trip is short, CUBIC is no slower than Reno. */
  @Test
  void cubicIsNoSlowerThanRenoAndReturnsToItsOldWindowAfterK() {
    var windows = new LinkedHashMap<String, Integer>();
    for (var rttMs : new int[] {5, 100}) {
      var cubic = new Cubic(1_000);
      var reno = new NewReno(1_000);
      for (var congestion : new Congestion[] {cubic, reno}) {
        congestion.setWindow(100_000);
        congestion.onLoss(100_000, 0);
        var now = 0L;
        for (var round = 0; round < 4_200 / rttMs; round++) { // K is 4.2 s: cbrt(30 / 0.4)
          now += rttMs * 1_000_000L;
          congestion.onAck(congestion.windowOctets(), Congestion.Use.FULL, rttMs * 1_000_000L, now);
        }
      }
      windows.put("cubic " + rttMs, cubic.windowOctets());
      windows.put("reno " + rttMs, reno.windowOctets());
    }
    assertThat(windows.get("cubic 100")).isBetween(97_000, 103_000); // W_max again
    assertThat(windows.get("reno 100")).isBetween(90_000, 93_000); // 50,000 and 42 round trips
    assertThat(windows.get("cubic 5")).isGreaterThan(300_000); // Reno's growth, of 0.53 at first
    assertThat(windows.get("reno 5")).isGreaterThan(800_000);
  }
}

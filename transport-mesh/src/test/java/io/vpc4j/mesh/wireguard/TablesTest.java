package io.vpc4j.mesh.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The device's own tables, each beside the slow and obvious way of keeping the same promise. */
class TablesTest {

  private static final List<Peer> PEERS = peers(24);

  private static List<Peer> peers(int count) {
    var random = new Random(4);
    var device =
        WireGuard.builder(PrivateKey.generate(random::nextBytes), random::nextBytes, () -> 0);
    var engine = device.build();
    var peers = new ArrayList<Peer>();
    for (var i = 0; i < count; i++) {
      var key = PrivateKey.generate(random::nextBytes).publicKey();
      peers.add(engine.addPeer(PeerConfig.of(key, null), 0));
    }
    return peers;
  }

  // ---- allowed addresses
  // -------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theTrieFindsWhatALookAtEveryPrefixFinds(long seed) {
    var random = new Random(seed);
    var trie = new PrefixTrie<Peer>();
    var twin = new HashMap<Cidr, Peer>();
    for (var step = 0; step < 6_000; step++) {
      var prefix = prefix(random);
      if (random.nextInt(3) > 0) {
        var peer = PEERS.get(random.nextInt(PEERS.size()));
        assertThat(trie.put(prefix, peer)).isSameAs(twin.put(prefix, peer));
      } else {
        trie.remove(prefix);
        twin.remove(prefix);
      }
      var address = address(random);
      assertThat(find(trie, address))
          .as("seed %d, step %d, %s", seed, step, address)
          .isSameAs(slowFind(twin, address));
    }
    List.copyOf(twin.keySet()).forEach(trie::remove);
    assertThat(trie.size()).isZero();
    assertThat(trie.isEmpty()).isTrue();
  }

  private static @Nullable Peer find(PrefixTrie<Peer> trie, IpAddress address) {
    return address.family() == Family.V4
        ? trie.findV4((int) address.low())
        : trie.findV6(address.high(), address.low());
  }

  private static @Nullable Peer slowFind(Map<Cidr, Peer> prefixes, IpAddress address) {
    Cidr best = null;
    for (var prefix : prefixes.keySet()) {
      if (prefix.contains(address)
          && (best == null || prefix.prefixLength() > best.prefixLength())) {
        best = prefix;
      }
    }
    return best == null ? null : prefixes.get(best);
  }

  /** Few bits vary, so that prefixes nest and collide. */
  private static IpAddress address(Random random) {
    return random.nextBoolean()
        ? IpAddress.ofV4(0x0a00_0000 | (random.nextInt() & 0x0303_0303))
        : new IpAddress(
            Family.V6,
            0xfd00_0000_0000_0000L | (random.nextLong() & 0x0000_0101_0000_0101L),
            random.nextLong() & 0x8000_0000_0000_0003L);
  }

  private static Cidr prefix(Random random) {
    var address = address(random);
    return Cidr.around(address, random.nextInt(address.family().bits() + 1));
  }

  // ---- receiver indices
  // --------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theIndexTableIsAMap(long seed) {
    var random = new Random(seed);
    var table = new IndexTable();
    var twin = new HashMap<Integer, Indexed>();
    for (var step = 0; step < 50_000; step++) {
      var index = random.nextInt(200) << random.nextInt(4); // crowded slots
      if (random.nextBoolean()) {
        var named = new PendingHandshake(PEERS.get(random.nextInt(PEERS.size())), index, null, 0);
        table.put(index, named);
        twin.put(index, named);
      } else {
        table.remove(index);
        twin.remove(index);
      }
      var asked = random.nextInt(1600);
      assertThat(table.get(asked)).as("seed %d, step %d", seed, step).isSameAs(twin.get(asked));
      assertThat(table.size()).isEqualTo(twin.size());
    }
  }

  // ---- deadlines
  // ---------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theHeapGivesTheEarliest(long seed) {
    var random = new Random(seed);
    var heap = new DeadlineHeap();
    var twin = new HashMap<Peer, Long>();
    for (var step = 0; step < 20_000; step++) {
      var peer = PEERS.get(random.nextInt(PEERS.size()));
      var atNs = (long) random.nextInt(1000);
      switch (random.nextInt(4)) {
        case 0 -> {
          heap.remove(peer);
          twin.remove(peer);
        }
        case 1 -> {
          var due = heap.pollDue(atNs);
          if (due == null) {
            assertThat(twin.values()).allMatch(key -> key > atNs);
          } else {
            var key = twin.remove(due);
            assertThat(key).isLessThanOrEqualTo(atNs);
            assertThat(twin.values()).as("seed %d, step %d", seed, step).allMatch(k -> k >= key);
          }
        }
        default -> {
          heap.atLatest(peer, atNs);
          twin.merge(peer, atNs, Math::min);
        }
      }
      assertThat(heap.earliestNs())
          .isEqualTo(twin.values().stream().min(Long::compare).orElse(Long.MAX_VALUE));
      assertThat(heap.size()).isEqualTo(twin.size());
    }
    PEERS.forEach(heap::remove);
  }
}

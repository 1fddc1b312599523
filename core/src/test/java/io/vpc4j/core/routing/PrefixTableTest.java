package io.vpc4j.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTableTest {

  /** The same promise, kept the slow and obvious way. */
  private record Scan(Map<Cidr, String> prefixes) {
    List<String> findAll(IpAddress address) {
      return prefixes.entrySet().stream()
          .filter(entry -> entry.getKey().contains(address))
          .sorted(Comparator.comparing(entry -> -entry.getKey().prefixLength()))
          .map(Map.Entry::getValue)
          .toList();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void agreesWithScanningEverything(long seed) {
    var random = new Random(seed);
    var prefixes = randomPrefixes(random, 1 + random.nextInt(300));
    var table = new PrefixTable<>(prefixes);
    var twin = new Scan(prefixes);

    for (var step = 0; step < 5_000; step++) {
      var address = near(random, prefixes);
      var expected = twin.findAll(address);
      assertThat(table.find(address))
          .as("seed %d, step %d, address %s", seed, step, address)
          .isEqualTo(expected.isEmpty() ? null : expected.get(0));
      assertThat(table.findAll(address))
          .as("seed %d, step %d, address %s", seed, step, address)
          .extracting(PrefixTable.Entry::value)
          .isEqualTo(expected);
    }
  }

  @Test
  void anEmptyTableFindsNothing() {
    var table = new PrefixTable<String>(Map.of());

    assertThat(table.find(IpAddress.require("10.0.0.1"))).isNull();
    assertThat(table.find(IpAddress.require("::"))).isNull();
    assertThat(table.findAll(IpAddress.require("ffff::ffff"))).isEmpty();
  }

  @Test
  void theWholeSpaceAndItsEndsAreCovered() {
    var table =
        new PrefixTable<>(
            Map.of(
                Cidr.require("0.0.0.0/0"), "all of v4",
                Cidr.require("255.255.255.255/32"), "the last of v4",
                Cidr.require("::/0"), "all of v6",
                Cidr.require("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"), "the last of v6"));

    assertThat(table.find(IpAddress.require("0.0.0.0"))).isEqualTo("all of v4");
    assertThat(table.find(IpAddress.require("255.255.255.254"))).isEqualTo("all of v4");
    assertThat(table.find(IpAddress.require("255.255.255.255"))).isEqualTo("the last of v4");
    assertThat(table.find(IpAddress.require("::"))).isEqualTo("all of v6");
    assertThat(table.find(IpAddress.require("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")))
        .isEqualTo("all of v6");
    assertThat(table.find(IpAddress.require("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")))
        .isEqualTo("the last of v6");
  }

  @Test
  void aMappedAddressFindsTheRouteOfTheAddressItIs() {
    var table = new PrefixTable<>(Map.of(Cidr.require("10.0.0.0/8"), "ten"));

    assertThat(table.find(IpAddress.require("::ffff:10.1.2.3"))).isEqualTo("ten");
  }

  @Test
  void aHundredThousandPrefixesAreBuiltAndAllFound() {
    var random = new Random(42);
    var prefixes = randomPrefixes(random, 100_000);

    var table = new PrefixTable<>(prefixes);

    for (var prefix : prefixes.keySet()) {
      var all = table.findAll(prefix.network());
      assertThat(all).extracting(PrefixTable.Entry::prefix).contains(prefix);
    }
  }

  private static Map<Cidr, String> randomPrefixes(Random random, int count) {
    var prefixes = new HashMap<Cidr, String>();
    while (prefixes.size() < count) {
      var family = random.nextBoolean() ? Family.V4 : Family.V6;
      var length = random.nextInt(family.bits() + 1);
      // Few distinct high bits, so that prefixes nest.
      var address =
          family == Family.V4
              ? IpAddress.ofV4(random.nextInt() & (random.nextBoolean() ? -1 : 0x0f0f_ffff))
              : new IpAddress(
                  Family.V6,
                  random.nextLong() & (random.nextBoolean() ? -1L : 0x0003_0000_0000_000fL),
                  random.nextLong());
      if (address.family() == family) {
        var prefix = Cidr.around(address, length);
        if (prefix.network().family() == family) {
          prefixes.put(prefix, prefix.toString());
        }
      }
    }
    return prefixes;
  }

  /** Just within, just outside, or anywhere. */
  private static IpAddress near(Random random, Map<Cidr, String> prefixes) {
    var some = prefixes.keySet().stream().skip(random.nextInt(prefixes.size())).findFirst();
    var network = some.orElseThrow().network();
    return switch (random.nextInt(4)) {
      case 0 -> network;
      case 1 ->
          network.family() == Family.V4
              ? IpAddress.ofV4((int) network.low() - 1)
              : new IpAddress(Family.V6, network.high(), network.low() - 1);
      case 2 ->
          network.family() == Family.V4
              ? IpAddress.ofV4((int) network.low() | random.nextInt(0xffff))
              : new IpAddress(Family.V6, network.high() | random.nextInt(0xff), random.nextLong());
      default -> IpAddress.ofV4(random.nextInt());
    };
  }
}

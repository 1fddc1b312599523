package io.vpc4j.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import java.util.HashSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FarNamesTest {

  private static final int MAX_NAMES = 4_096;

  private final FarNames names = new FarNames();

  @Test
  void aNameHasOneAddressAndTheAddressItsName() {
    var first = names.addressOf("db.internal");
    var second = names.addressOf("web.internal");

    assertThat(names.addressOf("db.internal")).isEqualTo(first).isNotEqualTo(second);
    assertThat(names.nameOf(first)).contains("db.internal");
    assertThat(names.nameOf(second)).contains("web.internal");
  }

  @Test
  void theAddressIsOfTheDiscardPrefix() {
    // RFC 6666: 100::/64
    assertThat(names.addressOf("db.internal").toString()).startsWith("100::");
  }

  @Test
  void anAddressOfTheNetworkStandsForNoName() {
    names.addressOf("db.internal");

    assertThat(names.nameOf(IpAddress.require("10.0.0.1"))).isEmpty();
    assertThat(names.nameOf(IpAddress.require("::1"))).isEmpty();
    assertThat(names.nameOf(IpAddress.require("100::ffff"))).as("never given out").isEmpty();
  }

  @Test
  void theNameAskedForLongestAgoIsForgottenAndItsAddressNotGivenToAnother() {
    var oldest = names.addressOf("0.internal");
    var kept = names.addressOf("kept.internal");
    var given = new HashSet<IpAddress>();
    for (var i = 1; i < MAX_NAMES; i++) {
      given.add(names.addressOf(i + ".internal"));
      assertThat(names.addressOf("kept.internal")).isEqualTo(kept);
    }

    assertThat(names.nameOf(oldest)).isEmpty();
    assertThat(names.nameOf(kept)).contains("kept.internal");
    assertThat(given).hasSize(MAX_NAMES - 1).doesNotContain(oldest);
    assertThat(names.addressOf("0.internal")).isNotEqualTo(oldest);
  }

  @Test
  void threadsThatAskAtOnceAreToldTheSame() throws Exception {
    var threads = Executors.newFixedThreadPool(8);
    try {
      Callable<IpAddress> ask = () -> names.addressOf("db.internal");
      var told = new HashSet<IpAddress>();
      for (var answer : threads.invokeAll(IntStream.range(0, 64).mapToObj(i -> ask).toList())) {
        told.add(answer.get());
      }
      assertThat(told).hasSize(1);
    } finally {
      threads.shutdownNow();
    }
  }
}

package io.vpc4j.core.routing;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.util.HashMap;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Longest-prefix match: random prefixes of 8 to 32 bits (32 to 64 for IPv6), random addresses of
 * which most are covered, no two look-ups in a row alike.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouteBenchmark {

  private static final int ADDRESSES = 1 << 16; // more than fit into the nearest cache
  private static final long SEED = 20_261_124;

  /** How many prefixes there are. */
  @Param({"100", "100000"})
  public int prefixes;

  /** Of which family. */
  @Param({"V4", "V6"})
  public IpAddress.Family family = IpAddress.Family.V4;

  private PrefixTable<Integer> table;
  private final IpAddress[] addresses = new IpAddress[ADDRESSES];
  private int next;

  /** JMH makes it. */
  @SuppressWarnings("NullAway.Init")
  public RouteBenchmark() {}

  /** Makes the prefixes and the addresses. */
  @Setup
  public void compile() {
    var random = new Random(SEED);
    var v6 = family == IpAddress.Family.V6;
    var entries = new HashMap<Cidr, Integer>();
    while (entries.size() < prefixes) {
      var bits = v6 ? 32 + random.nextInt(33) : 8 + random.nextInt(25);
      entries.put(Cidr.around(address(random), bits), entries.size());
    }
    table = new PrefixTable<>(entries);
    for (var i = 0; i < ADDRESSES; i++) {
      addresses[i] = address(random);
    }
  }

  private IpAddress address(Random random) {
    var octets = new byte[family == IpAddress.Family.V6 ? 16 : 4];
    random.nextBytes(octets);
    if (octets.length == 16) {
      octets[0] = (byte) 0xfd; // unique local addresses, RFC 4193
    }
    return IpAddress.ofOctets(octets);
  }

  /** One look-up. */
  @Benchmark
  public @Nullable Integer lookUp() {
    return table.find(addresses[next++ & (ADDRESSES - 1)]);
  }
}

package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Whole handshakes, both ends on one core; and whose an address is among 10,000 peers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HandshakeBenchmark {

  private static final long SECOND = 1_000_000_000L;
  private static final int PEERS = 10_000;

  private WireGuard a;
  private WireGuard b;
  private Peer toB;
  private InetSocketAddress at;
  private final ByteBuffer buffer = ByteBuffer.allocate(2048);
  private long nowNs;

  private PrefixTrie<Peer> routes;
  private int address;

  /** JMH makes it. */
  @SuppressWarnings("NullAway.Init")
  public HandshakeBenchmark() {}

  /** Two engines that know each other, and a table of many prefixes. */
  @Setup
  public void introduce() throws Exception {
    var random = new Random(7);
    var aKey = PrivateKey.generate(random::nextBytes);
    var bKey = PrivateKey.generate(random::nextBytes);
    at = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 51_820);
    a = WireGuard.builder(aKey, random::nextBytes, () -> nowNs).build();
    b = WireGuard.builder(bKey, random::nextBytes, () -> nowNs).build();
    toB = a.addPeer(PeerConfig.of(bKey.publicKey(), at, Cidr.require("10.0.0.2")), 0);
    b.addPeer(PeerConfig.of(aKey.publicKey(), at, Cidr.require("10.0.0.1")), 0);
    routes = new PrefixTrie<>();
    for (var i = 0; i < PEERS; i++) {
      var prefix = Cidr.around(IpAddress.ofV4(random.nextInt()), 8 + random.nextInt(25));
      routes.put(prefix, toB);
    }
    routes.put(Cidr.require("0.0.0.0/0"), toB);
  }

  /** Initiation, response, and the packet that confirms: six agreements and two key pairs made. */
  @Benchmark
  public long handshake() {
    nowNs += 200 * SECOND; // the session before is too old
    a.wake(toB, nowNs);
    a.pollTransmit(buffer, nowNs);
    b.onDatagram(buffer, at, nowNs);
    b.pollTransmit(buffer, nowNs);
    a.onDatagram(buffer, at, nowNs);
    a.pollTransmit(buffer, nowNs);
    b.onDatagram(buffer, at, nowNs);
    if (!toB.hasSession(nowNs)) {
      throw new IllegalStateException("no session: " + a.drops() + b.drops());
    }
    while (a.pollEvent() != null || b.pollEvent() != null) {
      // nobody reads them
    }
    return nowNs;
  }

  /** Whose an address is. */
  @Benchmark
  public @Nullable Peer allowedIps() {
    address = address * 1_664_525 + 1_013_904_223; // no two alike
    return routes.findV4(address);
  }
}

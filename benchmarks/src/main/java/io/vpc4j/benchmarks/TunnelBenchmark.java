package io.vpc4j.benchmarks;

import io.vpc4j.benchmarks.peers.Peer;
import io.vpc4j.benchmarks.peers.VpcPeer;
import io.vpc4j.benchmarks.peers.Wire;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code fetch} through an edge in this process and a Java connector in one of its own, beside
 * {@code fetch} straight to the same origin, which is a process as well.
 *
 * <p>Small requests: 128 octets on connections that stay, one thread and 64. Transfers, each way
 * and streamed: 16 MiB by one thread, 4 MiB by each of 16 with a stream of its own; a score times
 * that is MiB a second. How {@code cloudflared} does as the connector, the script {@code
 * benchmarks/tunnel} says.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class TunnelBenchmark {

  private static final int SMALL_OCTETS = 128;
  private static final long LARGE_OCTETS = 16L << 20;
  private static final long SHARED_OCTETS = 4L << 20;

  /** By what way: straight to the origin, or through a tunnel over one carrier or the other. */
  @Param({"direct", "http2", "quic"})
  public String client = "";

  private OriginProcess origin;
  private Peer peer;

  /** JMH makes it. */
  @SuppressWarnings("NullAway.Init")
  public TunnelBenchmark() {}

  /** Starts the origin and what leads to it. */
  @Setup
  public void start() throws Exception {
    origin = new OriginProcess();
    var target = origin.target(Wire.HTTP);
    peer =
        switch (client) {
          case "direct" -> new VpcPeer(target);
          case "http2" -> new TunnelPeer(Protocol.HTTP2, target.port());
          case "quic" -> new TunnelPeer(Protocol.QUIC, target.port());
          default -> throw new IllegalArgumentException(client);
        };
  }

  /** Ends all. */
  @TearDown
  public void stop() throws Exception {
    peer.close();
    origin.close();
  }

  /** One request in flight. */
  @Benchmark
  @Threads(1)
  public long get() throws Exception {
    return check(peer.get("/" + SMALL_OCTETS), SMALL_OCTETS);
  }

  /** 64 requests in flight. */
  @Benchmark
  @Threads(64)
  public long getBy64() throws Exception {
    return check(peer.get("/" + SMALL_OCTETS), SMALL_OCTETS);
  }

  /** One download. */
  @Benchmark
  @Threads(1)
  public long download() throws Exception {
    return check(peer.download("/" + LARGE_OCTETS), LARGE_OCTETS);
  }

  /** 16 downloads at once. */
  @Benchmark
  @Threads(16)
  public long downloadBy16() throws Exception {
    return check(peer.download("/" + SHARED_OCTETS), SHARED_OCTETS);
  }

  /** One upload. */
  @Benchmark
  @Threads(1)
  public long upload() throws Exception {
    return check(peer.uploadStream("/", LARGE_OCTETS), LARGE_OCTETS);
  }

  /** 16 uploads at once. */
  @Benchmark
  @Threads(16)
  public long uploadBy16() throws Exception {
    return check(peer.uploadStream("/", SHARED_OCTETS), SHARED_OCTETS);
  }

  private static long check(long octets, long expected) {
    if (octets != expected) {
      throw new IllegalStateException(octets + " octets, not " + expected);
    }
    return octets;
  }
}

package io.vpc4j.benchmarks;

import io.vpc4j.benchmarks.peers.ApachePeer;
import io.vpc4j.benchmarks.peers.JdkPeer;
import io.vpc4j.benchmarks.peers.OkHttpPeer;
import io.vpc4j.benchmarks.peers.Peer;
import io.vpc4j.benchmarks.peers.ReactorPeer;
import io.vpc4j.benchmarks.peers.VpcPeer;
import io.vpc4j.benchmarks.peers.Wire;
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
 * {@code fetch} beside other clients, all against one origin in a process of its own.
 *
 * <p>Small requests: 128 octets, one thread and 64. Transfers: 64 MiB each way, streamed; those to
 * the origin once from an array, in the form in which a client takes one, and once from a stream.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class FetchBenchmark {

  private static final int SMALL_OCTETS = 128;
  private static final long LARGE_OCTETS = 64L << 20;

  /** Whose client. */
  @Param({"vpc4j", "jdk", "okhttp", "apache", "reactor"})
  public String client = "";

  /** What is spoken. */
  @Param({"HTTP", "HTTPS", "H2"})
  public Wire wire = Wire.HTTP;

  private OriginProcess origin;
  private Peer peer;

  /** JMH makes it. */
  @SuppressWarnings("NullAway.Init")
  public FetchBenchmark() {}

  /** Starts the origin and the client. */
  @Setup
  public void start() throws Exception {
    origin = new OriginProcess();
    var target = origin.target(wire);
    peer =
        switch (client) {
          case "vpc4j" -> new VpcPeer(target);
          case "jdk" -> new JdkPeer(target);
          case "okhttp" -> new OkHttpPeer(target);
          case "apache" -> new ApachePeer(target);
          case "reactor" -> new ReactorPeer(target);
          default -> throw new IllegalArgumentException(client);
        };
    peer.hold(new byte[(int) LARGE_OCTETS]);
  }

  /** Ends both. */
  @TearDown
  public void stop() throws Exception {
    peer.close();
    origin.close();
  }

  /** One request in flight. */
  @Benchmark
  @Threads(1)
  public int get() throws Exception {
    return check(peer.get("/" + SMALL_OCTETS));
  }

  /** 64 requests in flight. */
  @Benchmark
  @Threads(64)
  public int getBy64() throws Exception {
    return check(peer.get("/" + SMALL_OCTETS));
  }

  /** 64 MiB from the origin. */
  @Benchmark
  @Threads(1)
  public long download() throws Exception {
    return check(peer.download("/" + LARGE_OCTETS), LARGE_OCTETS);
  }

  /** 64 MiB to the origin, from one array. */
  @Benchmark
  @Threads(1)
  public long upload() throws Exception {
    return check(peer.upload("/"), LARGE_OCTETS);
  }

  /** 64 MiB to the origin, from a blocking stream. */
  @Benchmark
  @Threads(1)
  public long uploadStream() throws Exception {
    return check(peer.uploadStream("/", LARGE_OCTETS), LARGE_OCTETS);
  }

  private static int check(int octets) {
    return (int) check(octets, SMALL_OCTETS);
  }

  private static long check(long octets, long expected) {
    if (octets != expected) {
      throw new IllegalStateException(octets + " octets, not " + expected);
    }
    return octets;
  }
}

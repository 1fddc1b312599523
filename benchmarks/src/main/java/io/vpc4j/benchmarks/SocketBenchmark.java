package io.vpc4j.benchmarks;

import io.vpc4j.benchmarks.peers.NettyOctets;
import io.vpc4j.benchmarks.peers.Octets;
import io.vpc4j.benchmarks.peers.SocketOctets;
import io.vpc4j.benchmarks.peers.VpcChannelOctets;
import io.vpc4j.benchmarks.peers.VpcOctets;
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
 * The blocking socket of {@code connect} over the simulated network, beside {@code openChannel},
 * beside a channel of the binding's factory, on the transport's loop and on one of its own, beside
 * the very kind of Netty channel that all stand on, beside {@code NioSocketChannel} and beside a
 * plain socket, all to one server that is a process of its own, on a connection that stays.
 *
 * <p>64 MiB each way in pieces of 64 KiB, and a request of 8 octets for an answer of 128. Octets
 * are in arrays of the caller's; the Netty channel's are given and taken on its own event loop, and
 * its caller waits for the end of the transfer alone.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@Threads(1)
public class SocketBenchmark {

  private static final int SMALL_OCTETS = 128;
  private static final long LARGE_OCTETS = 64L << 20;

  /** By what. */
  @Param({"vpc4j", "openchannel", "factory", "factory-own-loop", "netty", "nio", "plain"})
  public String client = "";

  private JavaProcess server;
  private Octets octets;

  /** JMH makes it. */
  @SuppressWarnings("NullAway.Init")
  public SocketBenchmark() {}

  /** Starts the server and connects. */
  @Setup
  public void start() throws Exception {
    server = new JavaProcess(OctetServer.class);
    var port = Integer.parseInt(server.line("port "));
    octets =
        switch (client) {
          case "vpc4j" -> new VpcOctets(port);
          case "openchannel" -> new VpcChannelOctets(port);
          case "factory" -> NettyOctets.bindingOnItsLoops(port);
          case "factory-own-loop" -> NettyOctets.binding(port);
          case "netty" -> NettyOctets.best(port);
          case "nio" -> NettyOctets.nio(port);
          case "plain" -> SocketOctets.plain(port);
          default -> throw new IllegalArgumentException(client);
        };
  }

  /** Ends both. */
  @TearDown
  public void stop() throws Exception {
    octets.close();
    server.close();
  }

  /** A small request and its answer, one in flight. */
  @Benchmark
  public long ask() throws Exception {
    return octets.download(SMALL_OCTETS);
  }

  /** 64 MiB from the server. */
  @Benchmark
  public long receive() throws Exception {
    return octets.download(LARGE_OCTETS);
  }

  /** 64 MiB to the server, and its word that it has them. */
  @Benchmark
  public long send() throws Exception {
    return octets.upload(LARGE_OCTETS);
  }
}

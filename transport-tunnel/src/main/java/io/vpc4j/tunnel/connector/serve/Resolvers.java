package io.vpc4j.tunnel.connector.serve;

import io.netty.util.concurrent.ImmediateEventExecutor;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;

/**
 * Where the virtual DNS service leads: to the resolvers that were named, one of them by chance for
 * each flow, else to the system's. [C] 7.3
 *
 * <p>Safe for use by many threads.
 */
public final class Resolvers {

  /** The most that may be named. [C] 1.1 */
  public static final int MAX_NAMED = 10;

  private static final Path SYSTEM_FILE = Path.of("/etc/resolv.conf");
  private static final long REFRESH_NS = TimeUnit.MINUTES.toNanos(5);

  private final List<InetSocketAddress> named;
  private final Offload offload;
  private final Ticker ticker;
  private final IntUnaryOperator chance;
  private final AtomicLong readAtNs;
  private volatile InetSocketAddress system;

  /**
   * Reads the system's setting once, here; later elsewhere.
   *
   * @param named at most {@value #MAX_NAMED}; none for the system's
   * @param chance below its argument
   */
  public Resolvers(
      List<InetSocketAddress> named, Offload offload, Ticker ticker, IntUnaryOperator chance) {
    this.named = List.copyOf(named);
    this.offload = offload;
    this.ticker = ticker;
    this.chance = chance;
    readAtNs = new AtomicLong(ticker.nowNs());
    system = readSystem(SYSTEM_FILE);
  }

  /** The one for this flow. */
  public InetSocketAddress pick() {
    if (!named.isEmpty()) {
      return named.get(chance.applyAsInt(named.size()));
    }
    var nowNs = ticker.nowNs();
    var lastNs = readAtNs.get();
    if (nowNs - lastNs > REFRESH_NS && readAtNs.compareAndSet(lastNs, nowNs)) {
      offload
          .call(ImmediateEventExecutor.INSTANCE, () -> readSystem(SYSTEM_FILE))
          .addListener(
              read -> {
                if (read.isSuccess()) {
                  system = (InetSocketAddress) read.getNow();
                }
              });
    }
    return system;
  }

  /** The first name server of a {@code resolv.conf}; this host's own where there is none. */
  static InetSocketAddress readSystem(Path file) {
    var lines = new ArrayList<String>();
    try {
      lines.addAll(Files.readAllLines(file));
    } catch (IOException e) {
      lines.clear(); // no such file on this system: its own resolver is all that is known
    }
    for (var line : lines) {
      var words = new StringTokenizer(line);
      if (words.countTokens() >= 2 && words.nextToken().equals("nameserver")) {
        var address = IpAddress.parse(words.nextToken());
        if (address.isPresent()) {
          return new InetSocketAddress(address.get().toInetAddress(), 53);
        }
      }
    }
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
  }
}

package io.vpc4j.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.vpc4j.benchmarks.peers.NettyOctets;
import io.vpc4j.benchmarks.peers.Octets;
import io.vpc4j.benchmarks.peers.SocketOctets;
import io.vpc4j.benchmarks.peers.VpcChannelOctets;
import io.vpc4j.benchmarks.peers.VpcOctets;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What {@link SocketBenchmark} measures, in short turns in one process: each client has a turn in
 * each round, in an order that is reversed from one round to the next, so that what else the
 * machine does befalls all of them. Each turn is set against the Netty channel's of the same round.
 *
 * <p>Prints the median of the rates; of the ratios to the Netty channel the median and the middle
 * half; and the ratio of what an operation costs this process in CPU time, over all turns.
 */
public final class SocketTurns {

  private static final int WARM_UP_TURNS = 8;
  private static final int SMALL_OCTETS = 128;
  private static final long LARGE_OCTETS = 16L << 20;

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** One thing that is measured. */
  private interface Operation {
    void run(Octets by) throws Exception;
  }

  /** Who does it. */
  private record Client(String name, Octets octets) {}

  /**
   * What one turn gave.
   *
   * @param cpuNs CPU time of this process, in steps of what the system counts by
   */
  private record Turn(int operations, long tookNs, long cpuNs) {

    double rate() {
      return operations * 1e9 / tookNs;
    }
  }

  /** The turns of all clients, one after the other. */
  private record Round(Map<Client, Turn> turns) {

    Turn of(Client client) {
      return Objects.requireNonNull(turns.get(client), "each has a turn");
    }
  }

  private SocketTurns() {}

  /**
   * Measures.
   *
   * @param arguments rounds, 15 if absent; seconds of a turn, 0.3 if absent; the rows, all if
   *     absent
   */
  public static void main(String[] arguments) throws Exception {
    var rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
    var turnNs =
        (long)
            ((arguments.length > 1 ? Double.parseDouble(arguments[1]) : 0.3)
                * TimeUnit.SECONDS.toNanos(1));
    var wanted =
        arguments.length > 2
            ? List.of(arguments).subList(2, arguments.length)
            : List.of("ask", "receive", "send");
    try (var server = new JavaProcess(OctetServer.class)) {
      var port = Integer.parseInt(server.line("port "));
      try (var netty = NettyOctets.best(port);
          var ours = new VpcOctets(port);
          var channel = new VpcChannelOctets(port);
          var factory = NettyOctets.bindingOnItsLoops(port);
          var factoryOnOwn = NettyOctets.binding(port);
          var nio = NettyOctets.nio(port);
          var plain = SocketOctets.plain(port)) {
        var clients =
            List.of(
                new Client("Netty channel", netty),
                new Client("`connect`", ours),
                new Client("`openChannel`", channel),
                new Client("channel factory", factory),
                new Client("the same, a loop of its own", factoryOnOwn),
                new Client("`NioSocketChannel`", nio),
                new Client("plain socket", plain));
        System.out.println(
            clients.stream()
                .map(Client::name)
                .collect(Collectors.joining(" | ", "| row | ", " |")));
        System.out.println("|---|" + "---|".repeat(clients.size()));
        for (var name : wanted) {
          System.out.println(row(name, operation(name), clients, rounds, turnNs));
        }
      }
    }
  }

  private static Operation operation(String name) {
    return switch (name) {
      case "ask" -> by -> by.download(SMALL_OCTETS);
      case "receive" -> by -> by.download(LARGE_OCTETS);
      case "send" -> by -> by.upload(LARGE_OCTETS);
      default -> throw new IllegalArgumentException("no such row: " + name);
    };
  }

  private static String row(
      String name, Operation operation, List<Client> clients, int rounds, long turnNs)
      throws Exception {
    var turns = new ArrayList<Round>();
    var order = new ArrayList<>(clients);
    for (var round = -WARM_UP_TURNS; round < rounds; round++) {
      var each = new HashMap<Client, Turn>();
      for (var client : order) {
        each.put(client, turn(operation, client.octets(), turnNs));
      }
      if (round >= 0) {
        turns.add(new Round(each));
      }
      Collections.reverse(order);
    }
    return clients.stream()
        .map(client -> cell(turns, client, clients.get(0)))
        .collect(Collectors.joining(" | ", "| " + name + " | ", " |"));
  }

  private static String cell(List<Round> turns, Client client, Client reference) {
    var rates = sorted(turns, round -> round.of(client).rate());
    if (client.equals(reference)) {
      return String.format(Locale.ROOT, "%,.1f/s", at(rates, 0.5));
    }
    var ratios = sorted(turns, round -> round.of(client).rate() / round.of(reference).rate());
    return String.format(
        Locale.ROOT,
        "%,.1f/s: %.2f, %.2f to %.2f; CPU %.2f",
        at(rates, 0.5),
        at(ratios, 0.5),
        at(ratios, 0.25),
        at(ratios, 0.75),
        cpuNs(turns, client) / cpuNs(turns, reference));
  }

  /** Of one operation, over all turns. */
  private static double cpuNs(List<Round> turns, Client client) {
    var sum = turns.stream().mapToLong(round -> round.of(client).cpuNs()).sum();
    return (double) sum / turns.stream().mapToLong(round -> round.of(client).operations()).sum();
  }

  private static Turn turn(Operation operation, Octets by, long turnNs) throws Exception {
    var beginNs = System.nanoTime();
    var beginCpuNs = SYSTEM.getProcessCpuTime();
    var done = 0;
    var tookNs = 0L;
    do {
      operation.run(by);
      done++;
      tookNs = System.nanoTime() - beginNs;
    } while (tookNs < turnNs);
    return new Turn(done, tookNs, SYSTEM.getProcessCpuTime() - beginCpuNs);
  }

  private static List<Double> sorted(List<Round> turns, ToDoubleFunction<Round> of) {
    return turns.stream().mapToDouble(of).sorted().boxed().collect(Collectors.toList());
  }

  private static double at(List<Double> sorted, double part) {
    return sorted.get((int) Math.round(part * (sorted.size() - 1)));
  }
}

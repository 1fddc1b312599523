package io.vpc4j.benchmarks;

import io.vpc4j.benchmarks.peers.NettyOctets;
import io.vpc4j.benchmarks.peers.Octets;
import io.vpc4j.benchmarks.peers.SocketOctets;
import io.vpc4j.benchmarks.peers.VpcChannelOctets;
import io.vpc4j.benchmarks.peers.VpcOctets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * What {@link SocketBenchmark} measures, in short turns in one process: each client has a turn in
 * each round, in an order that is reversed from one round to the next, so that what else the
 * machine does befalls all of them. Prints medians, quartiles, and ratios to the Netty channel.
 */
public final class SocketTurns {

  private static final int WARM_UP_TURNS = 8;
  private static final int SMALL_OCTETS = 128;
  private static final long LARGE_OCTETS = 64L << 20;

  /** One thing that is measured. */
  private interface Operation {
    void run(Octets by) throws Exception;
  }

  /** Who does it. */
  private record Client(String name, Octets octets) {}

  private SocketTurns() {}

  /**
   * Measures.
   *
   * @param arguments rounds, 15 if absent, and seconds of a turn, 0.3 if absent
   */
  public static void main(String[] arguments) throws Exception {
    var rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
    var turnNs =
        (long)
            ((arguments.length > 1 ? Double.parseDouble(arguments[1]) : 0.3)
                * TimeUnit.SECONDS.toNanos(1));
    try (var server = new JavaProcess(OctetServer.class)) {
      var port = Integer.parseInt(server.line("port "));
      try (var netty = new NettyOctets(port);
          var ours = new VpcOctets(port);
          var channel = new VpcChannelOctets(port);
          var plain = SocketOctets.plain(port)) {
        var clients =
            List.of(
                new Client("Netty channel", netty),
                new Client("`connect`", ours),
                new Client("`openChannel`", channel),
                new Client("plain socket", plain));
        System.out.println(
            clients.stream()
                .map(Client::name)
                .collect(Collectors.joining(" | ", "| row | ", " |")));
        System.out.println("|---|" + "---|".repeat(clients.size()));
        row("ask", by -> by.download(SMALL_OCTETS), clients, rounds, turnNs);
        row("receive", by -> by.download(LARGE_OCTETS), clients, rounds, turnNs);
        row("send", by -> by.upload(LARGE_OCTETS), clients, rounds, turnNs);
      }
    }
  }

  private static void row(
      String name, Operation operation, List<Client> clients, int rounds, long turnNs)
      throws Exception {
    var scores = new LinkedHashMap<Client, List<Double>>();
    clients.forEach(client -> scores.put(client, new ArrayList<>()));
    var order = new ArrayList<>(clients);
    for (var round = -WARM_UP_TURNS; round < rounds; round++) {
      for (var client : order) {
        var score = turn(operation, client.octets(), turnNs);
        if (round >= 0) {
          scores.computeIfAbsent(client, first -> new ArrayList<>()).add(score);
        }
      }
      Collections.reverse(order);
    }
    var text = new StringBuilder("| " + name + " |");
    var reference = 0.0;
    for (var each : scores.values()) {
      Collections.sort(each);
      reference = reference == 0 ? at(each, 0.5) : reference;
      text.append(
          String.format(
              Locale.ROOT,
              " %,.1f/s (%.2f), %,.1f to %,.1f |",
              at(each, 0.5),
              at(each, 0.5) / reference,
              at(each, 0.25),
              at(each, 0.75)));
    }
    System.out.println(text);
  }

  /** Operations a second. */
  private static double turn(Operation operation, Octets by, long turnNs) throws Exception {
    var beginNs = System.nanoTime();
    var done = 0;
    var tookNs = 0L;
    do {
      operation.run(by);
      done++;
      tookNs = System.nanoTime() - beginNs;
    } while (tookNs < turnNs);
    return done * 1e9 / tookNs;
  }

  private static double at(List<Double> sorted, double part) {
    return sorted.get((int) Math.round(part * (sorted.size() - 1)));
  }
}

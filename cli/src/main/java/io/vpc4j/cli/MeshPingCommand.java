package io.vpc4j.cli;

import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshNode;
import io.vpc4j.mesh.PingRefusedException;
import io.vpc4j.mesh.PingReply;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ping}, through the mesh. */
@Command(
    name = "ping",
    description = {
      "Send ICMP echo requests through the mesh, from inside this process, and print a line for each",
      "answer: as ping(8) does. ICMPv6 for an IPv6 address.",
      "",
      "This process is this side of the mesh meanwhile; while an application is it, on the same UDP",
      "port, it cannot be.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh ping db-1",
      "  vpc4j mesh ping 10.0.5.42 -c 3",
      "  vpc4j mesh ping db.internal",
      "  vpc4j mesh ping -b MY_VPC db.internal -c 1 -W 2",
      "  vpc4j mesh ping --network lab 10.0.5.42",
      "",
      "Exit codes: 0 something came back; 1 nothing did; 2 usage or configuration, or no way there;",
      "130 and 143 ended by Ctrl-C and SIGTERM, with the statistics printed."
    })
final class MeshPingCommand implements Callable<Integer> {

  private static final int DATA_OCTETS = 56; // as ping(8)
  private static final int HEADERS_V4 = 28;
  private static final int HEADERS_V6 = 48;
  private static final int ECHO_OCTETS = DATA_OCTETS + 8;
  private static final double LEAST_INTERVAL_SECONDS = 0.01;
  private static final double DAY_SECONDS = 86_400;

  @Spec private CommandSpec spec;
  @ParentCommand private MeshCommand parent;
  @Mixin private PingTarget target;

  @Parameters(
      paramLabel = "NAME|ADDRESS",
      description =
          "A participant's name, an address that the mesh leads to, or a name that a hostname route"
              + " has.")
  private String destination;

  @Option(
      names = {"-c", "--count"},
      paramLabel = "COUNT",
      description = "Stop after so many. Default: go on until told to end.")
  private @Nullable Integer count;

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "SECONDS",
      description = "From one request to the next, 0.01 or more. Default: 1.")
  private double intervalSeconds = 1;

  @Option(
      names = {"-W", "--timeout"},
      paramLabel = "SECONDS",
      description = "How long a reply is waited for. Default: 10.")
  private double timeoutSeconds = 10;

  @SuppressWarnings("NullAway.Init")
  MeshPingCommand() {}

  @Override
  public Integer call() throws Exception {
    check();
    var snapshot = target.snapshot();
    var to = target.find(destination, snapshot);
    var stop = parent.streams().stop();
    var printing = Executors.newSingleThreadExecutor(MeshPingCommand::thread);
    try (var node = start(snapshot, to.network())) {
      return new Run(node, to.nodeId(), to.address(node), printing).ping(stop);
    } finally {
      printing.shutdownNow();
      stop.ended();
    }
  }

  private void check() throws Failure {
    if (count != null && count < 1) {
      throw new Failure(ExitCode.USAGE, "-c wants 1 or more, not " + count + ".");
    }
    if (!(intervalSeconds >= LEAST_INTERVAL_SECONDS && intervalSeconds <= DAY_SECONDS)) {
      throw new Failure(ExitCode.USAGE, "-i wants 0.01 s to a day, not " + intervalSeconds + ".");
    }
    if (!(timeoutSeconds > 0 && timeoutSeconds <= DAY_SECONDS)) {
      throw new Failure(
          ExitCode.USAGE, "-W wants more than 0 s, at most a day, not " + timeoutSeconds + ".");
    }
  }

  private static Thread thread(Runnable task) {
    var thread = new Thread(task, "vpc4j-ping");
    thread.setDaemon(true);
    return thread;
  }

  private static MeshNode start(DirectorySnapshot snapshot, MeshNetwork network) throws Failure {
    var builder =
        MeshNode.builder()
            .privateKey(network.privateKey().orElseThrow())
            .listenPort(network.listenPort())
            .mtu(network.mtuOctets());
    network.addresses().forEach(builder::address);
    network.memory().ifPresent(builder::memory);
    snapshot.nodes().values().stream()
        .filter(node -> node.network().equals(network.name()))
        .forEach(builder::peer);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new Failure(
          ExitCode.USAGE,
          e.getMessage()
              + ". Another process is this side of the mesh; 'vpc4j status' may know which.");
    }
  }

  /** One run: what is sent by the command's thread is counted and printed by one other. */
  private final class Run {
    private final MeshNode node;
    private final String nodeId;
    private final IpAddress to;
    private final ExecutorService printing;
    private final PrintWriter out = spec.commandLine().getOut();
    private final PingTally tally = new PingTally(); // the printing thread's
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private String noWay = ""; // the printing thread's, too
    private final CompletableFuture<Void> hopeless = new CompletableFuture<>();

    Run(MeshNode node, String nodeId, IpAddress to, ExecutorService printing) {
      this.node = node;
      this.nodeId = nodeId;
      this.to = to;
      this.printing = printing;
    }

    int ping(Stop stop) throws Exception {
      var ticker = parent.streams().ticker();
      var beganNs = ticker.nowNs();
      var headers = to.family() == IpAddress.Family.V6 ? HEADERS_V6 : HEADERS_V4;
      out.printf(
          "PING %s (%s) %d(%d) bytes of data.%n",
          Table.shown(destination), to, DATA_OCTETS, DATA_OCTETS + headers);
      out.flush();
      var ended = CompletableFuture.anyOf(stop.asked(), hopeless);
      for (int sequence = 1; count == null || sequence <= count; sequence++) {
        send(sequence);
        waiting.removeIf(CompletableFuture::isDone);
        var last = count != null && sequence == count;
        if (last || waits(ended, beganNs + (long) (sequence * intervalSeconds * 1e9))) {
          break;
        }
      }
      CompletableFuture.anyOf(
              ended, CompletableFuture.allOf(waiting.toArray(CompletableFuture<?>[]::new)))
          .join();
      return CompletableFuture.supplyAsync(() -> end(ticker.nowNs() - beganNs), printing).join();
    }

    /** Whether it was told to end before {@code dueNs}. */
    private boolean waits(CompletableFuture<Object> ended, long dueNs) {
      var leftNs = dueNs - parent.streams().ticker().nowNs();
      if (leftNs > 0) {
        var due =
            CompletableFuture.runAsync(
                () -> {},
                CompletableFuture.delayedExecutor(
                    leftNs, java.util.concurrent.TimeUnit.NANOSECONDS));
        CompletableFuture.anyOf(ended, due).join();
      }
      return ended.isDone();
    }

    private void send(int sequence) {
      var timeout = Duration.ofNanos((long) (timeoutSeconds * 1e9));
      printing.execute(tally::onSent);
      waiting.add(
          node.ping(nodeId, to, DATA_OCTETS, timeout)
              .handleAsync(
                  (reply, failure) -> {
                    if (failure == null) {
                      onReply(sequence, reply);
                    } else {
                      onFailure(sequence, failure);
                    }
                    return null;
                  },
                  printing));
    }

    private void onReply(int sequence, PingReply reply) {
      tally.onReply(reply.roundTrip());
      out.printf(
          Locale.ROOT,
          "%d bytes from %s: icmp_seq=%d ttl=%d time=%.3f ms%n",
          ECHO_OCTETS,
          to,
          sequence,
          reply.hopLimit(),
          reply.roundTrip().toNanos() / 1e6);
      out.flush();
    }

    private void onFailure(int sequence, Throwable failure) {
      var cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      if (cause instanceof PingRefusedException refused) {
        tally.onError();
        out.printf("From %s icmp_seq=%d %s%n", refused.from(), sequence, refused.reason());
        out.flush();
      } else if (!(cause instanceof SocketTimeoutException)) {
        noWay = String.valueOf(cause.getMessage());
        hopeless.complete(null); // no request can be sent: more of them change nothing
      }
    }

    private int end(long tookNs) {
      if (!noWay.isEmpty() && !tally.isAnswered()) {
        spec.commandLine().getErr().println("vpc4j: " + noWay + ".");
        return ExitCode.USAGE;
      }
      out.println();
      tally.lines(Table.shown(destination), Duration.ofNanos(tookNs)).forEach(out::println);
      out.flush();
      return tally.isAnswered() ? ExitCode.OK : ExitCode.NOTHING_CAME_BACK;
    }
  }
}

package io.vpc4j.integrationtests.interop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace that has loopback alone, so that nothing that runs in it can leave the
 * machine. Needs Linux, {@code unshare} and {@code ip}.
 *
 * @param command what makes one here: as root, or else as a user who is root inside
 */
record Namespace(List<String> command) {

  /** The namespace that can be made here; empty if none can. */
  static Optional<Namespace> find() {
    for (var command : List.of(List.of("unshare", "-n"), List.of("unshare", "-rn"))) {
      var probe = new ArrayList<>(command);
      probe.addAll(List.of("ip", "link", "set", "lo", "up"));
      try {
        var process = new ProcessBuilder(probe).redirectErrorStream(true).start();
        if (process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0) {
          return Optional.of(new Namespace(command));
        }
      } catch (IOException e) {
        return Optional.empty(); // there is no such program
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /**
   * What runs {@code program} in a namespace of its own, whose loopback has those addresses too.
   */
  List<String> run(List<String> addresses, List<String> program) {
    var script = new StringBuilder("ip link set lo up");
    addresses.forEach(
        address -> script.append(" && ip addr add ").append(address).append(" dev lo"));
    var whole = new ArrayList<>(command);
    whole.addAll(List.of("sh", "-c", script + " && exec \"$@\"", "rows"));
    whole.addAll(program);
    return whole;
  }
}

package io.vpc4j.core.runtime;

import io.vpc4j.Limits;
import io.vpc4j.Problem;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.routing.BindingSpec;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/**
 * What to open, once every file has been read: also for tests, which have no files.
 *
 * @param bindings in the order they are listed; names are unique
 * @param directory closed with the {@link io.vpc4j.Vpc}
 * @param limits where the directory sets none
 * @param application where futures complete and publishers and listeners are called
 * @param warnings what was found on the way
 * @param statusAddress where to answer how it stands; empty for nowhere
 */
public record RuntimePlan(
    List<BindingSpec> bindings,
    Directory directory,
    Limits limits,
    Executor application,
    List<Problem> warnings,
    Optional<InetSocketAddress> statusAddress) {

  /** Copies the lists. */
  public RuntimePlan {
    bindings = List.copyOf(bindings);
    warnings = List.copyOf(warnings);
  }

  /** With the default limits, the common pool, and no warnings. */
  public static RuntimePlan of(List<BindingSpec> bindings, Directory directory) {
    return new RuntimePlan(
        bindings,
        directory,
        Limits.defaults(),
        ForkJoinPool.commonPool(),
        List.of(),
        Optional.empty());
  }
}

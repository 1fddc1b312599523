package io.vpc4j.clients;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What this process holds.
 *
 * @param descriptors 0 where there is no {@code /proc}
 */
record Held(long heapOctets, long descriptors, int threads) {

  static Held now() throws IOException {
    System.gc();
    System.gc(); // what the first one found out of reach
    var memory = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    var threads = ManagementFactory.getThreadMXBean().getThreadCount();
    return new Held(memory, descriptorCount(), threads);
  }

  private static long descriptorCount() throws IOException {
    var folder = Path.of("/proc/self/fd");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (var descriptors = Files.list(folder)) {
      return descriptors.count();
    }
  }

  /** What is held once it is no more than {@code before}, or after 30 s: far ends go later. */
  static Held awaitNoMoreThan(Held before) throws IOException {
    var giveUpNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    var held = now();
    while ((held.descriptors() > before.descriptors() || held.threads() > before.threads())
        && System.nanoTime() - giveUpNs < 0) {
      LockSupport.parkNanos(50_000_000);
      held = now();
    }
    return held;
  }
}

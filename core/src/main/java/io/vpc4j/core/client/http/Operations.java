package io.vpc4j.core.client.http;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a client has under way, so that it can be shut down and waited for.
 *
 * <p>An exchange is under way until its future is done and its body has been read or given up, a
 * WebSocket until its connection has ended; who opens neither is waited for by nobody. Safe for use
 * by many threads.
 */
final class Operations {

  /** One exchange, or one WebSocket. */
  interface Operation {
    /** Ends it; whoever waits for it is told why. */
    void abort(IOException why);
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition noneLeft = lock.newCondition();
  private final Set<Operation> open = new HashSet<>(); // guarded by lock
  private boolean shut; // guarded by lock

  /** Counts {@code operation} in; false if no new one is taken any more. */
  boolean begin(Operation operation) {
    lock.lock();
    try {
      return !shut && open.add(operation);
    } finally {
      lock.unlock();
    }
  }

  /** It is over. May be said again. */
  void end(Operation operation) {
    lock.lock();
    try {
      if (open.remove(operation) && open.isEmpty()) {
        noneLeft.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes no new ones from here on. */
  void shutdown() {
    lock.lock();
    try {
      shut = true;
      noneLeft.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no new ones, and ends those under way. */
  void shutdownNow() {
    shutdown();
    List<Operation> ending;
    lock.lock();
    try {
      ending = List.copyOf(open);
    } finally {
      lock.unlock();
    }
    ending.forEach(each -> each.abort(new IOException("shutdownNow")));
  }

  boolean isTerminated() {
    lock.lock();
    try {
      return shut && open.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether all were over within {@code patience}, and no new one can come. */
  boolean awaitTermination(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var leftNs = saturatedNanos(patience);
      while (!shut || !open.isEmpty()) {
        if (leftNs <= 0) {
          return false;
        }
        leftNs = noneLeft.awaitNanos(leftNs);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static long saturatedNanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE; // 292 years
    }
  }
}

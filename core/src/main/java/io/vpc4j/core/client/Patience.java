package io.vpc4j.core.client;

import io.vpc4j.core.net.Ticker;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * One wait of one thread, over as many signals as it takes. What an interrupt does to it is what it
 * does to the JDK's sockets ({@link java.net.Socket#getInputStream}): a platform thread goes on
 * waiting and finds its flag set afterwards; a virtual thread closes the socket.
 */
final class Patience implements AutoCloseable {

  /** How one call of {@link #await} ended. */
  enum Outcome {
    /** There may be news. */
    SIGNALLED,
    /** The time is over. */
    LATE,
    /** The thread is virtual and was interrupted; its flag is set. */
    INTERRUPTED
  }

  /** {@code Thread.isVirtual()}, from JDK 21 on; null before. */
  private static final @Nullable MethodHandle IS_VIRTUAL = findIsVirtual();

  private static final Ticker TICKER = Ticker.system();

  private final boolean bounded;
  private final long endNs;
  private boolean interrupted;

  /**
   * A wait that begins now.
   *
   * @param timeoutNs 0 for no bound
   */
  Patience(long timeoutNs) {
    bounded = timeoutNs > 0;
    endNs = bounded ? TICKER.nowNs() + timeoutNs : 0;
  }

  /** Waits once; the caller, who holds the condition's lock, loops. */
  @SuppressWarnings("WaitNotInLoop")
  Outcome await(Condition condition) {
    try {
      if (!bounded) {
        condition.await();
        return Outcome.SIGNALLED;
      }
      var leftNs = endNs - TICKER.nowNs();
      if (leftNs <= 0) {
        return Outcome.LATE;
      }
      condition.awaitNanos(leftNs);
      return Outcome.SIGNALLED;
    } catch (InterruptedException e) {
      interrupted = true;
      return isVirtual(Thread.currentThread()) ? Outcome.INTERRUPTED : Outcome.SIGNALLED;
    }
  }

  /** The wait is over: the thread has its flag back. */
  @Override
  public void close() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isVirtual(Thread thread) {
    try {
      return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(thread);
    } catch (Throwable e) {
      throw new AssertionError("Thread.isVirtual() does not throw", e);
    }
  }

  private static @Nullable MethodHandle findIsVirtual() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (NoSuchMethodException e) {
      return null; // before JDK 21, where there are none
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}

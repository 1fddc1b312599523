package io.vpc4j.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** When a command that runs on is to end: a test says so, or the process is told to. */
final class Stop {

  /** What a command may take to end in order, before the process ends without it. */
  private static final long ENDING_SECONDS = 200;

  private final CompletableFuture<Void> asked = new CompletableFuture<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean hooked = new AtomicBoolean();

  /** What a process asks on SIGTERM and on Ctrl-C: the virtual machine has one hook for both. */
  private final boolean onSignal;

  private Stop(boolean onSignal) {
    this.onSignal = onSignal;
  }

  /** Asked by the process's end. */
  static Stop onSignal() {
    return new Stop(true);
  }

  /** Asked by {@link #ask} alone. */
  static Stop onCall() {
    return new Stop(false);
  }

  void ask() {
    asked.complete(null);
  }

  /** Waits until it is asked, or for so long; whether it was asked. */
  boolean await(long millis) throws InterruptedException {
    try {
      asked().get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("nothing completes it but an end", e);
    }
  }

  /** Waits until it is asked. */
  void await() throws InterruptedException {
    try {
      asked().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("nothing completes it but an end", e);
    }
  }

  /** Completes when it is asked: for those who wait for something else as well. */
  CompletableFuture<Void> asked() {
    hook();
    return asked.copy();
  }

  /** The command has ended in order; the process may go. */
  void ended() {
    ended.countDown();
  }

  private void hook() {
    if (onSignal && hooked.compareAndSet(false, true)) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::end, "vpc4j-stop"));
    }
  }

  private void end() {
    asked.complete(null);
    try {
      if (!ended.await(ENDING_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("vpc4j: did not end in order within " + ENDING_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the machine goes anyway
    }
  }
}

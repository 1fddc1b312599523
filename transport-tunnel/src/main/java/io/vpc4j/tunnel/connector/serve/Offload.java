package io.vpc4j.tunnel.connector.serve;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where what blocks is done: the system's resolver, files. At most {@value #THREADS} threads,
 * {@value #WAITING} jobs waiting.
 */
public final class Offload implements AutoCloseable {

  private static final int THREADS = 8;
  private static final int WAITING = 1_024;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          30,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(WAITING),
          new DefaultThreadFactory("vpc4j-connector", true));

  /** No thread before the first job, and none 30 s after the last. */
  public Offload() {
    threads.allowCoreThreadTimeOut(true);
  }

  /** Does {@code job}; its result comes on {@code loop}. Fails with {@link IOException} if full. */
  public <T> Future<T> call(EventExecutor loop, Callable<T> job) {
    Promise<T> promise = loop.newPromise();
    try {
      threads.execute(
          () -> {
            try {
              promise.trySuccess(job.call());
            } catch (Exception e) {
              promise.tryFailure(e);
            }
          });
    } catch (RejectedExecutionException e) {
      promise.tryFailure(new IOException("too much is waiting for the resolver", e));
    }
    return promise;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

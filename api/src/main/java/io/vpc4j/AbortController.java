package io.vpc4j;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Aborts the requests that carry its {@link #signal}: those under way and those begun later.
 *
 * <p>Named after the Fetch standard's. Safe for use by many threads; {@link #abort} returns at once
 * and runs no application code.
 */
public final class AbortController {

  private final AbortSignal signal = new AbortSignal();

  /** A controller that has not aborted anything yet. */
  public AbortController() {}

  /** What to give to {@link Request.Builder#signal}. */
  public AbortSignal signal() {
    return signal;
  }

  /** Aborts. A second call does nothing. */
  public void abort() {
    signal.abort();
  }

  /** Whether a request should stop. Made by an {@link AbortController}. */
  public static final class AbortSignal {

    private final AtomicBoolean aborted = new AtomicBoolean();
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

    private AbortSignal() {}

    /** Whether {@link AbortController#abort} was called. */
    public boolean aborted() {
      return aborted.get();
    }

    /**
     * Has {@code listener} run once on abort, at once if that has happened; for the engine.
     *
     * @param listener must not block or throw
     * @return undoes this; call it when the request is over, or the signal keeps the listener
     */
    public Runnable onAbort(Runnable listener) {
      listeners.add(listener);
      if (aborted() && listeners.remove(listener)) {
        listener.run();
      }
      return () -> listeners.remove(listener);
    }

    private void abort() {
      if (aborted.compareAndSet(false, true)) {
        for (var listener : listeners) {
          if (listeners.remove(listener)) {
            listener.run();
          }
        }
      }
    }
  }
}

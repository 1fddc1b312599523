package io.vpc4j.core.directory;

import java.util.function.Consumer;

/**
 * Where the directory comes from: a file by default, a shared store where many processes need one.
 *
 * <p>Safe for use by many threads; {@link #snapshot} never blocks.
 */
public interface Directory extends AutoCloseable {

  /** What holds now. */
  DirectorySnapshot snapshot();

  /**
   * Has {@code listener} called with every later snapshot, one at a time, in order.
   *
   * @param listener must return promptly; what it throws is logged and goes no further
   * @return undoes this
   */
  Runnable onChange(Consumer<DirectorySnapshot> listener);

  /** Stops watching. May be called again. */
  @Override
  void close();

  /** A directory that never changes. */
  static Directory fixed(DirectorySnapshot snapshot) {
    return new Directory() {
      @Override
      public DirectorySnapshot snapshot() {
        return snapshot;
      }

      @Override
      public Runnable onChange(Consumer<DirectorySnapshot> listener) {
        return () -> {};
      }

      @Override
      public void close() {}
    };
  }
}

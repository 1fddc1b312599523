package io.vpc4j.testkit;

import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A directory that a test changes as it goes. */
final class ChangingDirectory implements Directory {

  private final CopyOnWriteArrayList<Consumer<DirectorySnapshot>> listeners =
      new CopyOnWriteArrayList<>();
  private volatile DirectorySnapshot snapshot;

  ChangingDirectory(DirectorySnapshot snapshot) {
    this.snapshot = snapshot;
  }

  synchronized void change(DirectorySnapshot next) {
    snapshot = next;
    listeners.forEach(listener -> listener.accept(next));
  }

  @Override
  public DirectorySnapshot snapshot() {
    return snapshot;
  }

  @Override
  public Runnable onChange(Consumer<DirectorySnapshot> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {
    listeners.clear();
  }
}

package io.vpc4j.integrationtests.interop;

import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A directory that changes when a row says so. */
final class EditedDirectory implements Directory {

  private final List<Consumer<DirectorySnapshot>> listeners = new CopyOnWriteArrayList<>();
  private volatile DirectorySnapshot snapshot;

  EditedDirectory(DirectorySnapshot snapshot) {
    this.snapshot = snapshot;
  }

  void change(DirectorySnapshot next) {
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
  public void close() {}
}

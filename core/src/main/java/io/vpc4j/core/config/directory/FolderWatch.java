package io.vpc4j.core.config.directory;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits until something happens in some folders, or for a while.
 *
 * <p>An event only wakes; whether a file changed is for its {@link Fingerprint} to say. So it does
 * not matter which name the event bears (an editor's temporary file, the link that a container
 * platform turns round), nor whether the file system has events at all: where it has none, the
 * waiting takes its full time.
 */
final class FolderWatch implements AutoCloseable {

  /** The operating system's watches are few; what lies in more folders is found by looking. */
  private static final int MAX_FOLDERS = 64;

  private final @Nullable WatchService service;
  private final Map<Path, WatchKey> keys = new HashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private FolderWatch(@Nullable WatchService service) {
    this.service = service;
  }

  /** With events if {@code fileSystem} has them. */
  static FolderWatch open(FileSystem fileSystem) {
    try {
      return new FolderWatch(fileSystem.newWatchService());
    } catch (IOException | UnsupportedOperationException e) {
      return new FolderWatch(null);
    }
  }

  /** Without events. */
  static FolderWatch polling() {
    return new FolderWatch(null);
  }

  /** Watches the folders of {@code files} and no others. */
  void follow(Collection<Path> files) {
    if (service == null) {
      return;
    }
    var folders = new HashMap<Path, WatchKey>();
    for (var file : files) {
      var folder = file.toAbsolutePath().getParent();
      if (folder != null && folders.size() < MAX_FOLDERS) {
        var key = keys.get(folder);
        var live = key != null && key.isValid() ? key : register(service, folder);
        if (live != null) {
          folders.put(folder, live);
        }
      }
    }
    keys.forEach(
        (folder, key) -> {
          if (!folders.containsKey(folder)) {
            key.cancel();
          }
        });
    keys.clear();
    keys.putAll(folders);
  }

  private static @Nullable WatchKey register(WatchService service, Path folder) {
    try {
      return folder.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
    } catch (IOException | ClosedWatchServiceException | SecurityException e) {
      return null; // not there, or no watch left: found by looking
    }
  }

  /**
   * Waits for an event, at most {@code timeoutNs}.
   *
   * @return false once it is closed
   */
  boolean await(long timeoutNs) throws InterruptedException {
    if (service == null) {
      return !closed.await(timeoutNs, TimeUnit.NANOSECONDS);
    }
    try {
      var key = service.poll(timeoutNs, TimeUnit.NANOSECONDS);
      while (key != null) {
        key.pollEvents();
        key.reset();
        key = service.poll();
      }
      return closed.getCount() > 0;
    } catch (ClosedWatchServiceException e) {
      return false;
    }
  }

  /** Ends the waiting. From any thread; may be called again. */
  @Override
  public void close() {
    closed.countDown();
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        // The waiting ends with its time.
      }
    }
  }
}

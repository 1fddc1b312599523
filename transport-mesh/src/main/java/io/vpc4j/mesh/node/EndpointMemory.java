package io.vpc4j.mesh.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where peers were last, in a file, for the process that comes next.
 *
 * <p>A peer without a configured endpoint calls us, and goes on with the session it has when our
 * process ends: it notices after its next packet and 15 s ([W] 6.5), which with a keepalive of 25 s
 * is 40 s in all. A process that knows where the peer was calls it at once.
 *
 * <p>A line has a public key and {@code host:port}. What is wrong in the file is passed over, for
 * all of it can be learnt again. Confined to the loop, but for {@link #close}; the file is written
 * by a thread of its own.
 */
final class EndpointMemory implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EndpointMemory.class);
  private static final int MAX_FILE_OCTETS = 4 << 20;
  private static final int CLOSE_MS = 500;

  private final Optional<Path> file;
  private final Map<String, InetSocketAddress> known = new HashMap<>();
  private final ThreadPoolExecutor writing;
  private Map<String, InetSocketAddress> kept;

  /** Reads the file, if there is one; without {@code file}, nothing is kept. */
  EndpointMemory(Optional<Path> file) {
    this.file = file.filter(path -> isFolder(path.getParent()));
    this.file.ifPresent(this::read);
    kept = Map.copyOf(known);
    writing =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            task -> {
              var thread = new Thread(task, "vpc4j-mesh-memory");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardOldestPolicy()); // the newest says all
    writing.allowCoreThreadTimeOut(true);
  }

  private static boolean isFolder(@Nullable Path folder) {
    return folder != null && Files.isDirectory(folder);
  }

  private void read(Path path) {
    try {
      if (!Files.exists(path) || Files.size(path) > MAX_FILE_OCTETS) {
        return;
      }
      for (var line : Files.readAllLines(path, US_ASCII)) {
        var words = line.split(" ", -1);
        var endpoint = words.length == 2 ? address(words[1]) : null;
        if (endpoint != null) {
          known.put(words[0], endpoint);
        }
      }
    } catch (IOException e) {
      LOG.debug("{} cannot be read: {}", path, e.toString());
    }
  }

  private static @Nullable InetSocketAddress address(String endpoint) {
    return endpoint.matches(".+:\\d{1,5}") ? addressOf(endpoint) : null;
  }

  private static @Nullable InetSocketAddress addressOf(String endpoint) {
    try {
      return EndpointNames.address(endpoint);
    } catch (IllegalArgumentException e) {
      return null; // no port has that number
    }
  }

  /** Where the peer of that key was last; null if nobody knows. */
  @Nullable InetSocketAddress endpoint(String publicKey) {
    return known.get(publicKey);
  }

  /** Where peers are now, by public key. */
  void remember(Map<String, InetSocketAddress> endpoints) {
    if (file.isEmpty() || endpoints.isEmpty()) {
      return;
    }
    var now = new HashMap<>(kept);
    now.putAll(endpoints);
    if (now.equals(kept)) {
      return;
    }
    kept = now;
    var text = text(now);
    writing.execute(() -> write(file.orElseThrow(), text));
  }

  private static String text(Map<String, InetSocketAddress> endpoints) {
    var text = new StringBuilder();
    new TreeMap<>(endpoints)
        .forEach(
            (key, endpoint) -> {
              var host = endpoint.getAddress().getHostAddress();
              if (host.indexOf('%') < 0) { // an interface's number is another next time
                text.append(key).append(' ');
                text.append(host.indexOf(':') < 0 ? host : "[" + host + "]");
                text.append(':').append(endpoint.getPort()).append('\n');
              }
            });
    return text.toString();
  }

  private static void write(Path path, String text) {
    try {
      var next = Files.createTempFile(path.getParent(), "endpoints", ".next"); // its owner's alone
      try {
        Files.writeString(next, text, US_ASCII);
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(next);
      }
    } catch (IOException e) {
      LOG.debug("{} cannot be written: {}", path, e.toString());
    }
  }

  /** Waits for what is being written, half a second at most. */
  @Override
  public void close() {
    writing.shutdown();
    try {
      if (!writing.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
        writing.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      writing.shutdownNow();
    }
  }
}

package io.vpc4j.core.client.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The credentials that servers have accepted, by the server's root; the least recently used is
 * dropped at {@link #MAX_LOGINS}. Safe for use by many threads.
 */
final class LoginCache {

  /** One for each server that asks; an application has a handful. */
  static final int MAX_LOGINS = 1_000;

  // guarded by itself, for a look-up at a time
  private final Map<String, String> byServer =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MAX_LOGINS;
        }
      };

  /** The value of {@code Authorization} that {@code server} accepted; null if none did. */
  @Nullable String get(String server) {
    synchronized (byServer) {
      return byServer.get(server);
    }
  }

  void put(String server, String authorization) {
    synchronized (byServer) {
      byServer.put(server, authorization);
    }
  }

  void forget(String server) {
    synchronized (byServer) {
      byServer.remove(server);
    }
  }
}

package io.vpc4j.mesh.node;

import io.vpc4j.core.net.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves the endpoints of peers, which may be host names, with the operating system's resolver
 * and a thread of its own, since that one blocks.
 */
final class EndpointNames implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EndpointNames.class);
  private static final int MAX_WAITING = 1_024;

  private final ThreadPoolExecutor thread;

  EndpointNames() {
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            task -> {
              var made = new Thread(task, "vpc4j-mesh-names");
              made.setDaemon(true);
              return made;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  /** The endpoint, if it is an address; null if it is a name. */
  static @Nullable InetSocketAddress address(String endpoint) {
    var host = host(endpoint);
    return IpAddress.parse(host)
        .map(address -> new InetSocketAddress(address.toInetAddress(), port(endpoint)))
        .orElse(null);
  }

  /** Resolves {@code host:port}; the answer is given on the thread of this class. */
  void resolve(String endpoint, Consumer<InetSocketAddress> found) {
    try {
      thread.execute(
          () -> {
            try {
              var address = InetAddress.getByName(host(endpoint));
              found.accept(new InetSocketAddress(address, port(endpoint)));
            } catch (UnknownHostException e) {
              LOG.warn("The endpoint {} of a peer has no address; it is asked again.", endpoint);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("Too many endpoints wait to be resolved; {} is asked again.", endpoint);
    }
  }

  private static String host(String endpoint) {
    var host = endpoint.substring(0, endpoint.lastIndexOf(':'));
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static int port(String endpoint) {
    return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}

package io.vpc4j.core.runtime;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.Transports;
import io.vpc4j.core.ops.MetricFamily;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;
import io.vpc4j.core.spi.TransportStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transports on the path, each opened when the first request needs it.
 *
 * <p>Safe for use by many threads. {@code lock} guards changes of {@code open} and is held while a
 * transport is opened, which may wait for the event loops: on one of them, only a transport that
 * {@link #isOpen} may be asked for.
 */
final class InstalledTransports implements Transports, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(InstalledTransports.class);

  private final List<TransportProvider> providers;
  private final TransportContext context;
  private final ReentrantLock lock = new ReentrantLock();

  private final ConcurrentSkipListMap<String, Transport> open = new ConcurrentSkipListMap<>();
  private boolean closed; // guarded by lock

  InstalledTransports(List<TransportProvider> providers, TransportContext context) {
    this.providers = List.copyOf(providers);
    this.context = context;
  }

  /** Every provider on the class path or module path. */
  static List<TransportProvider> found() {
    return ServiceLoader.load(TransportProvider.class, TransportProvider.class.getClassLoader())
        .stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  @Override
  public Transport transportFor(NextHop hop) throws VpcException {
    var provider = providerFor(hop);
    var ready = open.get(provider.name());
    if (ready != null) {
      return ready;
    }
    lock.lock();
    try {
      if (closed) {
        throw new VpcException(
            ErrorCode.REQUEST_ABORTED, Stage.CONNECT, "The Vpc is closed; open another.");
      }
      var transport = open.get(provider.name());
      if (transport == null) {
        transport = open(provider);
        open.put(provider.name(), transport);
      }
      return transport;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isOpen(NextHop hop) {
    return nameFor(hop).map(open::containsKey).orElse(true);
  }

  /** The transport that carries {@code hop}, if it is open. Never blocks. */
  Optional<Transport> ifOpen(NextHop hop) {
    return nameFor(hop).map(open::get);
  }

  private TransportProvider providerFor(NextHop hop) throws VpcException {
    var candidates = providers.stream().filter(provider -> provider.carries(hop)).toList();
    if (candidates.isEmpty()) {
      throw new VpcException(
          ErrorCode.DESTINATION_UNAVAILABLE,
          Stage.ROUTE,
          "No transport on the path carries "
              + hop
              + ". Installed: "
              + names(providers)
              + ". Add the module that does.");
    }
    if (candidates.size() > 1) {
      throw new VpcException(
          ErrorCode.CONFIGURATION_ERROR,
          Stage.ROUTE,
          "Several transports claim " + hop + ": " + names(candidates) + ". Remove all but one.");
    }
    return candidates.get(0);
  }

  private Transport open(TransportProvider provider) throws VpcException {
    try {
      var transport = provider.open(context);
      LOG.debug("opened transport {}", provider.name());
      return transport;
    } catch (RuntimeException e) {
      throw new VpcException(
          ErrorCode.PROXY_INTERNAL_ERROR,
          Stage.CONNECT,
          "The transport " + provider.name() + " could not be opened: " + e,
          e);
    }
  }

  /** The name of the one transport that carries {@code hop}; empty if none or several do. */
  Optional<String> nameFor(NextHop hop) {
    var candidates = providers.stream().filter(provider -> provider.carries(hop)).toList();
    return candidates.size() == 1 ? Optional.of(candidates.get(0).name()) : Optional.empty();
  }

  /** How those that are open stand, by name. */
  Map<String, TransportStatus> status() {
    return open.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().status()));
  }

  /** What those that are open count. */
  List<MetricFamily> metrics() {
    lock.lock();
    try {
      return open.values().stream().flatMap(each -> each.metrics().stream()).toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    List<Transport> closing;
    lock.lock();
    try {
      closed = true;
      closing = List.copyOf(open.values());
      open.clear();
    } finally {
      lock.unlock();
    }
    for (var transport : closing) {
      try {
        transport.close();
      } catch (RuntimeException e) {
        LOG.warn("a transport did not close cleanly", e);
      }
    }
  }

  private static String names(List<TransportProvider> some) {
    return some.isEmpty()
        ? "none"
        : some.stream().map(TransportProvider::name).sorted().collect(Collectors.joining(", "));
  }
}

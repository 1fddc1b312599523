package io.vpc4j.core.fetch;

import io.vpc4j.ErrorCode;
import io.vpc4j.Explanation;
import io.vpc4j.Limits;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.fetch.exchange.Protocols;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.routing.PolicyJudge;
import io.vpc4j.core.routing.Route;
import io.vpc4j.core.routing.Routes;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** An engine over {@link DirectTransport}, whose clock a test moves forward at will. */
final class Engines implements AutoCloseable {

  final EventLoops loops = EventLoops.open(EventLoops.best(), 2);
  final DirectTransport transport = new DirectTransport(loops);
  final AtomicLong aheadNs = new AtomicLong();
  final Ticker ticker = () -> System.nanoTime() + aheadNs.get();
  final ExecutorService application = Executors.newFixedThreadPool(2, named("application"));
  final ExecutorService blocking = Executors.newCachedThreadPool(named("blocking"));
  volatile Limits limits = Limits.defaults();
  volatile TlsSettings tls = TlsSettings.DEFAULT;
  volatile PolicyJudge policy = (host, address, port) -> {};

  /** Which thread was the first to ask for a hop's transport, and so opened it. */
  final Map<String, Thread> opened = new ConcurrentHashMap<>();

  FetchEngine engine;

  Engines() {
    this(plainOnly());
  }

  Engines(Protocols protocols) {
    engine =
        new FetchEngine(
            "TEST",
            routes(),
            () -> limits,
            new EngineParts(transports(), loops, ticker, application, blocking, protocols));
  }

  private Transports transports() {
    return new Transports() {
      @Override
      public Transport transportFor(NextHop hop) {
        opened.putIfAbsent(hop.toString(), Thread.currentThread());
        return transport;
      }

      @Override
      public boolean isOpen(NextHop hop) {
        return opened.containsKey(hop.toString());
      }
    };
  }

  /** What a test that speaks plain HTTP/1.1 needs: nothing. */
  static Protocols plainOnly() {
    return new Protocols(
        (channel, name, port, settings, wish, listener) -> {
          throw new IllegalStateException("no TLS here");
        },
        (channel, listener, limits, ticker) -> {
          throw new IllegalStateException("no HTTP/2 here");
        },
        wanted -> {
          throw new IllegalStateException("no WebSocket here");
        },
        headers -> null);
  }

  private static java.util.concurrent.ThreadFactory named(String name) {
    return task -> {
      var thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  Routes routes() {
    return new Routes() {
      @Override
      public Route fetch(Url url) throws VpcException {
        return connect(url.host(), url.port());
      }

      @Override
      public Route connect(String host, int port) throws VpcException {
        if (host.equals("nowhere.test")) {
          throw new VpcException(
              ErrorCode.DESTINATION_NOT_FOUND, Stage.ROUTE, "No route leads there.");
        }
        var literal = IpAddress.parse(host);
        return new Route(
            new NextHop.LocalHop(host.endsWith("2") ? "second" : "test"),
            host,
            literal.map(List::of).orElse(List.of()),
            port,
            List.of(),
            tls,
            policy);
      }

      @Override
      public Explanation explain(Url url) {
        throw new UnsupportedOperationException();
      }
    };
  }

  void advance(long millis) {
    aheadNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** Waits, at most 20 s, until {@code condition} holds. */
  static void until(String what, BooleanSupplier condition) {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within 20 s: " + what);
      }
      LockSupport.parkNanos(200_000);
    }
  }

  /** Every connection is gone, and nothing waits. */
  void untilNothingIsLeft() {
    until("no connection", () -> engine.stats().pool().connections() == 0);
    until("no channel", transport.channels::isEmpty);
    until(
        "no dial or waiter: " + engine.stats(),
        () -> engine.stats().pool().dials() == 0 && engine.stats().pool().waiters() == 0);
  }

  @Override
  public void close() {
    engine.close();
    transport.close();
    loops.close();
    application.shutdownNow();
    blocking.shutdownNow();
  }
}

package io.vpc4j.tunnel.edge;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Listener;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.EdgeListener;
import io.vpc4j.tunnel.carrier.ServerIdentity;
import io.vpc4j.tunnel.carrier.http2.Http2EdgeListener;
import io.vpc4j.tunnel.carrier.quic.QuicEdgeListener;
import io.vpc4j.tunnel.carrier.quic.QuicSupport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The edge's sockets and its certificate.
 *
 * <p>{@link #start} and {@link #close} block on files and for the sockets, a few seconds at most;
 * not for an event loop. Once a day the certificate is looked at, and renewed where it has to be.
 */
public final class EdgeServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EdgeServer.class);

  private static final long BIND_MS = 5_000;
  private static final long CLOSE_MS = 1_000;
  private static final int ATTEMPTS = 8;
  private static final Duration LOOK_EVERY = Duration.ofHours(24);

  private final CarrierContext context;
  private final EdgeSettings settings;
  private final Edge edge;
  private final InstantSource wall;
  private final @Nullable PrivateAuthority authority;
  private final List<EdgeListener> listeners = new CopyOnWriteArrayList<>();
  private final List<Future<?>> closings = new CopyOnWriteArrayList<>();
  private @Nullable ScheduledFuture<?> looking;

  private EdgeServer(CarrierContext context, EdgeSettings settings, Edge edge, InstantSource wall) {
    this.context = context;
    this.settings = settings;
    this.edge = edge;
    this.wall = wall;
    authority =
        settings.certificate().isPresent()
            ? null
            : new PrivateAuthority(settings.stateFolder(), new SecureRandom());
  }

  /**
   * Listens.
   *
   * @throws IOException if an address cannot be had, or the certificate not be used; nothing is
   *     left behind then
   */
  public static EdgeServer start(
      CarrierContext context, EdgeSettings settings, Edge edge, InstantSource wall)
      throws IOException {
    var server = new EdgeServer(context, settings, edge, wall);
    try {
      server.listen();
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private void listen() throws IOException {
    var identity = identity();
    for (var listener : settings.listeners()) {
      listen(listener, identity);
    }
    if (authority != null) {
      LOG.info(
          "connectors trust this edge with --cacert {}",
          authority.certificatePath().toAbsolutePath());
      looking =
          context
              .eventLoops()
              .group()
              .scheduleWithFixedDelay(
                  this::lookAtCertificate,
                  LOOK_EVERY.toSeconds(),
                  LOOK_EVERY.toSeconds(),
                  TimeUnit.SECONDS);
    }
  }

  /** A port that was left open has to be free for both protocols: others are tried. */
  private void listen(Listener listener, ServerIdentity identity) throws IOException {
    for (var attempt = 1; ; attempt++) {
      var before = List.copyOf(listeners);
      try {
        listenOnce(listener, identity);
        return;
      } catch (IOException e) {
        if (listener.port() != 0 || attempt == ATTEMPTS) {
          throw e;
        }
        LOG.debug("another port is tried", e);
        listeners.stream()
            .filter(made -> !before.contains(made))
            .forEach(made -> made.close().awaitUninterruptibly(CLOSE_MS));
        listeners.retainAll(before);
      }
    }
  }

  private void listenOnce(Listener listener, ServerIdentity identity) throws IOException {
    var address = new InetSocketAddress(listener.host().toInetAddress(), listener.port());
    for (var protocol : Protocol.values()) {
      if (!listener.protocols().contains(protocol)) {
        continue;
      }
      if (protocol == Protocol.QUIC
          && listener.protocols().size() > 1
          && !QuicSupport.isAvailable()) {
        LOG.warn("{} is served over HTTP/2 alone: QUIC's native library is not there", address);
        continue;
      }
      var made = bound(bind(protocol, address, identity), address);
      listeners.add(made);
      LOG.info("connectors are awaited on {} for {}", made.localAddress(), protocol);
      address = made.localAddress();
    }
  }

  private static EdgeListener bound(Future<EdgeListener> binding, InetSocketAddress address)
      throws IOException {
    if (!binding.awaitUninterruptibly(BIND_MS)) {
      binding.cancel(false);
      throw new IOException("cannot listen on " + address + ": no answer from the system");
    }
    if (!binding.isSuccess()) {
      throw binding.cause() instanceof IOException known
          ? known
          : new IOException("cannot listen on " + address, binding.cause());
    }
    return binding.getNow();
  }

  private Future<EdgeListener> bind(
      Protocol protocol, InetSocketAddress address, ServerIdentity identity) {
    return switch (protocol) {
      case QUIC -> QuicEdgeListener.bind(context, address, identity, edge);
      case HTTP2 -> Http2EdgeListener.bind(context, address, identity, edge);
    };
  }

  // ---- the certificate

  private ServerIdentity identity() throws IOException {
    if (authority != null) {
      return authority.identity(wall.instant());
    }
    var given = settings.certificate().orElseThrow();
    try {
      return new ServerIdentity(
          PemFiles.key(given.key().revealText()), PemFiles.certificates(given.chain()));
    } catch (GeneralSecurityException e) {
      throw new IOException("the edge's certificate and key cannot be used", e);
    }
  }

  /** On a thread of its own: files are read, and a loop must not wait for them. */
  private void lookAtCertificate() {
    var thread = new Thread(this::renewCertificate, "vpc4j-edge-certificate");
    thread.setDaemon(true);
    thread.start();
  }

  private void renewCertificate() {
    try {
      var identity = identity();
      listeners.forEach(listener -> listener.present(identity));
    } catch (IOException | IllegalArgumentException e) {
      LOG.error("the edge's certificate could not be renewed; the one before is shown still", e);
    }
  }

  // ---- facts

  /** Where it listens. */
  public List<EdgeListener> listeners() {
    return List.copyOf(listeners);
  }

  /** What connectors are given as {@code --cacert}; empty where a certificate was given. */
  public Optional<Path> authorityPath() {
    return Optional.ofNullable(authority).map(PrivateAuthority::certificatePath);
  }

  /**
   * Stops listening; connections stay. Waits for TCP's sockets; that of QUIC stays as long as there
   * are connections on it.
   */
  public void stopListening() {
    for (var listener : listeners) {
      var closed = listener.close();
      closings.add(closed);
      if (listener.protocol() == Protocol.HTTP2) {
        closed.awaitUninterruptibly(CLOSE_MS);
      }
    }
    listeners.clear();
  }

  /** Once this returns the ports are free, unless that takes more than two seconds. */
  @Override
  public void close() {
    if (looking != null) {
      looking.cancel(false);
    }
    stopListening();
    edge.close();
    // QUIC's stays until its connections have drained, three probe timeouts. RFC 9000 10.2
    closings.forEach(closed -> closed.awaitUninterruptibly(2 * CLOSE_MS));
    closings.clear();
  }
}

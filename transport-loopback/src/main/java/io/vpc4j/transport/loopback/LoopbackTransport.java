package io.vpc4j.transport.loopback;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportStatus;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The simulated network as a transport.
 *
 * <p>Read {@link #connect}: find the host, then the port, then let the faults have their way, then
 * dial what the port leads to. A destination that is not in the directory is never dialled.
 *
 * <p>A directory that changes takes effect on the next dial; connections that are open stay.
 */
final class LoopbackTransport implements Transport {

  private final TransportContext context;
  private final DefaultChannelGroup open =
      new DefaultChannelGroup("vpc4j-loopback", GlobalEventExecutor.INSTANCE, true);
  private final LocalTargets targets;
  private final LongAdder dials = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile Tables tables;
  private volatile boolean closed;

  private record Tables(DirectorySnapshot snapshot, SimulatedHosts hosts) {}

  LoopbackTransport(TransportContext context) {
    this.context = context;
    targets = new LocalTargets(context.eventLoops(), open);
    var snapshot = context.directory().snapshot();
    tables = new Tables(snapshot, new SimulatedHosts(snapshot.loopback()));
  }

  // ---- connecting

  @Override
  public Future<Channel> connect(Dial dial) {
    dials.increment();
    var loop = context.eventLoops().here();
    Promise<Channel> promise = loop.newPromise();
    promise.addListener(
        done -> {
          if (!done.isSuccess()) {
            failures.increment();
          }
        });
    try {
      begin(dial, loop, promise);
    } catch (VpcException e) {
      promise.setFailure(e);
    }
    return promise;
  }

  private void begin(Dial dial, EventLoop loop, Promise<Channel> promise) throws VpcException {
    if (closed) {
      throw failure(ErrorCode.DESTINATION_UNAVAILABLE, "The simulated network is closed.");
    }
    if (dial.kind() != Dial.Kind.STREAM) {
      throw failure(
          ErrorCode.DESTINATION_UNAVAILABLE, "The simulated network carries streams alone.");
    }
    var host = hosts().at(dial.address(), scope(dial.hop()));
    if (host == null) {
      throw failure(
          ErrorCode.DESTINATION_NOT_FOUND,
          "The simulated network has no host at "
              + dial.address()
              + ". Add it to \"loopback\".\"hosts\" of the directory.");
    }
    var port = host.ports().get(dial.port());
    var faults =
        port == null ? host.faults() : SimulatedHosts.combined(host.faults(), port.faults());
    var expiry = atDeadline(dial, loop, promise);
    promise.addListener(done -> expiry.cancel(false));
    switch (faults.connect()) {
      case ACCEPT -> {}
      case BLACK_HOLE -> {
        return; // the deadline is its only answer
      }
      case REFUSE -> {
        later(loop, faults, () -> promise.tryFailure(refused(dial, "as simulated")));
        return;
      }
      case UNROUTABLE -> {
        var cause =
            failure(
                ErrorCode.DESTINATION_IP_UNROUTABLE,
                "The far network has no way to " + dial.address() + ", as simulated.");
        later(loop, faults, () -> promise.tryFailure(cause));
        return;
      }
      case UNAVAILABLE -> {
        var cause =
            failure(
                ErrorCode.DESTINATION_UNAVAILABLE,
                "Nothing is connected that leads to " + dial.address() + ", as simulated.");
        later(loop, faults, () -> promise.tryFailure(cause));
        return;
      }
    }
    if (port == null) {
      later(
          loop,
          faults,
          () -> promise.tryFailure(refused(dial, "the simulated host has no such port")));
      return;
    }
    later(loop, faults, () -> dialTarget(dial, port.target(), faults, loop, promise));
  }

  private void dialTarget(
      Dial dial,
      io.vpc4j.core.directory.SimulatedNetwork.Target target,
      Faults faults,
      EventLoop loop,
      Promise<Channel> promise) {
    if (promise.isDone()) {
      return;
    }
    var timeoutMs = Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNs(dial)));
    var connecting =
        targets.connect(
            target,
            faults.badCertificate(),
            loop,
            handler(dial, faults),
            (int) Math.min(timeoutMs, Integer.MAX_VALUE));
    promise.addListener(
        done -> {
          if (!done.isSuccess()) {
            connecting.cancel(false);
          }
        });
    connecting.addListener(
        (Future<Channel> done) -> {
          if (!done.isSuccess()) {
            promise.tryFailure(asVpcException(dial, done.cause()));
          } else if (!promise.trySuccess(done.getNow())) {
            done.getNow().close();
          }
        });
  }

  private static ChannelHandler handler(Dial dial, Faults faults) {
    if (faults.resetAfterOctets().isEmpty()) {
      return dial.initializer();
    }
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(new ResetAfter(faults.resetAfterOctets().getAsLong()), dial.initializer());
      }
    };
  }

  private Future<?> atDeadline(Dial dial, EventLoop loop, Promise<Channel> promise) {
    return loop.schedule(
        () ->
            promise.tryFailure(
                failure(
                    ErrorCode.CONNECTION_TIMEOUT,
                    dial.destination() + " did not accept the connection in time.")),
        Math.max(0, leftNs(dial)),
        TimeUnit.NANOSECONDS);
  }

  private long leftNs(Dial dial) {
    return dial.deadlineNs() - context.ticker().nowNs();
  }

  private static void later(EventLoop loop, Faults faults, Runnable step) {
    if (faults.delay().isZero()) {
      loop.execute(step);
    } else {
      loop.schedule(step, faults.delay().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  // ---- resolving

  @Override
  public Future<List<IpAddress>> resolve(Lookup lookup) {
    var loop = context.eventLoops().group().next();
    Promise<List<IpAddress>> promise = loop.newPromise();
    try {
      var answer = hosts().resolve(lookup.name(), scope(lookup.hop()));
      var expiry =
          loop.schedule(
              () ->
                  promise.tryFailure(
                      new VpcException(
                          ErrorCode.DNS_TIMEOUT,
                          Stage.RESOLVE,
                          "No answer for " + lookup.name() + " in time.")),
              Math.max(0, lookup.deadlineNs() - context.ticker().nowNs()),
              TimeUnit.NANOSECONDS);
      promise.addListener(done -> expiry.cancel(false));
      if (!answer.addresses().isEmpty()) {
        loop.schedule(
            () -> promise.trySuccess(answer.addresses()),
            answer.delay().toNanos(),
            TimeUnit.NANOSECONDS);
      }
    } catch (VpcException e) {
      promise.setFailure(e);
    }
    return promise;
  }

  // ---- facts

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.HALF_CLOSE);
  }

  @Override
  public TransportStatus status() {
    return new TransportStatus(
        !closed,
        "simulated network of " + tables.hosts().size() + " hosts",
        Map.of(
            "channels", (long) open.size(), "dials", dials.sum(), "dials_failed", failures.sum()));
  }

  @Override
  public void close() {
    closed = true;
    var closing = open.close();
    for (var loop : context.eventLoops().group()) {
      if (loop.inEventLoop()) {
        return; // waiting here would be waiting for ourselves
      }
    }
    closing.awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  @SuppressWarnings("ReferenceEquality") // a snapshot is known by identity
  private SimulatedHosts hosts() {
    var snapshot = context.directory().snapshot();
    var known = tables;
    if (known.snapshot() != snapshot) {
      known = new Tables(snapshot, new SimulatedHosts(snapshot.loopback()));
      tables = known;
    }
    return known.hosts();
  }

  private static String scope(NextHop hop) {
    return ((NextHop.LocalHop) hop).scope();
  }

  private static VpcException refused(Dial dial, String why) {
    return failure(
        ErrorCode.CONNECTION_REFUSED, dial.destination() + " refused the connection: " + why + ".");
  }

  private static VpcException failure(ErrorCode code, String sentence) {
    return new VpcException(code, Stage.CONNECT, sentence);
  }

  private static VpcException asVpcException(Dial dial, Throwable cause) {
    if (cause instanceof VpcException already) {
      return already;
    }
    var code =
        cause instanceof ConnectTimeoutException
            ? ErrorCode.CONNECTION_TIMEOUT
            : cause instanceof NoRouteToHostException
                ? ErrorCode.DESTINATION_IP_UNROUTABLE
                : cause instanceof ConnectException
                    ? ErrorCode.CONNECTION_REFUSED
                    : ErrorCode.DESTINATION_UNAVAILABLE;
    return new VpcException(
        code,
        Stage.CONNECT,
        "Dialling what " + dial.destination() + " leads to failed: " + cause.getMessage() + ".",
        cause);
  }
}

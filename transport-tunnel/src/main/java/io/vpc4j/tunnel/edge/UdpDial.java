package io.vpc4j.tunnel.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.session.Refusal;
import io.vpc4j.tunnel.udp.SessionTrace;
import io.vpc4j.tunnel.udp.UdpRefused;
import io.vpc4j.tunnel.udp.UdpSessions;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One UDP session wanted: asks the connections that carry datagrams one after another, the least
 * loaded first, until one has it or one's answer is about the destination and not about the
 * connection. Where no connector is there it waits for one; where those that are there carry no
 * datagrams it does not.
 *
 * <p>Its steps run on the loop of its promise.
 */
final class UdpDial {

  private final Edge edge;
  private final String tunnelId;
  private final UdpWanted wanted;
  private final ChannelHandler initializer;
  private final long deadlineNs;
  private final Promise<Channel> promise;
  private final EventExecutor loop;
  private final Set<EdgeConnection> tried = new HashSet<>();
  private final Runnable wake = this::onWoken;
  private @Nullable Future<Channel> opening;
  private @Nullable Refusal last;
  private @Nullable SessionTrace trace;

  /** On an event loop, that of {@code promise}. */
  UdpDial(
      Edge edge,
      String tunnelId,
      UdpWanted wanted,
      ChannelHandler initializer,
      long deadlineNs,
      EventExecutor loop,
      Promise<Channel> promise) {
    this.edge = edge;
    this.tunnelId = tunnelId;
    this.wanted = wanted;
    this.initializer = initializer;
    this.deadlineNs = deadlineNs;
    this.loop = loop;
    this.promise = promise;
  }

  void begin() {
    loop.execute(this::beginOnLoop);
  }

  private void beginOnLoop() {
    var leftNs = Math.max(0, deadlineNs - edge.nowNs());
    var expiry = loop.schedule(this::onDeadline, leftNs, TimeUnit.NANOSECONDS);
    promise.addListener(
        done -> {
          expiry.cancel(false);
          edge.table().forget(tunnelId, wake);
          if (!done.isSuccess() && opening != null) {
            opening.cancel(false);
          }
        });
    next();
  }

  private void onWoken() {
    loop.execute(this::next);
  }

  /** Asks the next connection; if there is none, the last reason is the answer. */
  private void next() {
    if (promise.isDone()) {
      return;
    }
    if (edge.closing()) {
      refuse(Refusal.Cause.CONNECTION_LOST, Edge.CLOSING);
      return;
    }
    for (var choice :
        edge.table().choices(tunnelId, it -> wanted.fits().test(it) && !tried.contains(it))) {
      tried.add(choice);
      var sessions = edge.udp(choice);
      if (sessions.isPresent()) {
        ask(sessions.orElseThrow());
        return;
      }
      last = new Refusal(Refusal.Cause.NO_DATAGRAMS, "no connection of the tunnel carries any");
    }
    if (last != null) {
      promise.tryFailure(new UdpRefused(last));
      return;
    }
    switch (edge.table().await(tunnelId, wanted.fits(), wake)) {
      case WAITS -> {}
      case NOT_NEEDED -> loop.execute(this::next);
      case FULL -> refuse(Refusal.Cause.LIMIT, "too many dials wait for a connector");
    }
  }

  private void ask(UdpSessions sessions) {
    var trace = sessions.takesTraces() ? trace() : SessionTrace.NONE;
    var asked = sessions.open(wanted.address(), wanted.port(), trace, initializer, deadlineNs);
    opening = asked;
    asked.addListener(
        (Future<Channel> done) -> {
          if (loop.inEventLoop()) {
            onOutcome(done);
          } else {
            loop.execute(() -> onOutcome(done));
          }
        });
  }

  /** Asked for once, however many connections are. */
  private SessionTrace trace() {
    var known = trace;
    if (known == null) {
      known = edge.sessionTrace(tunnelId, wanted);
      trace = known;
    }
    return known;
  }

  private void onOutcome(Future<Channel> done) {
    opening = null;
    if (done.isSuccess()) {
      if (!promise.trySuccess(done.getNow())) {
        done.getNow().close(); // given up meanwhile
      }
    } else if (done.cause() instanceof UdpRefused refused) {
      last = refused.refusal();
      switch (refused.refusal().cause()) {
        case LIMIT, CONNECTION_LOST -> next();
        case UNREACHABLE, TOO_MANY_FLOWS, FAILED, TIMEOUT, NO_DATAGRAMS ->
            promise.tryFailure(refused);
      }
    } else {
      promise.tryFailure(done.cause());
    }
  }

  private void onDeadline() {
    if (opening == null) {
      refuse(Refusal.Cause.TIMEOUT, "no connector has taken it: " + edge.absence(tunnelId));
    } // else the session has the same deadline, and its own words
  }

  private void refuse(Refusal.Cause cause, String why) {
    promise.tryFailure(new UdpRefused(new Refusal(cause, why)));
  }
}

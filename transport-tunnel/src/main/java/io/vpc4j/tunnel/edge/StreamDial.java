package io.vpc4j.tunnel.edge;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stream through a tunnel: waits for a connection if there is none, takes the least loaded, and
 * the next if that one cannot open a stream.
 *
 * <p>A connector that answered no is the end of it. One that was lost before it answered is passed
 * over for a TCP stream, of which no octet has been sent; for any other request it is the end,
 * since the origin may have acted on it.
 *
 * <p>Its steps run on one loop.
 */
final class StreamDial {

  private final Edge edge;
  private final String tunnelId;
  private final Wanted wanted;
  private final ChannelHandler initializer;
  private final long deadlineNs;
  private final EventLoop loop;
  private final Promise<OpenStream> promise;
  private final Set<EdgeConnection> tried = new HashSet<>();
  private final Runnable wake = this::onWoken;
  private @Nullable Future<OpenStream> opening;
  private @Nullable StreamFailure lastFailure;

  StreamDial(
      Edge edge,
      String tunnelId,
      Wanted wanted,
      ChannelHandler initializer,
      long deadlineNs,
      EventLoop loop) {
    this.edge = edge;
    this.tunnelId = tunnelId;
    this.wanted = wanted;
    this.initializer = initializer;
    this.deadlineNs = deadlineNs;
    this.loop = loop;
    promise = loop.newPromise();
  }

  Future<OpenStream> begin() {
    onLoop(this::beginOnLoop);
    return promise;
  }

  private void beginOnLoop() {
    var expiry = loop.schedule(this::onDeadline, leftNs(), TimeUnit.NANOSECONDS);
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

  private void next() {
    if (promise.isDone()) {
      return;
    }
    if (edge.closing()) {
      promise.tryFailure(StreamFailure.notOpened(Edge.CLOSING, null));
      return;
    }
    var choices = edge.table().choices(tunnelId, this::mayAsk);
    if (!choices.isEmpty()) {
      ask(choices.get(0));
      return;
    }
    if (lastFailure != null && lastFailure.kind() == StreamFailure.Kind.TIMED_OUT) {
      promise.tryFailure(lastFailure);
      return;
    }
    switch (edge.table().await(tunnelId, this::mayAsk, wake)) {
      case WAITS -> {}
      case NOT_NEEDED -> onLoop(this::next);
      case FULL ->
          promise.tryFailure(
              StreamFailure.notOpened(
                  "too many dials wait for a connector of tunnel " + tunnelId, null));
    }
  }

  private void onWoken() {
    onLoop(this::next);
  }

  /** Later, on this dial's loop; a loop that has ended ends the dial. */
  private void onLoop(Runnable step) {
    try {
      loop.execute(step);
    } catch (RejectedExecutionException e) {
      promise.tryFailure(StreamFailure.notOpened(Edge.CLOSING, e));
    }
  }

  private void ask(EdgeConnection connection) {
    tried.add(connection);
    connection.asked(edge.nowNs());
    var asked = connection.carrier().open(wanted.request(), initializer, deadlineNs);
    opening = asked;
    asked.addListener(
        (Future<OpenStream> done) -> {
          if (loop.inEventLoop()) {
            onAnswer(done);
          } else {
            onLoop(() -> onAnswer(done));
          }
        });
  }

  private void onAnswer(Future<OpenStream> done) {
    opening = null;
    if (done.isSuccess()) {
      if (!promise.trySuccess(done.getNow())) {
        done.getNow().channel().close(); // given up meanwhile
      }
      return;
    }
    var failure =
        done.cause() instanceof StreamFailure known
            ? known
            : StreamFailure.lost(String.valueOf(done.cause()), done.cause());
    lastFailure = failure;
    if (mayAskAnother(failure)) {
      next();
    } else {
      promise.tryFailure(failure);
    }
  }

  private boolean mayAsk(EdgeConnection connection) {
    return !tried.contains(connection) && wanted.fits().test(connection);
  }

  private boolean mayAskAnother(StreamFailure failure) {
    return switch (failure.kind()) {
      case NOT_OPENED -> true;
      case LOST -> wanted.request().type() == ConnectRequest.Type.TCP;
      case REFUSED, TIMED_OUT -> false;
    };
  }

  private void onDeadline() {
    if (opening != null) {
      promise.tryFailure(StreamFailure.timedOut("the connector did not answer in time"));
    } else if (lastFailure != null) {
      promise.tryFailure(lastFailure);
    } else {
      promise.tryFailure(StreamFailure.notOpened(edge.absence(tunnelId), null));
    }
  }

  private long leftNs() {
    return Math.max(0, deadlineNs - edge.nowNs());
  }
}

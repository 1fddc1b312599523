package io.vpc4j.mesh.node;

import io.netty.util.concurrent.Promise;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.loop.FlowOwner;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.EchoSocket;
import io.vpc4j.mesh.netstack.FlowRefused;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Echo requests of ours and what came of them. Confined to the loop. */
final class Echoes {

  private final MeshLoop loop;

  Echoes(MeshLoop loop) {
    this.loop = loop;
  }

  /**
   * Sends one by a link; {@code promise} has the answer, and cancelling it forgets the request.
   *
   * @throws IOException if it cannot be sent
   */
  void send(IpAddress to, int link, int dataOctets, Duration timeout, Promise<EchoAnswer> promise)
      throws IOException {
    var waiting = new Waiting(promise);
    try {
      var deadlineNs = loop.nowNs() + timeout.toNanos();
      waiting.socket = loop.stack().ping(to, link, dataOctets, deadlineNs, waiting);
    } catch (FlowRefused e) {
      throw new IOException("the stack cannot ping: " + e.reason(), e);
    }
    promise.addListener(
        done -> {
          if (done.isCancelled()) {
            loop.submit(waiting::cancel);
          }
        });
  }

  private static final class Waiting implements FlowOwner {
    private final Promise<EchoAnswer> promise;
    private @Nullable EchoSocket socket;

    Waiting(Promise<EchoAnswer> promise) {
      this.promise = promise;
    }

    void cancel() {
      var echo = socket;
      if (echo != null) {
        echo.cancel();
      }
    }

    @Override
    public void onReady() {
      var echo = socket;
      if (echo == null) {
        return;
      }
      switch (echo.outcome()) {
        case WAITING -> {}
        case REPLIED ->
            promise.trySuccess(
                new EchoAnswer(
                    Duration.ofNanos(echo.roundTripNs()), echo.replyHopLimit(), Optional.empty()));
        case UNREACHABLE -> onUnreachable(echo);
        case TIMED_OUT ->
            promise.tryFailure(new SocketTimeoutException("no reply from " + echo.remote()));
      }
    }

    private void onUnreachable(EchoSocket echo) {
      var error = echo.error();
      var from = echo.errorFrom();
      if (error == null || from == null) {
        promise.tryFailure(
            new NoRouteToHostException("the peer that led to " + echo.remote() + " is gone"));
      } else {
        var refusal = new EchoAnswer.Refusal(from, error);
        promise.trySuccess(new EchoAnswer(Duration.ZERO, 0, Optional.of(refusal)));
      }
    }
  }
}

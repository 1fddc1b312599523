package io.vpc4j.tunnel.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.session.Refusal;
import io.vpc4j.tunnel.udp.UdpRefused;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One UDP session wanted: asks the connections one after another, the least loaded first, until one
 * has it or one's answer is about the destination and not about the connection.
 */
final class UdpDial {

  private final UdpTable table;
  private final ArrayDeque<EdgeConnection> choices;
  private final IpAddress address;
  private final int port;
  private final ChannelHandler initializer;
  private final long deadlineNs;
  private final Promise<Channel> promise;
  private volatile @Nullable Future<Channel> opening;

  UdpDial(
      UdpTable table,
      List<EdgeConnection> choices,
      IpAddress address,
      int port,
      ChannelHandler initializer,
      long deadlineNs,
      Promise<Channel> promise) {
    this.table = table;
    this.choices = new ArrayDeque<>(choices);
    this.address = address;
    this.port = port;
    this.initializer = initializer;
    this.deadlineNs = deadlineNs;
    this.promise = promise;
  }

  void begin() {
    promise.addListener(
        done -> {
          var current = opening;
          if (done.isCancelled() && current != null) {
            current.cancel(false);
          }
        });
    next(new Refusal(Refusal.Cause.NO_DATAGRAMS, "no connection of the tunnel carries datagrams"));
  }

  /** Asks the next connection; if there is none, the last reason is the answer. */
  private void next(Refusal last) {
    var choice = choices.poll();
    if (choice == null) {
      promise.tryFailure(new UdpRefused(last));
      return;
    }
    var udp = table.of(choice);
    if (udp.isEmpty()) {
      next(last); // it was lost meanwhile
      return;
    }
    var current = udp.orElseThrow().open(address, port, initializer, deadlineNs);
    opening = current;
    if (promise.isCancelled()) {
      current.cancel(false);
    }
    current.addListener((Future<Channel> done) -> onOutcome(done));
  }

  private void onOutcome(Future<Channel> done) {
    if (done.isSuccess()) {
      if (!promise.trySuccess(done.getNow())) {
        done.getNow().close();
      }
    } else if (done.cause() instanceof UdpRefused refused) {
      switch (refused.refusal().cause()) {
        case LIMIT, CONNECTION_LOST -> next(refused.refusal());
        case UNREACHABLE, TOO_MANY_FLOWS, FAILED, TIMEOUT, NO_DATAGRAMS ->
            promise.tryFailure(refused);
      }
    } else {
      promise.tryFailure(done.cause());
    }
  }
}

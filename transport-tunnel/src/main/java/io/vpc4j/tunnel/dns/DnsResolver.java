package io.vpc4j.tunnel.dns;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Resolves names of private networks: {@link DnsLookups} on an event loop, with streams and UDP
 * sessions that {@link DnsLinks} opens.
 *
 * <p>{@link #resolve} and {@link #close} may be called from any thread and never block; futures
 * complete on the loop.
 */
public final class DnsResolver implements AutoCloseable {

  private final EventLoop loop;
  private final Ticker ticker;
  private final DnsLinks links;
  private final DnsLookups lookups;

  // confined to the loop
  private final Map<DnsTicket, Promise<List<IpAddress>>> waiting = new HashMap<>();
  private final Map<Long, Future<Channel>> exchanges = new HashMap<>();
  private @Nullable ScheduledFuture<?> timer;
  private boolean closed;

  /**
   * Begins with nothing known.
   *
   * @param loop where it runs; not its own to close
   * @param firstPath how a question is asked first: by a stream, which works everywhere, or by
   *     datagrams, with a stream where that fails
   * @param ids chance, for the ids of queries
   */
  public DnsResolver(
      EventLoop loop,
      Ticker ticker,
      DnsLinks links,
      DnsEffect.Path firstPath,
      DnsLimits limits,
      IntSupplier ids) {
    this.loop = loop;
    this.ticker = ticker;
    this.links = links;
    this.lookups = new DnsLookups(limits, firstPath, ids);
  }

  /**
   * Asks for the addresses of a name.
   *
   * @param servers the resolvers behind the tunnel, each with its port; empty for the connector's
   *     own
   * @param deadlineNs on the ticker's clock
   * @return at least one address, IPv6 first; or fails with a {@link VpcException} of {@link
   *     ErrorCode#DNS_ERROR} or {@link ErrorCode#DNS_TIMEOUT}. Cancelling it gives the lookup up
   */
  public Future<List<IpAddress>> resolve(
      String tunnelId, String name, List<InetSocketAddress> servers, long deadlineNs) {
    DnsName wanted;
    try {
      wanted = new DnsName(tunnelId, servers, name);
    } catch (IllegalArgumentException e) {
      return loop.newFailedFuture(
          failure(name + " is no name that can be asked for: " + e.getMessage()));
    }
    Promise<List<IpAddress>> promise = loop.newPromise();
    loop.execute(() -> begin(wanted, deadlineNs, promise));
    return promise;
  }

  private void begin(DnsName name, long deadlineNs, Promise<List<IpAddress>> promise) {
    if (closed) {
      promise.tryFailure(failure("The tunnels are closed."));
      return;
    }
    if (promise.isDone()) {
      return; // cancelled on its way here
    }
    var ticket = lookups.lookup(name, deadlineNs, ticker.nowNs());
    waiting.put(ticket, promise);
    promise.addListener(
        done -> {
          if (done.isCancelled()) {
            inLoop(() -> onCancelled(ticket));
          }
        });
    act();
  }

  private void onCancelled(DnsTicket ticket) {
    if (waiting.remove(ticket) != null) {
      lookups.giveUp(ticket);
      act();
    }
  }

  /** Fails what waits, and closes what is open. May be called again. */
  @Override
  public void close() {
    inLoop(
        () -> {
          closed = true;
          exchanges.values().forEach(DnsResolver::discard);
          exchanges.clear();
          var failed = List.copyOf(waiting.values());
          waiting.clear();
          failed.forEach(promise -> promise.tryFailure(failure("The tunnels are closed.")));
          stopTimer();
        });
  }

  // ---- what the lookups want

  private void act() {
    for (var effect = lookups.poll(); effect != null; effect = lookups.poll()) {
      if (effect instanceof DnsEffect.Open open) {
        open(open);
      } else if (effect instanceof DnsEffect.Close close) {
        discard(exchanges.remove(close.exchangeId()));
      } else if (effect instanceof DnsEffect.Resolved resolved) {
        var promise = waiting.remove(resolved.ticket());
        if (promise != null) {
          promise.trySuccess(resolved.addresses());
        }
      } else if (effect instanceof DnsEffect.Failed failed) {
        var promise = waiting.remove(failed.ticket());
        if (promise != null) {
          promise.tryFailure(failed.failure());
        }
      }
    }
    setTimer();
  }

  private void open(DnsEffect.Open open) {
    var exchangeId = open.exchangeId();
    var handler =
        new DnsExchangeHandler(
            open.path(),
            message -> inLoop(() -> onMessage(exchangeId, message)),
            why -> inLoop(() -> onFailed(exchangeId, why)));
    var opening = links.open(open.path(), open.tunnelId(), open.dest(), handler, open.deadlineNs());
    exchanges.put(exchangeId, opening);
    opening.addListener(
        (Future<Channel> done) -> {
          if (done.isSuccess()) {
            handler.send(done.getNow(), open.messages());
          } else if (!done.isCancelled()) {
            var why = open.dest() + " cannot be reached, " + done.cause().getMessage();
            inLoop(() -> onFailed(exchangeId, why));
          }
        });
  }

  private static void discard(@Nullable Future<Channel> opening) {
    if (opening != null && !opening.cancel(false) && opening.isSuccess()) {
      opening.getNow().close();
    }
  }

  // ---- what happens to exchanges

  private void onMessage(long exchangeId, ByteBuffer message) {
    if (!closed) {
      lookups.onMessage(exchangeId, message, ticker.nowNs());
      act();
    }
  }

  private void onFailed(long exchangeId, String why) {
    if (!closed) {
      lookups.onFailed(exchangeId, why, ticker.nowNs());
      act();
    }
  }

  private void setTimer() {
    stopTimer();
    var waitNs = lookups.waitNs(ticker.nowNs());
    if (waitNs != Long.MAX_VALUE) {
      timer = loop.schedule(this::onTime, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  private void onTime() {
    lookups.onTime(ticker.nowNs());
    act();
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  /** Always later, so that an effect that completes at once does not run inside another. */
  private void inLoop(Runnable task) {
    if (!loop.isShutdown()) { // else there is nobody to tell
      loop.execute(task);
    }
  }

  private static VpcException failure(String message) {
    return new VpcException(ErrorCode.DNS_ERROR, Stage.RESOLVE, message);
  }
}

package io.vpc4j.core.fetch;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.Redirects.Step;
import io.vpc4j.core.fetch.body.ResponseBody;
import io.vpc4j.core.fetch.exchange.EarlyOctets;
import io.vpc4j.core.fetch.exchange.Exchange;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import io.vpc4j.core.fetch.exchange.Upload;
import io.vpc4j.core.fetch.exchange.WebSockets;
import io.vpc4j.core.fetch.pool.ConnectionPool;
import io.vpc4j.core.fetch.pool.PoolKey;
import io.vpc4j.core.fetch.pool.PooledConnection;
import io.vpc4j.core.fetch.pool.Waiter;
import io.vpc4j.core.fetch.pool.Waiting;
import io.vpc4j.core.routing.Route;
import org.jspecify.annotations.Nullable;

/**
 * One request of a call on its way: waits for a connection, is the exchange on it, and holds the
 * body of the response.
 *
 * <p>{@link #onConnection} may come on any thread; the rest of what a connection calls comes on its
 * event loop.
 */
final class Attempt extends Exchange implements Waiter, ResponseBody.Source {

  /** Of a redirect's own body: what is read to keep the connection. More costs a new one. */
  private static final int MAX_REDIRECT_BODY_OCTETS = 64 * 1024;

  private final Call call;
  private final Route route;
  private final WebSockets.@Nullable Handshake webSocket;
  private volatile @Nullable Waiting waiting;
  private volatile @Nullable PooledConnection pooled;

  // On the event loop
  private final ResponseBody body = new ResponseBody(this);
  private @Nullable FetchResponse undelivered;
  private boolean delivered;
  private @Nullable Step redirect;
  private int redirectOctets;
  private boolean over;

  Attempt(
      Call call,
      Route route,
      Step step,
      Headers headers,
      @Nullable Upload upload,
      WebSockets.@Nullable Handshake webSocket,
      long deadlineNs) {
    super(
        step.method(),
        step.url(),
        headers,
        upload,
        webSocket != null,
        call.engine.limits(),
        deadlineNs);
    this.call = call;
    this.route = route;
    this.webSocket = webSocket;
    expectHeadBy(call.headByNs());
  }

  Route route() {
    return route;
  }

  // ---- until there is a connection

  void waitIn(ConnectionPool pool, PoolKey key, Route route, boolean fresh) {
    var by = sooner(nextDeadlineNs(), call.connectByNs());
    var entered = pool.await(key, route, this, by, fresh);
    waiting = entered;
    if (call.aborted() != null && pool.abandon(entered)) {
      release();
    }
  }

  @Override
  public void onConnection(PooledConnection connection) {
    pooled = connection;
    try {
      connection.approve(route.host(), route.policy());
    } catch (VpcException e) {
      connection.http().drain(); // the policy has changed: nobody may use it any more
      call.engine.pool().giveBack(connection);
      release();
      call.fail(e, route);
      return;
    }
    if (nextDeadlineNs() != Long.MAX_VALUE) {
      call.engine.sweeper().wakeBy(nextDeadlineNs());
    }
    connection.http().start(this);
  }

  @Override
  public void onNoConnection(VpcException why) {
    release();
    call.fail(why, route);
  }

  @Override
  public boolean onStart() {
    if (call.aborted() == null) {
      return true;
    }
    release();
    return false;
  }

  /** Frees a body that was not begun. */
  void release() {
    var unsent = upload();
    if (unsent != null) {
      unsent.cancel();
    }
  }

  void abort(VpcException why) {
    var connection = pooled;
    var entered = waiting;
    if (connection != null) {
      connection.http().cancel(this, why);
    } else if (entered != null && call.engine.pool().abandon(entered)) {
      release();
    }
  }

  // ---- the response

  @Override
  public void onHead(ResponseHead head) {
    expectHeadBy(Long.MAX_VALUE);
    try {
      redirect = call.redirect(head);
    } catch (VpcException e) {
      call.fail(e, route);
      refuse(e);
      return;
    }
    if (redirect == null) {
      var decoder = call.engine.decoderFor(call, method(), head);
      if (decoder != null) {
        body.decodeWith(decoder);
      }
      undelivered = new FetchResponse(call, this, head, body, decoder != null);
    }
  }

  @Override
  public void onData(ByteBuf octets) {
    if (redirect == null) {
      body.put(octets);
      return;
    }
    redirectOctets += octets.readableBytes();
    consumed(octets.readableBytes());
    octets.release();
    if (redirectOctets > MAX_REDIRECT_BODY_OCTETS) {
      refuse(Call.internal(new IllegalStateException("a redirect's body is not read to its end")));
    }
  }

  @Override
  public void onEnd(Headers trailers) {
    over = true;
    if (redirect == null) {
      body.end(trailers);
      call.exchangeOver();
    }
  }

  @Override
  public void onUpgrade(ResponseHead head, Channel channel, ByteBuf rest) {
    over = true;
    var handshake = webSocket;
    try {
      if (handshake == null) {
        throw Call.internal(new IllegalStateException("an upgrade nobody asked for"));
      }
      handshake.check(head.headers());
    } catch (VpcException e) {
      rest.release();
      channel.close();
      call.fail(e, route);
      return;
    }
    body.end(Headers.empty());
    undelivered = new FetchResponse(call, this, head, body, false);
    undelivered.upgraded(handshake, EarlyOctets.keep(channel, rest));
    call.exchangeOver();
  }

  @Override
  public void onFailure(VpcException failure, Again again) {
    over = true;
    if (undelivered != null || delivered) {
      var placed = call.place(failure, route);
      call.engine.counters().failed(placed.code());
      body.fail(placed);
      call.exchangeOver();
    } else if (redirect == null && !call.sendAgain(again)) {
      call.fail(failure, route);
    }
  }

  @Override
  public void onReadComplete() {
    var response = undelivered;
    if (response != null) {
      undelivered = null;
      delivered = true;
      response.watch();
      if (!call.complete(response)) {
        response.close();
      }
    } else if (delivered) {
      body.wake();
    } else if (over && redirect != null) {
      var next = redirect;
      redirect = null;
      call.follow(next);
    }
  }

  /** Wants no more of this response. */
  private void refuse(VpcException why) {
    body.discard();
    cancel(why);
  }

  // ---- the body's source

  @Override
  public void consumed(int octets) {
    var connection = pooled;
    if (connection != null && octets > 0) {
      connection.http().consumed(this, octets);
    }
  }

  @Override
  public void cancel(VpcException why) {
    var connection = pooled;
    if (connection != null) {
      connection.http().cancel(this, why);
    }
  }
}

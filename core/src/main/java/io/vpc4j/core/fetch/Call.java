package io.vpc4j.core.fetch;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.Request.Http;
import io.vpc4j.Response;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.Redirects.Step;
import io.vpc4j.core.fetch.body.Uploads;
import io.vpc4j.core.fetch.exchange.Exchange.Again;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import io.vpc4j.core.fetch.exchange.Upload;
import io.vpc4j.core.fetch.exchange.WebSockets;
import io.vpc4j.core.fetch.pool.PoolKey;
import io.vpc4j.core.routing.Route;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One fetch, from the call to the head of its response: one {@link Attempt}, or several where there
 * are redirects or a stale connection.
 *
 * <p>Goes on whichever thread brings the news: the caller's at first, the event loop's later. What
 * it comes to is set once; who waits for it is told by unparking, or on the application's executor.
 */
final class Call {

  // RFC 9110 9.2.2, and the safe ones among WebDAV's
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH");

  private static final VarHandle OUTCOME;

  static {
    try {
      OUTCOME = MethodHandles.lookup().findVarHandle(Call.class, "outcome", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final FetchEngine engine;
  private final Request request;
  private final long startNs;
  private final long deadlineNs;
  private final long headByNs;
  private @Nullable Thread waiter;
  private @Nullable Future future;

  private Step step;
  private @Nullable List<Url> chain; // once there was a redirect
  private boolean retried;
  private volatile @Nullable Attempt attempt;
  private volatile @Nullable VpcException aborted;

  @SuppressWarnings("unused") // through OUTCOME
  private volatile @Nullable Object outcome; // a FetchResponse or a VpcException

  private @Nullable Runnable stopListening;

  Call(FetchEngine engine, Request request) {
    this.engine = engine;
    this.request = request;
    startNs = engine.ticker().nowNs();
    var deadline = request.deadline();
    deadlineNs = deadline.isPresent() ? startNs + deadline.get().toNanos() : Long.MAX_VALUE;
    var head = request.responseTimeout();
    headByNs = head.isPresent() ? startNs + head.get().toNanos() : Long.MAX_VALUE;
    step = new Step(request.method(), request.url(), request.headers(), bodyOf(request));
  }

  private static @Nullable Body bodyOf(Request request) {
    return request.body().orElse(null);
  }

  // ---- the two ways of waiting

  /** Sends and parks the caller. */
  Response await() throws VpcException {
    waiter = Thread.currentThread();
    listenForAbort();
    send(false);
    while (outcome == null) {
      LockSupport.park(this);
      if (Thread.currentThread().isInterrupted()) {
        abort("The thread was interrupted while it waited for the response.");
      }
    }
    if (outcome instanceof FetchResponse response) {
      return response;
    }
    var failure = (VpcException) outcome;
    failure.fillInStackTrace(); // the caller's stack, not the loop's
    throw failure;
  }

  /** Sends and returns at once. */
  CompletableFuture<Response> begin() {
    var promised = new Future(this);
    future = promised;
    listenForAbort();
    if (Uploads.mayBlock(step.body())) {
      onBlocking();
    } else {
      send(false);
    }
    return promised;
  }

  private void onBlocking() {
    try {
      engine.parts().blocking().execute(() -> send(false));
    } catch (RejectedExecutionException e) {
      fail(internal(e), null);
    }
  }

  /** A future whose cancellation reaches the exchange. */
  static final class Future extends CompletableFuture<Response> {
    private final Call call;

    Future(Call call) {
      this.call = call;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      var cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled) {
        call.abort("The future was cancelled.");
      }
      return cancelled;
    }
  }

  // ---- the way of a request

  /**
   * The list of this package's documentation, as far as it runs on one thread: route, pool, and
   * then either the exchange or a dial, which comes back through {@link Attempt}.
   */
  private void send(boolean fresh) {
    var asked = step;
    Route route = null;
    Upload upload = null;
    try {
      route = engine.routes().fetch(asked.url());
      var body = asked.body();
      var webSocket = isWebSocket(asked) ? handshake(asked) : null;
      var headers = webSocket == null ? headersOf(asked) : webSocket.fields();
      upload = body == null ? null : engine.uploads().upload(body);
      var next = new Attempt(this, route, asked, headers, upload, webSocket, deadlineNs);
      attempt = next;
      if (aborted != null) {
        next.release();
        return;
      }
      var wish = webSocket == null ? request.http() : Http.HTTP_1_1;
      var key = PoolKey.of(route, asked.url(), wish);
      var pooled = fresh ? null : engine.pool().poll(key);
      if (pooled != null) {
        next.onConnection(pooled);
      } else {
        next.waitIn(engine.pool(), key, route, fresh);
      }
    } catch (VpcException e) {
      fail(e, route);
    } catch (RuntimeException e) {
      fail(internal(e), route);
    }
  }

  private static boolean isWebSocket(Step step) {
    for (int i = 0, size = step.headers().size(); i < size; i++) {
      if (step.headers().name(i).equalsIgnoreCase("upgrade")
          && step.headers().value(i).equalsIgnoreCase("websocket")) {
        return true;
      }
    }
    return false;
  }

  private WebSockets.Handshake handshake(Step step) throws VpcException {
    if (!step.method().equals("GET")) {
      throw new VpcException(
          ErrorCode.HTTP_REQUEST_ERROR,
          Stage.REQUEST,
          "A WebSocket is opened with GET, not with " + step.method() + "."); // RFC 6455 4.1
    }
    return engine.parts().protocols().webSockets().begin(step.headers());
  }

  /** The body's media type goes with it if the application names none. */
  private static io.vpc4j.Headers headersOf(Step step) {
    var body = step.body();
    if (body == null || body.contentType().isEmpty() || step.headers().has("content-type")) {
      return step.headers();
    }
    return step.headers().toBuilder().add("Content-Type", body.contentType()).build();
  }

  // ---- news from the attempt

  /** What follows if the response with this head is a redirect; null if it is the answer. */
  @Nullable Step redirect(ResponseHead head) throws VpcException {
    var status = head.status();
    if (status < 301 || status > 308) {
      return null;
    }
    var asked = chain == null ? List.of(step.url()) : chain;
    return Redirects.next(
        step, status, head.headers(), request.redirect(), Request.MAX_REDIRECTS, asked);
  }

  /** The redirect's response is over: on to the next. */
  void follow(Step next) {
    engine.counters().redirects.increment();
    if (chain == null) {
      chain = new ArrayList<>(List.of(step.url()));
    }
    chain.add(next.url());
    step = next;
    retried = false;
    if (Uploads.mayBlock(next.body())) {
      onBlocking();
    } else {
      send(false);
    }
  }

  /** Sends the request again if that is allowed; false if not. */
  boolean sendAgain(Again again) {
    var body = step.body();
    if (again == Again.NEVER
        || retried
        || outcome != null
        || (body != null && !body.replayable())
        || (again == Again.IF_IDEMPOTENT && !IDEMPOTENT.contains(step.method()))) {
      return false;
    }
    retried = true;
    engine.counters().retries.increment();
    if (Uploads.mayBlock(body)) {
      onBlocking();
    } else {
      send(true);
    }
    return true;
  }

  /** When the head of the response is to be there; {@link Long#MAX_VALUE} for no bound. */
  long headByNs() {
    return headByNs;
  }

  /** When a connection asked for now is to be there; {@link Long#MAX_VALUE} for no bound. */
  long connectByNs() {
    var timeout = request.connectTimeout();
    return timeout.isPresent() ? engine.ticker().nowNs() + timeout.get().toNanos() : Long.MAX_VALUE;
  }

  Request.ContentDecoding decoding() {
    return request.decoding();
  }

  boolean redirected() {
    return chain != null;
  }

  /** There is a response; false if nobody wants it any more. */
  boolean complete(FetchResponse response) {
    if (!settle(response)) {
      return false;
    }
    var promised = future;
    if (promised == null) {
      LockSupport.unpark(waiter);
    } else {
      onApplication(
          () -> {
            if (!promised.complete(response)) {
              response.close(); // it was cancelled in between
            }
          });
    }
    return true;
  }

  /** There will be no response. */
  void fail(VpcException why, @Nullable Route route) {
    var placed = place(why, route);
    if (!settle(placed)) {
      return;
    }
    engine.counters().failed(placed.code());
    exchangeOver();
    var promised = future;
    if (promised == null) {
      LockSupport.unpark(waiter);
    } else {
      onApplication(() -> promised.completeExceptionally(placed));
    }
  }

  private boolean settle(Object result) {
    return OUTCOME.compareAndSet(this, null, result);
  }

  private void onApplication(Runnable completion) {
    try {
      engine.parts().application().execute(completion);
    } catch (RejectedExecutionException e) {
      ForkJoinPool.commonPool()
          .execute(completion); // late is better than never, and not on the loop
    }
  }

  VpcException place(VpcException why, @Nullable Route route) {
    var url = step.url();
    return why.at(
        url.host() + ":" + url.port(),
        route == null ? null : route.hop().toString(),
        Duration.ofNanos(Math.max(1, engine.ticker().nowNs() - startNs)));
  }

  // ---- abort

  private void listenForAbort() {
    var signal = request.signal();
    if (signal.isPresent()) {
      stopListening = signal.get().onAbort(() -> abort("The operation was aborted."));
      if (outcome != null) {
        exchangeOver();
      }
    }
  }

  /** The exchange is over, body and all: the signal has no more to stop. */
  void exchangeOver() {
    var stop = stopListening;
    if (stop != null) {
      stop.run();
    }
  }

  /** Whether the exchange must not begin. */
  @Nullable VpcException aborted() {
    return aborted;
  }

  /** Stops it wherever it stands, the body included; any thread. */
  void abort(String message) {
    var why = new VpcException(ErrorCode.REQUEST_ABORTED, Stage.REQUEST, message);
    aborted = why;
    var current = attempt;
    if (current != null) {
      current.abort(why);
    }
    fail(why, current == null ? null : current.route());
  }

  static VpcException internal(Throwable cause) {
    if (cause instanceof CancellationException) {
      return new VpcException(ErrorCode.REQUEST_ABORTED, Stage.REQUEST, "Cancelled.", cause);
    }
    return new VpcException(
        ErrorCode.PROXY_INTERNAL_ERROR, Stage.REQUEST, "The request failed inside vpc4j.", cause);
  }
}

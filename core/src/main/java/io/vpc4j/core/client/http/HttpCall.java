package io.vpc4j.core.client.http;

import io.vpc4j.Body;
import io.vpc4j.Headers;
import io.vpc4j.Request;
import io.vpc4j.Response;
import io.vpc4j.core.net.Ticker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One call of the client: one {@link Hop}, or several where there are redirects and challenges, and
 * the body of the last.
 *
 * <p>Goes on wherever the news comes; handlers and dependents run on the client's executor.
 */
final class HttpCall<T> implements Operations.Operation {

  /** After so many redirects the last is the answer: the JDK's own bound. */
  private static final int MAX_REDIRECTS = 5;

  /** After so many refused answers to a challenge it is a failure: the JDK's own bound. */
  private static final int MAX_CHALLENGES = 3;

  private static final String USER_AGENT = "Java-http-client/" + System.getProperty("java.version");

  private static final Ticker TICKER = Ticker.system();

  private final FetchHttpClient client;
  private final HttpRequest request;
  private final BodyHandler<T> handler;
  private final long endNs;
  private final boolean bounded;
  private final Result result = new Result();
  private volatile @Nullable CompletableFuture<Response> fetching;
  private volatile @Nullable Response reading;
  private volatile @Nullable BodyFeed feed;
  private volatile boolean fed;
  private volatile @Nullable IOException aborted;

  HttpCall(FetchHttpClient client, HttpRequest request, BodyHandler<T> handler) {
    this.client = client;
    this.request = Objects.requireNonNull(request, "request");
    this.handler = Objects.requireNonNull(handler, "responseBodyHandler");
    bounded = request.timeout().isPresent();
    endNs = bounded ? TICKER.nowNs() + request.timeout().get().toNanos() : 0;
  }

  /** What is given to the application; cancelling it ends the exchange wherever it stands. */
  private final class Result extends CompletableFuture<HttpResponse<T>> {
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      var cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled && mayInterruptIfRunning) {
        giveUp();
      }
      return cancelled;
    }

    /** What others derive from this is cancelled for itself. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>();
    }
  }

  CompletableFuture<HttpResponse<T>> begin() {
    var hop = Hop.first(request);
    // A request that cannot be made is the caller's mistake, and said at once.
    var scheme = String.valueOf(hop.uri().getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException("invalid URI scheme " + scheme);
    }
    if (!client.operations().begin(this)) {
      result.completeExceptionally(new IOException("closed"));
      return result;
    }
    result.whenComplete((answer, failure) -> mayBeOver());
    var known = client.logins().get(server(hop.uri()));
    send(known == null || hasOwnAuthorization() ? hop : withKnown(hop, known), null);
    return result;
  }

  private static Hop withKnown(Hop hop, String authorization) {
    return new Hop(hop.uri(), hop.method(), hop.body(), authorization, 0, hop.redirects());
  }

  private boolean hasOwnAuthorization() {
    return request.headers().firstValue("Authorization").isPresent();
  }

  private void giveUp() {
    var under = fetching;
    if (under != null) {
      under.cancel(true);
    }
    var open = reading;
    if (open != null) {
      open.close();
    }
  }

  /** The client is shut down, and does not wait. */
  @Override
  public void abort(IOException why) {
    aborted = why;
    var fedNow = feed;
    if (fedNow != null) {
      fedNow.abort(why);
    }
    giveUp();
    fail(why);
  }

  /** With its future done and its body at an end. */
  private void mayBeOver() {
    if (result.isDone() && (fed || result.isCompletedExceptionally())) {
      client.operations().end(this);
    }
  }

  // ---- a request

  private void send(Hop hop, @Nullable HttpAnswer<T> previous) {
    CompletableFuture<Response> sent;
    try {
      sent = client.fetcher().fetchAsync(asFetched(hop));
    } catch (IOException | RuntimeException e) {
      fail(e);
      return;
    }
    fetching = sent;
    if (result.isCancelled() || aborted != null) {
      sent.cancel(true);
    }
    sent.whenComplete(
        (response, failure) ->
            onRunner(
                () -> {
                  if (response == null) {
                    fail(failure);
                  } else {
                    answered(hop, response, previous);
                  }
                }));
  }

  private Request asFetched(Hop hop) throws IOException {
    var builder =
        Request.builder(hop.uri().toString())
            .rules(Request.Rules.HTTP)
            .method(hop.method())
            .redirect(Request.Redirect.MANUAL)
            .decoding(Request.ContentDecoding.KEEP)
            .headers(fields(hop))
            .http(
                request.version().orElse(client.version()) == Version.HTTP_2
                    ? Request.Http.NEGOTIATE
                    : Request.Http.HTTP_1_1);
    if (hop.body().isPresent()) {
      var body = hop.body().get();
      var length = body.contentLength();
      if (length != 0) {
        builder.body(length < 0 ? Body.of(body) : Body.of(body, length));
      } else if (!hop.method().equals("GET") && !hop.method().equals("HEAD")) {
        builder.body(Body.of(new byte[0]));
      }
    }
    client.connectTimeout().ifPresent(builder::connectTimeout);
    if (bounded) {
      builder.responseTimeout(Duration.ofNanos(Math.max(1, endNs - TICKER.nowNs())));
    }
    return builder.build();
  }

  private Headers fields(Hop hop) throws IOException {
    var fields = Headers.builder();
    fields.add("User-Agent", USER_AGENT);
    var wanted = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
    wanted.putAll(request.headers().map());
    var cookies = client.cookieHandler();
    if (cookies.isPresent()) {
      for (var entry : cookies.get().get(hop.uri(), request.headers().map()).entrySet()) {
        if (!entry.getValue().isEmpty()) {
          // RFC 6265 5.4: one field
          var joined = List.of(String.join("; ", entry.getValue()));
          wanted.merge(entry.getKey(), joined, HttpCall::both);
        }
      }
    }
    if (request.expectContinue() && hop.body().isPresent()) {
      wanted.put("Expect", List.of("100-Continue"));
    }
    if (hop.authorization() != null) {
      wanted.put("Authorization", List.of(hop.authorization()));
    } else if (!server(hop.uri()).equals(server(request.uri()))) {
      wanted.remove("Authorization"); // it was for the server that was asked first
    }
    for (var entry : wanted.entrySet()) {
      if (entry.getKey().equalsIgnoreCase("User-Agent")) {
        fields.remove("User-Agent");
      }
      entry.getValue().forEach(value -> fields.add(entry.getKey(), value));
    }
    return fields.build();
  }

  private static List<String> both(List<String> one, List<String> other) {
    var all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }

  // ---- a response

  private void answered(Hop hop, Response response, @Nullable HttpAnswer<T> previous) {
    reading = response;
    try {
      if (result.isCancelled() || aborted != null) {
        response.close();
        return;
      }
      var head = HttpAnswer.Head.of(hop.uri(), response);
      var cookies = client.cookieHandler();
      if (cookies.isPresent()) {
        cookies.get().put(hop.uri(), head.headers().map());
      }
      var next = next(hop, head);
      if (next == null) {
        read(hop, head, response, previous);
      } else {
        response.close();
        send(next, new HttpAnswer<>(head, requestOf(hop), null, previous));
      }
    } catch (IOException | RuntimeException e) {
      response.close();
      fail(e);
    }
  }

  /** What follows a response with this head; null if it is the answer. */
  private @Nullable Hop next(Hop hop, HttpAnswer.Head head) throws IOException {
    if (head.statusCode() == 401) {
      return challenged(hop, head);
    }
    if (hop.authorization() != null) {
      client.logins().put(server(hop.uri()), hop.authorization());
    }
    return redirected(hop, head);
  }

  private @Nullable Hop challenged(Hop hop, HttpAnswer.Head head) throws IOException {
    var authenticator = client.authenticator();
    if (authenticator.isEmpty() || hasOwnAuthorization()) {
      return null;
    }
    client.logins().forget(server(hop.uri()));
    var values = head.headers().allValues("WWW-Authenticate");
    if (values.isEmpty()) {
      throw new IOException("WWW-Authenticate header missing for response code 401");
    }
    var challenge = Challenge.among(values);
    if (challenge == null) {
      return null; // a scheme that neither we nor the JDK speak
    }
    if (hop.challenges() >= MAX_CHALLENGES) {
      throw new IOException("too many authentication attempts. Limit: " + MAX_CHALLENGES);
    }
    return hop.withAuthorization(challenge.answer(authenticator.get(), hop.uri()));
  }

  private @Nullable Hop redirected(Hop hop, HttpAnswer.Head head) throws IOException {
    var status = head.statusCode();
    var redirect =
        status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    if (!redirect || client.followRedirects() == Redirect.NEVER) {
      return null;
    }
    var location =
        head.headers()
            .firstValue("Location")
            .orElseThrow(() -> new IOException("Invalid redirection"));
    var to = hop.uri().resolve(URI.create(location));
    if (!allowed(hop.uri(), to) || hop.redirects() + 1 >= MAX_REDIRECTS) {
      return null;
    }
    return hop.redirected(to, status);
  }

  private boolean allowed(URI from, URI to) {
    var scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    return client.followRedirects() == Redirect.ALWAYS
        ? scheme.equals("http") || scheme.equals("https")
        : scheme.equals("https") || scheme.equalsIgnoreCase(from.getScheme());
  }

  private void read(
      Hop hop, HttpAnswer.Head head, Response response, @Nullable HttpAnswer<T> previous) {
    var subscriber = handler.apply(head);
    var feeding =
        new BodyFeed(
            subscriber,
            () -> {
              fed = true;
              mayBeOver();
            });
    feed = feeding;
    response.publisher().subscribe(feeding);
    var late = aborted;
    if (late != null) { // meanwhile
      feeding.abort(late);
      response.close();
    }
    var asked = requestOf(hop);
    subscriber
        .getBody()
        .whenComplete(
            (body, failure) -> {
              if (failure != null) {
                response.close();
                fail(failure);
              } else {
                onRunner(() -> result.complete(new HttpAnswer<>(head, asked, body, previous)));
              }
            });
  }

  /** The request as it was sent: the application's own, unless a redirect made another of it. */
  private HttpRequest requestOf(Hop hop) {
    if (hop.redirects() == 0) {
      return request;
    }
    var builder =
        HttpRequest.newBuilder(hop.uri())
            .method(hop.method(), hop.body().orElse(HttpRequest.BodyPublishers.noBody()))
            .expectContinue(request.expectContinue());
    request.headers().map().forEach((name, values) -> values.forEach(v -> builder.header(name, v)));
    request.timeout().ifPresent(builder::timeout);
    request.version().ifPresent(builder::version);
    return builder.build();
  }

  /** By what a server is known: the root of its URLs. */
  private static String server(URI uri) {
    return (uri.getScheme() + "://" + uri.getRawAuthority()).toLowerCase(Locale.ROOT);
  }

  private void fail(Throwable failure) {
    var end = aborted;
    var why = end == null ? HttpFailures.plain(failure) : end;
    onRunner(() -> result.completeExceptionally(why));
  }

  private void onRunner(Runnable news) {
    try {
      client.runner().execute(news);
    } catch (RejectedExecutionException e) {
      news.run(); // its owner has shut the executor down: whoever waits is told all the same
    }
  }
}

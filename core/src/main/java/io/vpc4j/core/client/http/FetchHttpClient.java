package io.vpc4j.core.client.http;

import io.vpc4j.Fetcher;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The client. Holds no connection of its own: those are the binding's, and closing this closes
 * none; it waits for what is under way.
 *
 * <p>Safe for use by many threads.
 */
final class FetchHttpClient extends HttpClient {

  private static final Duration LONG = Duration.ofDays(1);

  private final Fetcher fetcher;
  private final ClientSettings settings;
  private final Executor executor;
  private final LoginCache logins = new LoginCache();
  private final Operations operations = new Operations();

  FetchHttpClient(Fetcher fetcher, ClientSettings settings, Executor application) {
    this.fetcher = fetcher;
    this.settings = settings;
    executor = settings.executor().orElse(application);
  }

  Fetcher fetcher() {
    return fetcher;
  }

  ClientSettings settings() {
    return settings;
  }

  /** Where handlers and dependents run. */
  Executor runner() {
    return executor;
  }

  LoginCache logins() {
    return logins;
  }

  Operations operations() {
    return operations;
  }

  // ---- sending

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    var sending = sendAsync(request, handler);
    try {
      return sending.get();
    } catch (InterruptedException e) {
      sending.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw HttpFailures.rethrown(e.getCause());
    }
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return new HttpCall<>(this, request, handler).begin();
  }

  /** No server of a binding pushes: the engine tells it not to. RFC 9113 6.5.2 */
  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> pushPromiseHandler) {
    return sendAsync(request, handler);
  }

  @Override
  public WebSocket.Builder newWebSocketBuilder() {
    return new WebSocketOpening(this);
  }

  // ---- the end: what HttpClient has from JDK 21 on, so that no @Override can be written on 17

  /** Takes no more requests; those under way go on. */
  public void shutdown() {
    operations.shutdown();
  }

  /** Takes no more requests; those under way fail with an {@link IOException}. */
  public void shutdownNow() {
    operations.shutdownNow();
  }

  /** Whether it was shut down and nothing is under way any more. */
  public boolean isTerminated() {
    return operations.isTerminated();
  }

  /** Waits for {@link #isTerminated}, so long. */
  public boolean awaitTermination(Duration duration) throws InterruptedException {
    return operations.awaitTermination(duration);
  }

  /**
   * Takes no more requests, and waits for those under way, their bodies included; an interrupt ends
   * them. The connections are the binding's, and stay.
   */
  public void close() {
    operations.shutdown();
    var interrupted = false;
    while (!operations.isTerminated()) {
      try {
        operations.awaitTermination(LONG);
      } catch (InterruptedException e) {
        interrupted = true;
        operations.shutdownNow();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- facts

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return settings.cookies();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return settings.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return settings.redirect();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return Optional.empty();
  }

  /** The system's; what is used is the binding's. */
  @Override
  public SSLContext sslContext() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK has a default context", e);
    }
  }

  @Override
  public SSLParameters sslParameters() {
    return sslContext().getDefaultSSLParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return settings.authenticator();
  }

  @Override
  public Version version() {
    return settings.version();
  }

  @Override
  public Optional<Executor> executor() {
    return settings.executor();
  }

  @Override
  public String toString() {
    return "HttpClient[" + fetcher.name() + "]";
  }
}

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
 * none.
 *
 * <p>Safe for use by many threads.
 */
final class FetchHttpClient extends HttpClient {

  private final Fetcher fetcher;
  private final ClientSettings settings;
  private final Executor executor;
  private final LoginCache logins = new LoginCache();

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

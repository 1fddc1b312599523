package io.vpc4j.core.client.http;

import io.vpc4j.Fetcher;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Builds a {@link FetchHttpClient}. Not safe for use by several threads. */
public final class FetchHttpClientBuilder implements HttpClient.Builder {

  private final Fetcher fetcher;
  private final Executor application;
  private ClientSettings settings = ClientSettings.DEFAULTS;

  /**
   * A builder with nothing set.
   *
   * @param application where handlers and dependents run unless the client has an executor
   */
  public FetchHttpClientBuilder(Fetcher fetcher, Executor application) {
    this.fetcher = fetcher;
    this.application = application;
  }

  @Override
  public HttpClient.Builder cookieHandler(CookieHandler cookieHandler) {
    return with(
        Optional.of(cookieHandler),
        settings.connectTimeout(),
        settings.redirect(),
        settings.authenticator());
  }

  @Override
  public HttpClient.Builder connectTimeout(Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("Invalid duration: " + duration);
    }
    return with(
        settings.cookies(), Optional.of(duration), settings.redirect(), settings.authenticator());
  }

  @Override
  public HttpClient.Builder followRedirects(HttpClient.Redirect policy) {
    return with(
        settings.cookies(),
        settings.connectTimeout(),
        Objects.requireNonNull(policy),
        settings.authenticator());
  }

  @Override
  public HttpClient.Builder authenticator(Authenticator authenticator) {
    return with(
        settings.cookies(),
        settings.connectTimeout(),
        settings.redirect(),
        Optional.of(authenticator));
  }

  private HttpClient.Builder with(
      Optional<CookieHandler> cookies,
      Optional<Duration> connectTimeout,
      HttpClient.Redirect redirect,
      Optional<Authenticator> authenticator) {
    settings =
        new ClientSettings(
            cookies,
            connectTimeout,
            redirect,
            authenticator,
            settings.executor(),
            settings.version());
    return this;
  }

  @Override
  public HttpClient.Builder executor(Executor executor) {
    settings =
        new ClientSettings(
            settings.cookies(),
            settings.connectTimeout(),
            settings.redirect(),
            settings.authenticator(),
            Optional.of(executor),
            settings.version());
    return this;
  }

  @Override
  public HttpClient.Builder version(HttpClient.Version version) {
    settings =
        new ClientSettings(
            settings.cookies(),
            settings.connectTimeout(),
            settings.redirect(),
            settings.authenticator(),
            settings.executor(),
            Objects.requireNonNull(version));
    return this;
  }

  /** Checked and not used: requests of one binding do not wait for one another. */
  @Override
  public HttpClient.Builder priority(int priority) {
    if (priority < 1 || priority > 256) {
      throw new IllegalArgumentException("priority must be between 1 and 256");
    }
    return this;
  }

  /**
   * Nothing but the binding leads to its network.
   *
   * @throws UnsupportedOperationException unless it is {@link HttpClient.Builder#NO_PROXY}
   */
  @Override
  @SuppressWarnings("ReferenceEquality") // the one instance
  public HttpClient.Builder proxy(ProxySelector proxySelector) {
    if (Objects.requireNonNull(proxySelector) != NO_PROXY) {
      throw new UnsupportedOperationException("a binding is not reached through a proxy");
    }
    return this;
  }

  /**
   * The directory says how TLS to the binding's destinations is verified.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public HttpClient.Builder sslContext(SSLContext sslContext) {
    throw new UnsupportedOperationException(
        "the binding's tls_settings in the directory decide what is trusted and shown");
  }

  /**
   * As {@link #sslContext}.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public HttpClient.Builder sslParameters(SSLParameters sslParameters) {
    throw new UnsupportedOperationException(
        "the binding's tls_settings in the directory decide how TLS is spoken");
  }

  @Override
  public HttpClient build() {
    return new FetchHttpClient(fetcher, settings, application);
  }
}

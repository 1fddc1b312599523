package io.vpc4j.core.client.http;

import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * What a client was built with.
 *
 * @param cookies asked before and told after each request; empty for no cookies
 * @param connectTimeout for a connection; empty for the binding's own bounds
 * @param redirect what to do with a redirect
 * @param authenticator asked when a server wants credentials; empty to return its answer
 * @param executor where handlers and dependents run; empty for the application's
 * @param version of requests that name none
 */
record ClientSettings(
    Optional<CookieHandler> cookies,
    Optional<Duration> connectTimeout,
    Redirect redirect,
    Optional<Authenticator> authenticator,
    Optional<Executor> executor,
    Version version) {

  /** As {@link java.net.http.HttpClient#newHttpClient}: no cookies, no redirects, HTTP/2. */
  static final ClientSettings DEFAULTS =
      new ClientSettings(
          Optional.empty(),
          Optional.empty(),
          Redirect.NEVER,
          Optional.empty(),
          Optional.empty(),
          Version.HTTP_2);
}

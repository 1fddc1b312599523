package io.vpc4j;

import java.net.URI;
import java.net.http.HttpClient;
import java.util.concurrent.CompletableFuture;
import javax.net.SocketFactory;

/**
 * A binding that can be fetched from: what {@code env.MY_VPC} is to a Worker.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once. The blocking methods park the caller and
 * hold no monitor, so they suit virtual threads; they must not be called from an event loop of this
 * library. Futures complete on the executor given to {@link Vpc.Builder#executor}.
 *
 * <p><b>Failure.</b> When no response can be had, a {@link VpcException} says why. A response of
 * any status, 5xx included, is a response.
 */
public interface Fetcher {

  /** The binding's name, as the configuration has it. */
  String name();

  /**
   * Sends a request and waits for the head of its response.
   *
   * @throws VpcException if there is no response
   */
  Response fetch(Request request) throws VpcException;

  /**
   * GETs {@code url}.
   *
   * @param url absolute, http or https
   * @throws IllegalArgumentException if {@code url} is not; see {@link Url#parse}
   * @throws VpcException if there is no response
   */
  default Response fetch(String url) throws VpcException {
    return fetch(Request.get(url));
  }

  /** GETs {@code uri}, as {@link #fetch(String)}. */
  default Response fetch(URI uri) throws VpcException {
    return fetch(uri.toString());
  }

  /**
   * Sends a request. The future completes with the head of its response or fails with a {@link
   * VpcException}; cancelling it aborts the exchange wherever it stands and frees its connection.
   */
  CompletableFuture<Response> fetchAsync(Request request);

  /** GETs {@code url}, as {@link #fetchAsync(Request)}. */
  default CompletableFuture<Response> fetchAsync(String url) {
    return fetchAsync(Request.get(url));
  }

  /** GETs {@code uri}, as {@link #fetchAsync(Request)}. */
  default CompletableFuture<Response> fetchAsync(URI uri) {
    return fetchAsync(uri.toString());
  }

  /**
   * Says what a fetch of {@code url} would do, without dialling: route, hop, transport, resolver,
   * policy and TLS.
   *
   * @throws IllegalArgumentException if {@code url} is not an absolute http or https URL
   */
  Explanation explain(String url);

  /**
   * Makes sockets that connect through this binding, for whatever takes a {@link SocketFactory}.
   *
   * <p>{@link SocketFactory#createSocket()} gives an unconnected one. It connects to the name that
   * its address carries ({@link java.net.InetSocketAddress#getHostString}), resolved or not: names
   * are resolved at the far end. For a service binding the address is ignored: the record decides.
   * Failures are those of a plain socket, such as {@link java.net.ConnectException} and {@link
   * java.net.UnknownHostException}, with the {@link VpcException} as their cause. Without a
   * time-out of its own a connect takes at most 30 s.
   */
  SocketFactory socketFactory();

  /**
   * A client with the defaults of {@link HttpClient#newHttpClient}; see {@link #httpClientBuilder}.
   */
  default HttpClient httpClient() {
    return httpClientBuilder().build();
  }

  /**
   * Builds the JDK's kind of client over this binding, for whatever takes an {@link HttpClient}:
   * all body handlers and publishers, redirects by policy, cookies, credentials, time-outs,
   * WebSockets.
   *
   * <p>It behaves as the JDK's own does. What differs: it has no connections of its own, they are
   * the binding's, and {@code close} (JDK 21 and later) waits for exchanges and closes none; TLS is
   * what the directory says, so {@code sslContext} and {@code sslParameters} are {@link
   * UnsupportedOperationException}s, as is a proxy; {@link java.net.http.HttpResponse#sslSession}
   * is empty; servers push nothing; HTTP/2 is spoken over TLS alone.
   *
   * <p>Handlers and dependents run on the client's executor, without one on that of {@link
   * Vpc.Builder#executor}. Failures are the JDK's exceptions with the {@link VpcException} as their
   * cause.
   */
  HttpClient.Builder httpClientBuilder();
}

package io.vpc4j.core.client.http;

import io.vpc4j.Response;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A response with its body.
 *
 * @param nullableBody null for the response that led to another one
 * @param previous the response that led to this one; null if none did
 */
record HttpAnswer<T>(
    Head head, HttpRequest request, @Nullable T nullableBody, @Nullable HttpAnswer<T> previous)
    implements HttpResponse<T> {

  /**
   * What is known before the body.
   *
   * @param uri that answered
   */
  record Head(int statusCode, HttpHeaders headers, Version version, URI uri)
      implements HttpResponse.ResponseInfo {

    /** Of our response, which answered at {@code uri}. */
    static Head of(URI uri, Response response) {
      var map = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
      var headers = response.headers();
      for (var i = 0; i < headers.size(); i++) {
        map.computeIfAbsent(headers.name(i), name -> new ArrayList<>()).add(headers.value(i));
      }
      return new Head(
          response.status(),
          HttpHeaders.of(map, (name, value) -> true),
          response.version().equals("HTTP/2") ? Version.HTTP_2 : Version.HTTP_1_1,
          uri);
    }
  }

  @Override
  public int statusCode() {
    return head.statusCode();
  }

  @Override
  public Optional<HttpResponse<T>> previousResponse() {
    return Optional.ofNullable(previous);
  }

  @Override
  public HttpHeaders headers() {
    return head.headers();
  }

  @Override
  @SuppressWarnings("NullAway") // null as the JDK has it
  public T body() {
    return nullableBody;
  }

  /** Empty: the connection is the binding's. */
  @Override
  public Optional<SSLSession> sslSession() {
    return Optional.empty();
  }

  @Override
  public URI uri() {
    return head.uri();
  }

  @Override
  public Version version() {
    return head.version();
  }

  @Override
  public String toString() {
    return "(" + request.method() + " " + uri() + ") " + statusCode();
  }
}

package io.vpc4j;

import io.vpc4j.AbortController.AbortSignal;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to fetch. Immutable, and reusable if its body is {@linkplain Body#replayable replayable}.
 *
 * <p>Rules are the Fetch standard's as the hosted product has them: the URL is absolute http or
 * https, the method one the runtime knows, GET and HEAD have no body. {@link Rules#HTTP} is for
 * servers that want more of HTTP than that.
 */
public final class Request {

  /** What to do with a 301, 302, 303, 307 or 308. */
  public enum Redirect {
    /** Follow, at most {@link #MAX_REDIRECTS} times. */
    FOLLOW,
    /** Return the response as it is. */
    MANUAL,
    /** Fail with {@link ErrorCode#REDIRECT_FAILED}. */
    ERROR
  }

  /** What to do with a response whose Content-Encoding we can read. */
  public enum ContentDecoding {
    /** Give the decoded octets, without the Content-Encoding and Content-Length fields. */
    DECODE,
    /** Give the octets and the fields as they came. */
    KEEP
  }

  /** Which HTTP to speak. */
  public enum Http {
    /** HTTP/2 if TLS negotiates it, else HTTP/1.1. */
    NEGOTIATE,
    /** HTTP/1.1 only. */
    HTTP_1_1,
    /** HTTP/2 only; over plain http with prior knowledge, RFC 9113 3.3. */
    HTTP_2
  }

  /** What a method and a body may be. */
  public enum Rules {
    /**
     * What the hosted product allows: methods that it knows, in upper case; no body with GET or
     * HEAD.
     */
    FETCH,
    /**
     * What HTTP allows: any method that is a token (RFC 9110 9.1) but CONNECT, as it is written; a
     * body with any method. Whether a body means something to the server with this method is
     * between the two (RFC 9110 9.3.1); with TRACE there must be none (9.3.8), which is the
     * program's to keep.
     */
    HTTP
  }

  /** How many redirects are followed before it is an error. */
  public static final int MAX_REDIRECTS = 20;

  // What the runtime's own parser knows; anything else is a TypeError there.
  private static final Set<String> METHODS =
      Set.of(
          "GET",
          "HEAD",
          "POST",
          "PUT",
          "DELETE",
          "OPTIONS",
          "TRACE",
          "PATCH",
          "COPY",
          "LOCK",
          "MKCOL",
          "MOVE",
          "PROPFIND",
          "PROPPATCH",
          "SEARCH",
          "UNLOCK",
          "ACL",
          "REPORT",
          "MKACTIVITY",
          "CHECKOUT",
          "MERGE",
          "MSEARCH",
          "NOTIFY",
          "SUBSCRIBE",
          "UNSUBSCRIBE",
          "PURGE",
          "MKCALENDAR",
          "LINK",
          "UNLINK",
          "BAN");

  private final String method;
  private final Url url;
  private final Headers headers;
  private final @Nullable Body body;
  private final Redirect redirect;
  private final ContentDecoding decoding;
  private final Http http;
  private final @Nullable Duration deadline;
  private final @Nullable Duration connectTimeout;
  private final @Nullable Duration responseTimeout;
  private final @Nullable AbortSignal signal;

  private Request(Builder builder) {
    method = builder.method;
    url = builder.url;
    headers = builder.headers.build();
    body = builder.body;
    redirect = builder.redirect;
    decoding = builder.decoding;
    http = builder.http;
    deadline = builder.deadline;
    connectTimeout = builder.connectTimeout;
    responseTimeout = builder.responseTimeout;
    signal = builder.signal;
  }

  /**
   * A GET without header or body.
   *
   * @throws IllegalArgumentException if {@code url} is not an absolute http or https URL
   */
  public static Request get(String url) {
    return builder(url).build();
  }

  /**
   * A request to {@code url}; a GET until told otherwise.
   *
   * @throws IllegalArgumentException if {@code url} is not an absolute http or https URL
   */
  public static Builder builder(String url) {
    return builder(Url.parse(url));
  }

  /** As {@link #builder(String)}. */
  public static Builder builder(Url url) {
    return new Builder(url);
  }

  /** A builder that begins as this request. */
  public Builder toBuilder() {
    var builder = new Builder(url);
    builder.method = method;
    builder.headers = headers.toBuilder();
    builder.body = body;
    builder.redirect = redirect;
    builder.decoding = decoding;
    builder.http = http;
    builder.deadline = deadline;
    builder.connectTimeout = connectTimeout;
    builder.responseTimeout = responseTimeout;
    builder.signal = signal;
    return builder;
  }

  /** The method, in upper case. */
  public String method() {
    return method;
  }

  /** Where to. */
  public Url url() {
    return url;
  }

  /** The fields to send. */
  public Headers headers() {
    return headers;
  }

  /** What to send; empty for none. */
  public Optional<Body> body() {
    return Optional.ofNullable(body);
  }

  /** What to do with a redirect. Default: {@link Redirect#FOLLOW}. */
  public Redirect redirect() {
    return redirect;
  }

  /** What to do with a Content-Encoding. Default: {@link ContentDecoding#DECODE}. */
  public ContentDecoding decoding() {
    return decoding;
  }

  /** Which HTTP to speak. Default: {@link Http#NEGOTIATE}. */
  public Http http() {
    return http;
  }

  /** From the call of {@code fetch} to the last octet of the response; empty for no bound. */
  public Optional<Duration> deadline() {
    return Optional.ofNullable(deadline);
  }

  /** Until there is a connection; empty for the bounds of {@link Limits} alone. */
  public Optional<Duration> connectTimeout() {
    return Optional.ofNullable(connectTimeout);
  }

  /** From the call of {@code fetch} to the head of the response; empty for no bound. */
  public Optional<Duration> responseTimeout() {
    return Optional.ofNullable(responseTimeout);
  }

  /** What may abort it. */
  public Optional<AbortSignal> signal() {
    return Optional.ofNullable(signal);
  }

  @Override
  public String toString() {
    return method + " " + url;
  }

  /** Collects a request. Not safe for use by several threads. */
  public static final class Builder {

    private final Url url;
    private Rules rules = Rules.FETCH;
    private String method = "GET";
    private Headers.Builder headers = Headers.builder();
    private @Nullable Body body;
    private Redirect redirect = Redirect.FOLLOW;
    private ContentDecoding decoding = ContentDecoding.DECODE;
    private Http http = Http.NEGOTIATE;
    private @Nullable Duration deadline;
    private @Nullable Duration connectTimeout;
    private @Nullable Duration responseTimeout;
    private @Nullable AbortSignal signal;

    private Builder(Url url) {
      this.url = url;
    }

    /** What a method, from the next one on, and a body may be; {@link Rules#FETCH} by default. */
    public Builder rules(Rules rules) {
      this.rules = rules;
      return this;
    }

    /**
     * The method; upper-cased by {@link Rules#FETCH}.
     *
     * @throws IllegalArgumentException {@code Invalid HTTP method string: FOO}, for CONNECT and for
     *     what the {@linkplain #rules rules} do not allow
     */
    public Builder method(String method) {
      var named = rules == Rules.FETCH ? method.toUpperCase(Locale.ROOT) : method;
      if (rules == Rules.FETCH ? !METHODS.contains(named) : !isMethod(named)) {
        throw new IllegalArgumentException("Invalid HTTP method string: " + method);
      }
      this.method = named;
      return this;
    }

    private static boolean isMethod(String name) {
      return !name.isEmpty()
          && !name.equals("CONNECT")
          && name.chars().allMatch(c -> isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    private static boolean isLetterOrDigit(int c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    /** POST with this body. */
    public Builder post(Body body) {
      return method("POST").body(body);
    }

    /** PUT with this body. */
    public Builder put(Body body) {
      return method("PUT").body(body);
    }

    /** Adds a field, as {@link Headers.Builder#add}. */
    public Builder header(String name, String value) {
      headers.add(name, value);
      return this;
    }

    /** Replaces all fields. */
    public Builder headers(Headers headers) {
      this.headers = headers.toBuilder();
      return this;
    }

    /** What to send; null for none. */
    public Builder body(@Nullable Body body) {
      this.body = body;
      return this;
    }

    /** What to do with a redirect. */
    public Builder redirect(Redirect redirect) {
      this.redirect = redirect;
      return this;
    }

    /** What to do with a Content-Encoding. */
    public Builder decoding(ContentDecoding decoding) {
      this.decoding = decoding;
      return this;
    }

    /** Which HTTP to speak. */
    public Builder http(Http http) {
      this.http = http;
      return this;
    }

    /**
     * From the call of {@code fetch} to the last octet of the response; positive.
     *
     * <p>When it passes, the exchange fails with {@link ErrorCode#REQUEST_TIMEOUT}, wherever it
     * stands.
     */
    public Builder deadline(Duration deadline) {
      this.deadline = positive("deadline", deadline);
      return this;
    }

    /**
     * Until there is a connection, from the pool or a new one, TLS included; positive. Anew for
     * each redirect.
     *
     * <p>When it passes, the exchange fails with {@link ErrorCode#REQUEST_TIMEOUT} at stage {@link
     * VpcException.Stage#CONNECT}.
     */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = positive("connectTimeout", connectTimeout);
      return this;
    }

    /**
     * From the call of {@code fetch} to the head of the response, redirects included; positive. Its
     * body may take as long as it likes.
     *
     * <p>When it passes, the exchange fails with {@link ErrorCode#REQUEST_TIMEOUT}.
     */
    public Builder responseTimeout(Duration responseTimeout) {
      this.responseTimeout = positive("responseTimeout", responseTimeout);
      return this;
    }

    private static Duration positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + " must be positive, not " + value);
      }
      return value;
    }

    /** What may abort it, with {@link ErrorCode#REQUEST_ABORTED}. */
    public Builder signal(AbortSignal signal) {
      this.signal = signal;
      return this;
    }

    /**
     * The request.
     *
     * @throws IllegalArgumentException if a GET or HEAD has a body, by {@link Rules#FETCH}
     */
    public Request build() {
      if (rules == Rules.FETCH && body != null && (method.equals("GET") || method.equals("HEAD"))) {
        throw new IllegalArgumentException("Request with a GET or HEAD method cannot have a body.");
      }
      return new Request(this);
    }
  }
}

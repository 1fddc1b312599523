package io.vpc4j;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Why a request did not get its answer: the hosted product's words (RFC 9209, section 2.3, and two
 * more), and a few of our own for what the product reports in other ways.
 *
 * <p>{@link #toString} is the word on the wire, such as {@code connection_refused}.
 */
public enum ErrorCode {
  // ---- the hosted product's list
  /** The destination answered the connection with a reset. RFC 9209 2.3.10 */
  CONNECTION_REFUSED("connection_refused", Blame.UPSTREAM, true),
  /** The connection ended before a response began. RFC 9209 2.3.11 */
  CONNECTION_TERMINATED("connection_terminated", Blame.UPSTREAM, true),
  /** The destination did not accept the connection in time. RFC 9209 2.3.9 */
  CONNECTION_TIMEOUT("connection_timeout", Blame.UPSTREAM, true),
  /** A bound on connections or on waiters is reached. RFC 9209 2.3.14 */
  CONNECTION_LIMIT_REACHED("connection_limit_reached", Blame.UPSTREAM, true),
  /** The hop that owns the destination is known and not there. RFC 9209 2.3.4 */
  DESTINATION_UNAVAILABLE("destination_unavailable", Blame.UPSTREAM, true),
  /** No route leads to the destination. RFC 9209 2.3.3 */
  DESTINATION_NOT_FOUND("destination_not_found", Blame.UPSTREAM, false),
  /** The policy forbids the address. RFC 9209 2.3.5 */
  DESTINATION_IP_PROHIBITED("destination_ip_prohibited", Blame.UPSTREAM, false),
  /** The far network has no way to the address. RFC 9209 2.3.6 */
  DESTINATION_IP_UNROUTABLE("destination_ip_unroutable", Blame.UPSTREAM, false),
  /** The request came round to where it had been. RFC 9209 2.3.31 */
  PROXY_LOOP_DETECTED("proxy_loop_detected", Blame.UPSTREAM, false),
  /** The name does not resolve: NXDOMAIN, SERVFAIL and the like. RFC 9209 2.3.2 */
  DNS_ERROR("dns_error", Blame.UPSTREAM, false),
  /** The resolver did not answer in time. RFC 9209 2.3.1 */
  DNS_TIMEOUT("dns_timeout", Blame.UPSTREAM, true),
  /** The TLS handshake failed for another reason than the certificate. RFC 9209 2.3.16 */
  TLS_PROTOCOL_ERROR("tls_protocol_error", Blame.UPSTREAM, false),
  /** The certificate was not accepted. RFC 9209 2.3.17 */
  TLS_CERTIFICATE_ERROR("tls_certificate_error", Blame.UPSTREAM, false),
  /** The request could not be sent as it is; its body failed, for one. RFC 9209 2.3.19 */
  HTTP_REQUEST_ERROR("http_request_error", Blame.UPSTREAM, false),
  /** The upgrade was answered wrongly. RFC 9209 2.3.29 */
  HTTP_UPGRADE_FAILED("http_upgrade_failed", Blame.UPSTREAM, false),
  /** The policy or the service's record forbids the request. RFC 9209 2.3.20 */
  HTTP_REQUEST_DENIED("http_request_denied", Blame.UPSTREAM, false),
  /** The response is not HTTP. RFC 9209 2.3.30 */
  HTTP_PROTOCOL_ERROR("http_protocol_error", Blame.UPSTREAM, false),
  /** The response was cut short. RFC 9209 2.3.21 */
  HTTP_RESPONSE_INCOMPLETE("http_response_incomplete", Blame.UPSTREAM, true),
  /** Connected, and nothing came in time. RFC 9209 2.3.12 */
  CONNECTION_READ_TIMEOUT("connection_read_timeout", Blame.CLIENT, true),
  /** Connected, and nothing could be written in time. RFC 9209 2.3.13 */
  CONNECTION_WRITE_TIMEOUT("connection_write_timeout", Blame.CLIENT, true),
  /** More requests than the limit allows. The product's own word. */
  RATE_LIMITED("rate_limited", Blame.CLIENT, true),
  /** A fault of this library or of a transport. RFC 9209 2.3.32 */
  PROXY_INTERNAL_ERROR("proxy_internal_error", Blame.INTERNAL, false),

  // ---- ours: what the product reports as a TypeError, an AbortError, or not at all
  /** The application aborted the request, or cancelled its future. */
  REQUEST_ABORTED("request_aborted", Blame.CLIENT, false),
  /** The request's own deadline passed before its response was complete. */
  REQUEST_TIMEOUT("request_timeout", Blame.CLIENT, true),
  /** More than 20 redirects, one in mode "error", or one whose Location cannot be followed. */
  REDIRECT_FAILED("redirect_failed", Blame.UPSTREAM, false),
  /** A body that was asked for whole is larger than {@link Limits#maxBufferedBodyOctets}. */
  RESPONSE_TOO_LARGE("response_too_large", Blame.CLIENT, false),
  /** A configuration file cannot be read or says something wrong. */
  CONFIGURATION_ERROR("configuration_error", Blame.CLIENT, false);

  /** Who can mend it: the three families of the product's metrics. */
  public enum Blame {
    /** The far end, or the network before it. */
    UPSTREAM,
    /** The caller. */
    CLIENT,
    /** This library. */
    INTERNAL
  }

  private static final Map<String, ErrorCode> BY_WORD =
      Arrays.stream(values()).collect(Collectors.toMap(ErrorCode::toString, Function.identity()));

  private final String word;
  private final Blame blame;
  private final boolean transientFault;

  ErrorCode(String word, Blame blame, boolean transientFault) {
    this.word = word;
    this.blame = blame;
    this.transientFault = transientFault;
  }

  /**
   * The code with that word.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ErrorCode of(String word) {
    var code = BY_WORD.get(word);
    if (code == null) {
      throw new IllegalArgumentException("no such error code: " + word);
    }
    return code;
  }

  /** Who can mend it. */
  public Blame blame() {
    return blame;
  }

  /** Whether the same request may well succeed a little later. */
  public boolean retryMayHelp() {
    return transientFault;
  }

  /** The word on the wire, such as {@code connection_refused}. */
  @Override
  public String toString() {
    return word;
  }
}

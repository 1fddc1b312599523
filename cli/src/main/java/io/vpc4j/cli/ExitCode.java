package io.vpc4j.cli;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import java.net.SocketException;

/** What a command ends with: curl's numbers, so that scripts written for curl go on working. */
final class ExitCode {

  static final int OK = 0;

  /** {@code check} found an error. */
  static final int CHECK_FAILED = 1;

  /** What was asked for cannot be done to what there is: no such thing, or still in use. */
  static final int REFUSED = 1;

  /** {@code mesh ping} had no answer. */
  static final int NOTHING_CAME_BACK = 1;

  /** The command line, or a configuration file, cannot be used. */
  static final int USAGE = 2;

  static final int BAD_URL = 3;
  static final int COULD_NOT_RESOLVE = 6;
  static final int COULD_NOT_CONNECT = 7;
  static final int WEIRD_REPLY = 8;
  static final int DENIED = 9;
  static final int PARTIAL = 18;
  static final int HTTP_ERROR = 22;
  static final int WRITE_ERROR = 23;
  static final int READ_ERROR = 26;
  static final int TIMED_OUT = 28;
  static final int TLS_FAILED = 35;
  static final int TOO_MANY_REDIRECTS = 47;
  static final int EMPTY_REPLY = 52;
  static final int SEND_ERROR = 55;
  static final int RECEIVE_ERROR = 56;
  static final int BAD_CERTIFICATE = 60;

  /** A fault of this program; not one of curl's. */
  static final int INTERNAL = 70;

  private ExitCode() {}

  static int of(VpcException e) {
    if (e.code() == ErrorCode.HTTP_RESPONSE_INCOMPLETE) {
      return e.getCause() instanceof SocketException ? RECEIVE_ERROR : PARTIAL;
    }
    return switch (e.code()) {
      case DNS_ERROR -> COULD_NOT_RESOLVE;
      case CONNECTION_REFUSED,
          CONNECTION_LIMIT_REACHED,
          DESTINATION_UNAVAILABLE,
          DESTINATION_NOT_FOUND,
          DESTINATION_IP_UNROUTABLE,
          PROXY_LOOP_DETECTED,
          RATE_LIMITED ->
          COULD_NOT_CONNECT;
      case DESTINATION_IP_PROHIBITED, HTTP_REQUEST_DENIED -> DENIED;
      case CONNECTION_TIMEOUT,
          CONNECTION_READ_TIMEOUT,
          CONNECTION_WRITE_TIMEOUT,
          DNS_TIMEOUT,
          REQUEST_TIMEOUT ->
          TIMED_OUT;
      case TLS_PROTOCOL_ERROR -> TLS_FAILED;
      case TLS_CERTIFICATE_ERROR -> BAD_CERTIFICATE;
      case CONNECTION_TERMINATED -> EMPTY_REPLY;
      case HTTP_REQUEST_ERROR -> SEND_ERROR;
      case HTTP_PROTOCOL_ERROR, HTTP_UPGRADE_FAILED -> WEIRD_REPLY;
      case REDIRECT_FAILED -> TOO_MANY_REDIRECTS;
      case RESPONSE_TOO_LARGE, REQUEST_ABORTED -> RECEIVE_ERROR;
      case CONFIGURATION_ERROR -> USAGE;
      case PROXY_INTERNAL_ERROR, HTTP_RESPONSE_INCOMPLETE -> INTERNAL;
    };
  }
}

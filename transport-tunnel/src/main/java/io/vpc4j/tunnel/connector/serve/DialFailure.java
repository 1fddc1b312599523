package io.vpc4j.tunnel.connector.serve;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Locale;

/** Why an origin was not reached, in the words that edges know. [C] 7.7 */
final class DialFailure {

  private DialFailure() {}

  /** {@code dial tcp 10.0.0.1:80: connect: connection refused}. */
  static String describe(String destination, Throwable cause) {
    return "dial tcp " + destination + ": " + reason(cause);
  }

  static String reason(Throwable cause) {
    var message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (cause instanceof ConnectTimeoutException || message.contains("timed out")) {
      return "i/o timeout";
    }
    if (cause instanceof UnknownHostException) {
      return "lookup " + cause.getMessage() + ": no such host";
    }
    if (message.contains("connection refused")) {
      return "connect: connection refused";
    }
    if (cause instanceof NoRouteToHostException || message.contains("no route to host")) {
      return "connect: no route to host";
    }
    if (message.contains("network is unreachable")) {
      return "connect: network is unreachable";
    }
    if (message.contains("reset")) {
      return "connect: connection reset by peer";
    }
    return cause instanceof ConnectException ? "connect: " + message : message;
  }
}

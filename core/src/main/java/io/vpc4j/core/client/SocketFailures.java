package io.vpc4j.core.client;

import io.vpc4j.VpcException;
import io.vpc4j.core.net.IpAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;

/** What went wrong, in the exceptions that a plain socket throws for it. */
public final class SocketFailures {

  private SocketFailures() {}

  /** What ended a connection that was there. */
  static SocketException asSocketException(Throwable cause) {
    var message = cause.getMessage();
    return with(new SocketException(message == null ? cause.toString() : message), cause);
  }

  /**
   * Why there is no connection: what {@link java.net.Socket#connect} would have thrown, with {@code
   * failure} as its cause. Code that knows sockets decides by the class whether to try again.
   *
   * @param host what was asked for: a name that the network does not have is an unknown one
   */
  public static IOException ofConnect(VpcException failure, String host) {
    var message = String.valueOf(failure.getMessage());
    var plain =
        switch (failure.code()) {
          case CONNECTION_TIMEOUT, DNS_TIMEOUT -> new SocketTimeoutException(message);
          case DNS_ERROR -> new UnknownHostException(message);
          case DESTINATION_NOT_FOUND ->
              IpAddress.parse(host).isPresent()
                  ? new NoRouteToHostException(message)
                  : new UnknownHostException(message);
          case DESTINATION_UNAVAILABLE, DESTINATION_IP_UNROUTABLE ->
              new NoRouteToHostException(message);
          case CONNECTION_REFUSED, CONNECTION_TERMINATED, CONNECTION_LIMIT_REACHED ->
              new ConnectException(message);
          default -> new SocketException(message);
        };
    return with(plain, failure);
  }

  private static <E extends IOException> E with(E plain, Throwable cause) {
    plain.initCause(cause);
    return plain;
  }
}

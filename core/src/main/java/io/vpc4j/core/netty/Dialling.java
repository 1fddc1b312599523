package io.vpc4j.core.netty;

import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import io.vpc4j.ConnectAddress;
import io.vpc4j.ConnectOptions;
import io.vpc4j.VpcException;
import io.vpc4j.core.client.SocketFailures;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A dial in Netty's words: addresses, time-outs, and why there is no connection. */
final class Dialling {

  private Dialling() {}

  /**
   * Where to.
   *
   * @param local none, or any; it is the far end that dials
   * @throws UnsupportedAddressTypeException no host and port
   * @throws UnsupportedOperationException a certain address of this machine
   */
  static InetSocketAddress target(SocketAddress remote, @Nullable SocketAddress local) {
    if (!(remote instanceof InetSocketAddress to)) {
      throw new UnsupportedAddressTypeException();
    }
    if (local != null && !isAny(local)) {
      throw new UnsupportedOperationException(
          "it is the far end that dials: a connection cannot come from " + local);
    }
    return to;
  }

  private static boolean isAny(SocketAddress local) {
    return local instanceof InetSocketAddress address
        && address.getPort() == 0
        && address.getAddress() != null
        && address.getAddress().isAnyLocalAddress();
  }

  /**
   * Dials.
   *
   * @param timeoutMillis 0 for the 30 s that {@link ConnectOptions} has: no dial waits for ever
   * @throws IOException what {@link #failure} makes of no route, of a denial, of a bad address
   */
  static Future<Channel> begin(Dials dials, InetSocketAddress to, int timeoutMillis)
      throws IOException {
    try {
      var target = new ConnectAddress(to.getHostString(), to.getPort());
      var timeout =
          timeoutMillis == 0
              ? ConnectOptions.defaults().timeout()
              : Duration.ofMillis(timeoutMillis);
      return dials.dial(target.host(), target.port(), timeout, Beneath::new);
    } catch (VpcException e) {
      throw failure(e, to);
    } catch (IllegalArgumentException e) {
      throw (IOException) new UnknownHostException(to.getHostString()).initCause(e);
    }
  }

  /** What Netty's own channels would have failed with, with {@code cause} as its cause. */
  static IOException failure(Throwable cause, InetSocketAddress to) {
    if (!(cause instanceof VpcException vpc)) {
      return (IOException) new ConnectException("Connecting failed: " + to).initCause(cause);
    }
    var plain = SocketFailures.ofConnect(vpc, to.getHostString());
    return plain instanceof SocketTimeoutException
        ? (IOException) new ConnectTimeoutException(plain.getMessage()).initCause(vpc)
        : plain;
  }
}

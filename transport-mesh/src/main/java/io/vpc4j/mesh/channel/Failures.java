package io.vpc4j.mesh.channel;

import io.netty.channel.ConnectTimeoutException;
import io.vpc4j.mesh.netstack.FlowRefused;
import io.vpc4j.mesh.netstack.tcp.TcpFailure;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/** How a flow failed, in the words of the JDK's sockets, which callers know how to tell apart. */
final class Failures {

  private Failures() {}

  static IOException of(@Nullable TcpFailure failure, @Nullable SocketAddress remote) {
    if (failure == null) {
      return new SocketException("connection closed");
    }
    return switch (failure) {
      case REFUSED -> new ConnectException("connection refused: " + remote);
      case RESET_BY_PEER -> new SocketException("connection reset by peer");
      case CONNECT_TIMED_OUT -> new ConnectTimeoutException("no answer from " + remote);
      case TIMED_OUT, KEEPALIVE_TIMED_OUT ->
          new SocketTimeoutException("no acknowledgment from " + remote);
      case UNREACHABLE -> new NoRouteToHostException("no route to " + remote);
      case ABORTED -> new NoRouteToHostException("the peer that led to " + remote + " is gone");
      case OUT_OF_MEMORY -> new SocketException("no room for the connection's buffers");
    };
  }

  static IOException of(FlowRefused refused) {
    return switch (refused.reason()) {
      case NO_ADDRESS -> new NoRouteToHostException("this node has no mesh address of that family");
      case NO_PORT -> new BindException("no port is free");
      case TOO_MANY -> new BindException("too many flows");
    };
  }
}

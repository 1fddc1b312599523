package io.vpc4j.mesh.netstack;

import io.vpc4j.mesh.netstack.tcp.TcpConnection;
import io.vpc4j.mesh.netstack.tcp.TcpListener;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** A port of ours that accepts connections on every local address. Confined to the loop. */
public final class TcpServer {

  private final Netstack stack;
  private final int port;
  final TcpListener listener;
  private final IdentityHashMap<TcpConnection, TcpSocket> unaccepted = new IdentityHashMap<>();
  private final Runnable onAcceptable;

  TcpServer(Netstack stack, int port, TcpListener listener, Runnable onAcceptable) {
    this.stack = stack;
    this.port = port;
    this.listener = listener;
    this.onAcceptable = onAcceptable;
  }

  /** The port. */
  public int port() {
    return port;
  }

  /** A connection that is established and that nobody has had yet, or null. */
  public @Nullable TcpSocket accept() {
    for (var connection = listener.accept(); connection != null; connection = listener.accept()) {
      var socket = unaccepted.remove(connection);
      if (socket != null) {
        return socket;
      }
    }
    return null;
  }

  /** Stops listening; those accepted go on. */
  public void close(long nowNs) {
    stack.unlisten(this);
    listener.close(nowNs);
    unaccepted.values().forEach(stack::touched);
    unaccepted.clear();
  }

  void made(TcpConnection connection, TcpSocket socket) {
    unaccepted.put(connection, socket);
  }

  void changed() {
    onAcceptable.run();
  }

  void forget(TcpConnection connection) {
    unaccepted.remove(connection);
  }
}

package io.vpc4j.clients;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Scripted servers on ports of 127.0.0.1; each connection has a thread, and is closed behind it.
 */
final class Servers implements Closeable {

  /** What a server does with one connection. */
  @FunctionalInterface
  interface Script {
    void serve(Socket socket) throws Exception;
  }

  private final List<Closeable> open = new CopyOnWriteArrayList<>();
  final AtomicInteger accepted = new AtomicInteger();

  /** Starts a server; its port. */
  int start(Script script) throws IOException {
    return start(new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress()), script);
  }

  /** Starts a server on a listener; its port. */
  int start(ServerSocket listener, Script script) {
    open.add(listener);
    thread(
        () -> {
          while (!listener.isClosed()) {
            try {
              var socket = listener.accept();
              accepted.incrementAndGet();
              thread(() -> serve(script, socket));
            } catch (IOException closed) {
              return;
            }
          }
        });
    return listener.getLocalPort();
  }

  private void serve(Script script, Socket socket) {
    open.add(socket);
    try (socket) {
      script.serve(socket);
    } catch (Exception e) {
      // the client went away, as many tests have it do; what it saw is what is asserted
    } finally {
      open.remove(socket);
    }
  }

  private static void thread(Runnable body) {
    var thread = new Thread(body, "server");
    thread.setDaemon(true);
    thread.start();
  }

  /** Gives back what comes, until the end comes; then ends. */
  static void echo(Socket socket) throws IOException {
    socket.getInputStream().transferTo(socket.getOutputStream());
  }

  @Override
  public void close() throws IOException {
    for (var each : open) {
      each.close();
    }
  }
}

package io.vpc4j.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP server, a thread for each connection: what a transport is to lead to. */
final class FarEnd implements AutoCloseable {

  /** What it does with a connection, which is closed behind it. */
  @FunctionalInterface
  interface Script {
    void serve(Socket socket) throws Exception;
  }

  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool(FarEnd::thread);
  private final ConcurrentLinkedQueue<Socket> sockets = new ConcurrentLinkedQueue<>();
  final AtomicInteger accepted = new AtomicInteger();
  volatile Script script = socket -> socket.getInputStream().transferTo(socket.getOutputStream());

  FarEnd() throws IOException {
    this(InetAddress.getLoopbackAddress());
  }

  FarEnd(InetAddress address) throws IOException {
    server = new ServerSocket(0, 256, address);
    threads.execute(this::accept);
  }

  private static Thread thread(Runnable task) {
    var thread = new Thread(task, "far-end");
    thread.setDaemon(true);
    return thread;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var socket = server.accept();
        sockets.add(socket);
        accepted.incrementAndGet();
        threads.execute(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      script.serve(socket);
    } catch (Exception e) {
      // The near end went away, as many tests have it do; what it saw is what is asserted.
    }
  }

  int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (var socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}

package io.vpc4j.core.fetch;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that says exactly what a test tells it to, octet by octet. */
final class ScriptedPeer implements AutoCloseable {

  /** What one connection does; the socket is closed behind it. */
  interface Script {
    void run(Conversation with) throws Exception;
  }

  private final ServerSocket server;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            var thread = new Thread(task, "scripted-peer");
            thread.setDaemon(true);
            return thread;
          });
  private final ConcurrentLinkedQueue<Socket> sockets = new ConcurrentLinkedQueue<>();
  final AtomicInteger accepted = new AtomicInteger();
  final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

  /** Serves every connection with {@code script}. */
  ScriptedPeer(Script script) throws IOException {
    this(new ServerSocket(0, 128, InetAddress.getLoopbackAddress()), script);
  }

  /** The same on a socket of the test's; closed with this. */
  ScriptedPeer(ServerSocket server, Script script) {
    this.server = server;
    threads.execute(
        () -> {
          while (!server.isClosed()) {
            try {
              var socket = server.accept();
              sockets.add(socket);
              if (server.isClosed()) { // and perhaps after close has looked
                socket.close();
                return;
              }
              var number = accepted.incrementAndGet();
              threads.execute(() -> serve(script, socket, number));
            } catch (IOException | RejectedExecutionException e) {
              return; // closed
            }
          }
        });
  }

  private void serve(Script script, Socket socket, int number) {
    try (socket) {
      socket.setTcpNoDelay(true);
      script.run(new Conversation(socket, number));
    } catch (Throwable e) {
      if (!server.isClosed() || e instanceof AssertionError) { // else the test is over
        failures.add(e);
      }
    }
  }

  int port() {
    return server.getLocalPort();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (var socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }

  /** One connection, the server's side. */
  static final class Conversation {
    final Socket socket;
    final int number;
    final InputStream in;
    final OutputStream out;

    Conversation(Socket socket, int number) throws IOException {
      this.socket = socket;
      this.number = number;
      in = socket.getInputStream();
      out = socket.getOutputStream();
    }

    /** Reads a head, with its empty line. */
    String head() throws IOException {
      var head = new ByteArrayOutputStream();
      var ends = 0;
      while (ends < 4) {
        var octet = in.read();
        if (octet < 0) {
          throw new EOFException("in a head: " + head);
        }
        head.write(octet);
        ends = octet == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : octet == '\r' ? 1 : 0;
      }
      return head.toString(StandardCharsets.UTF_8);
    }

    /** Whether the client ended the connection instead of sending anything. */
    boolean ended() throws IOException {
      try {
        return in.read() < 0;
      } catch (IOException e) {
        return true; // a reset is an end, too
      }
    }

    /** Reads and drops what comes, to the end. */
    void untilEnded() {
      try {
        in.transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // a reset is an end, too
      }
    }

    String read(int octets) throws IOException {
      return new String(in.readNBytes(octets), StandardCharsets.UTF_8);
    }

    /** Reads a line with a chunk's size. */
    int chunkSize() throws IOException {
      var line = new StringBuilder();
      for (var octet = in.read(); octet != '\n'; octet = in.read()) {
        if (octet < 0) {
          throw new EOFException("in a chunk size");
        }
        line.append((char) octet);
      }
      return Integer.parseInt(line.toString().trim(), 16);
    }

    void say(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    /** A 200 with this body. */
    void answer(String body) throws IOException {
      say("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** Closes with a reset. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }
}

package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The services behind the connector: an echo, an HTTP server, one that never reads. */
final class Services implements Closeable {

  private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            var thread = new Thread(task, "service");
            thread.setDaemon(true);
            return thread;
          });
  private final ServerSocket echo;
  private final ServerSocket http;
  private final ServerSocket source;
  private final ServerSocket deaf;
  private final ServerSocket late;
  final BulkService bulk = new BulkService();
  private final DatagramSocket datagrams;
  private final NameService names;

  /** Octets that the source has got rid of, on all connections. */
  final AtomicLong sourceOctets = new AtomicLong();

  Services() throws IOException {
    echo = serve(Services::echo);
    http = serve(Services::http);
    source = serve(this::source);
    deaf = serve(Services::stare);
    late = serve(Services::late);
    datagrams = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    threads.execute(this::echoDatagrams);
    names = new NameService();
  }

  private void echoDatagrams() {
    var packet = new DatagramPacket(new byte[1 << 16], 1 << 16);
    while (!datagrams.isClosed()) {
      try {
        datagrams.receive(packet);
        datagrams.send(packet);
        packet.setLength(1 << 16);
      } catch (IOException closed) {
        return;
      }
    }
  }

  private interface Script {
    void serve(Socket socket) throws Exception;
  }

  private ServerSocket serve(Script script) throws IOException {
    var listener = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    threads.execute(
        () -> {
          while (!listener.isClosed()) {
            try {
              var socket = listener.accept();
              threads.execute(
                  () -> {
                    try {
                      script.serve(socket);
                      socket.close();
                    } catch (Exception e) {
                      closeQuietly(socket);
                    }
                  });
            } catch (IOException closed) {
              return;
            }
          }
        });
    return listener;
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // the peer went first
    }
  }

  int echoPort() {
    return echo.getLocalPort();
  }

  int httpPort() {
    return http.getLocalPort();
  }

  int sourcePort() {
    return source.getLocalPort();
  }

  int deafPort() {
    return deaf.getLocalPort();
  }

  int latePort() {
    return late.getLocalPort();
  }

  int datagramPort() {
    return datagrams.getLocalPort();
  }

  private static void echo(Socket socket) throws IOException {
    socket.getInputStream().transferTo(socket.getOutputStream());
  }

  /** Never reads; there until the listener's threads end. */
  private static void stare(Socket socket) throws InterruptedException {
    new java.util.concurrent.CountDownLatch(1).await();
  }

  /** Answers a line, but not at once. */
  private static void late(Socket socket) throws IOException {
    line(socket.getInputStream());
    LockSupport.parkNanos(LATE_NS);
    socket.getOutputStream().write("late".getBytes(ISO_8859_1));
  }

  /** Writes without end. */
  private void source(Socket socket) throws IOException {
    var piece = new byte[1 << 16];
    while (true) {
      socket.getOutputStream().write(piece);
      sourceOctets.addAndGet(piece.length);
    }
  }

  // ---- HTTP

  private static void http(Socket socket) throws Exception {
    var in = new BufferedInputStream(socket.getInputStream());
    var out = socket.getOutputStream();
    for (var head = head(in); !head.isEmpty(); head = head(in)) {
      var path = head.split(" ", -1)[1];
      var body = body(in, head);
      if (path.equals("/ws")) {
        upgrade(in, out, head);
        return;
      }
      if (path.equals("/echo")) {
        answer(out, body);
      } else if (path.startsWith("/octets/")) {
        octets(out, Integer.parseInt(path.substring("/octets/".length())));
      } else if (path.equals("/chunked")) {
        chunked(out);
      } else if (path.equals("/cut")) {
        out.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".getBytes(ISO_8859_1));
        return;
      } else {
        answer(out, ("hello from " + path).getBytes(ISO_8859_1));
      }
    }
  }

  /** Agrees, and sends back what comes. RFC 6455 4.2.2 */
  private static void upgrade(InputStream in, OutputStream out, String head) throws Exception {
    var key = "";
    for (var line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
        key = line.substring(18).strip();
      }
    }
    var sha1 = MessageDigest.getInstance("SHA-1");
    var accept = sha1.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + Base64.getEncoder().encodeToString(accept)
                + "\r\n\r\n")
            .getBytes(ISO_8859_1));
    var buffer = new byte[1_024];
    for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      out.write(buffer, 0, count);
    }
  }

  private static void answer(OutputStream out, byte[] body) throws IOException {
    var head = "HTTP/1.1 200 OK\r\nX-Origin: yes\r\nContent-Length: " + body.length + "\r\n\r\n";
    var whole = new ByteArrayOutputStream();
    whole.writeBytes(head.getBytes(ISO_8859_1));
    whole.writeBytes(body);
    out.write(whole.toByteArray());
  }

  private static void octets(OutputStream out, int octets) throws IOException {
    out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + octets + "\r\n\r\n").getBytes(ISO_8859_1));
    var piece = new byte[1 << 16];
    for (var left = octets; left > 0; left -= piece.length) {
      out.write(piece, 0, Math.min(left, piece.length));
    }
  }

  private static void chunked(OutputStream out) throws IOException {
    out.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
            .getBytes(ISO_8859_1));
    for (var i = 0; i < 10; i++) {
      out.write("5\r\nchunk\r\n".getBytes(ISO_8859_1));
      out.flush();
    }
    out.write("0\r\nX-Sum: ten\r\n\r\n".getBytes(ISO_8859_1));
  }

  private static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    for (var octet = in.read(); octet >= 0; octet = in.read()) {
      head.write(octet);
      if (octet == '\n' && head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        return head.toString(ISO_8859_1);
      }
    }
    return "";
  }

  private static byte[] body(InputStream in, String head) throws IOException {
    for (var line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        return in.readNBytes(Integer.parseInt(line.substring(15).strip()));
      }
      if (line.toLowerCase(Locale.ROOT).startsWith("transfer-encoding:")) {
        return chunks(in);
      }
    }
    return new byte[0];
  }

  private static byte[] chunks(InputStream in) throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      var size = Integer.parseInt(line(in), 16);
      body.writeBytes(in.readNBytes(size));
      line(in);
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (var octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      if (octet != '\r') {
        line.append((char) octet);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    echo.close();
    http.close();
    source.close();
    deaf.close();
    late.close();
    datagrams.close();
    bulk.close();
    names.close();
    threads.shutdownNow();
  }
}

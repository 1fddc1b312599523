package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.core.net.Ticker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/** The command, run in this process, beside raw servers that stand for 10.0.1.50. */
final class Cli implements Closeable {

  /** What a server does with one connection; it is closed behind it. */
  interface Script {
    void serve(Socket socket) throws Exception;
  }

  /** What a command left behind. */
  record Result(int exitCode, String out, String err) {}

  private final Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Closeable> open = new ArrayList<>();
  InputStream stdin = InputStream.nullInputStream();
  OutputStream stdout = new ByteArrayOutputStream();
  OutputStream stderr = new ByteArrayOutputStream();
  Set<Terminal> terminals = Set.of();
  final Stop stop = Stop.onCall();

  Cli(Path folder) {
    this.folder = folder;
  }

  // ---- the world

  /** Starts a server; its port. */
  int server(Script script) throws IOException {
    return serving(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()), script);
  }

  /** Serves at a socket of the caller's; its port. */
  int serving(ServerSocket listener, Script script) {
    open.add(listener);
    threads.execute(
        () -> {
          while (!listener.isClosed()) {
            try {
              var socket = listener.accept();
              threads.execute(() -> run(script, socket));
            } catch (IOException | RejectedExecutionException closed) {
              return;
            }
          }
        });
    return listener.getLocalPort();
  }

  private static void run(Script script, Socket socket) {
    try (socket) {
      script.serve(socket);
    } catch (Exception e) {
      // The client left, as many tests have it do; what the command said is what is asserted.
    }
  }

  /** Answers every request with {@code response} and closes; keeps no body. */
  int answering(String response) throws IOException {
    return server(
        socket -> {
          head(socket.getInputStream());
          socket.getOutputStream().write(response.getBytes(ISO_8859_1));
        });
  }

  /** Answers with what it was sent: the head, and the body of the declared length or chunks. */
  int mirror() throws IOException {
    return server(
        socket -> {
          var in = socket.getInputStream();
          var request = head(in);
          var body = new ByteArrayOutputStream();
          var at = request.indexOf("Content-Length: ");
          if (at >= 0) {
            var length = request.substring(at + 16, request.indexOf('\r', at));
            body.write(in.readNBytes(Integer.parseInt(length)));
          } else if (request.contains("Transfer-Encoding: chunked")) {
            for (var size = chunk(in); size > 0; size = chunk(in)) {
              body.write(in.readNBytes(size));
              in.readNBytes(2);
            }
            in.readNBytes(2);
          }
          var answer = request + body.toString(UTF_8);
          socket
              .getOutputStream()
              .write(
                  ("HTTP/1.1 200 OK\r\nContent-Length: " + answer.length() + "\r\n\r\n" + answer)
                      .getBytes(UTF_8));
        });
  }

  /** Reads a chunked body to its end and keeps nothing; how long it was. */
  static long chunks(InputStream in) throws IOException {
    var octets = 0L;
    for (var size = chunk(in); size > 0; size = chunk(in)) {
      in.skipNBytes(size + 2);
      octets += size;
    }
    in.skipNBytes(2);
    return octets;
  }

  private static int chunk(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (var octet = in.read(); octet != '\n'; octet = in.read()) {
      line.append((char) octet);
    }
    return Integer.parseInt(line.toString().trim(), 16);
  }

  static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      var octet = in.read();
      if (octet < 0) {
        throw new IOException("in a head");
      }
      head.append((char) octet);
    }
    return head.toString();
  }

  Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  /** A binding whose one host, host.internal at 10.0.1.50, leads port 80 to {@code port}. */
  Path network(int port) throws IOException {
    return network("\"ports\": {\"80\": " + port + "}");
  }

  /** The same with other fields of the host. */
  Path network(String host) throws IOException {
    write(
        "directory.jsonc",
        "{\"loopback\": {\"hosts\": [{\"name\": \"host.internal\", \"addresses\": [\"10.0.1.50\"],"
            + host
            + "}]}}");
    return write(
        "wrangler.jsonc",
        "{\"vpc_networks\": [{\"binding\": \"MY_VPC\","
            + " \"tunnel_id\": \"550e8400-e29b-41d4-a716-446655440000\", \"remote\": true}]}");
  }

  // ---- the command

  /** Runs {@code command} with the directory of the folder, in the format of that name's ending. */
  Result with(String directory, String... command) {
    var all = new ArrayList<>(Arrays.asList(command));
    all.add("--directory");
    all.add(folder.resolve(directory).toString());
    return plain(all.toArray(String[]::new));
  }

  /** What the next command reads. */
  void type(String text) {
    stdin = new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  /** Runs {@code command} with the files of {@link #network} and the simulated network. */
  Result run(String command, String... arguments) {
    var all = new ArrayList<>(List.of(command, "--simulated", "-c", folder + "/wrangler.jsonc"));
    all.addAll(Arrays.asList(arguments));
    return plain(all.toArray(String[]::new));
  }

  Result plain(String... arguments) {
    stdout = stdout instanceof ByteArrayOutputStream ? new ByteArrayOutputStream() : stdout;
    stderr = stderr instanceof ByteArrayOutputStream ? new ByteArrayOutputStream() : stderr;
    var code =
        Main.run(new Streams(stdin, stdout, stderr, terminals, Ticker.system(), stop), arguments);
    return new Result(code, text(stdout), text(stderr));
  }

  private static String text(OutputStream stream) {
    return stream instanceof ByteArrayOutputStream kept ? kept.toString(UTF_8) : "";
  }

  @Override
  public void close() throws IOException {
    for (var each : open) {
      each.close();
    }
    threads.shutdownNow();
  }
}

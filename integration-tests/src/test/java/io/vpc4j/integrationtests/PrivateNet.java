package io.vpc4j.integrationtests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.NetworkTarget;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.runtime.RuntimePlan;
import io.vpc4j.core.runtime.VpcRuntime;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Raw servers on 127.0.0.1 and the two files that make a private network of them.
 *
 * <p>A {@link Script} is handed each accepted socket, on a thread of its own; when it returns, the
 * socket is closed.
 */
final class PrivateNet implements Closeable {

  static final String TUNNEL = "550e8400-e29b-41d4-a716-446655440000";

  private final Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Closeable> open = new ArrayList<>();

  PrivateNet(Path folder) {
    this.folder = folder;
  }

  /** What a server does with one connection. */
  @FunctionalInterface
  interface Script {
    void serve(Socket socket) throws Exception;
  }

  /** Starts a server; its port. */
  int server(Script script) throws IOException {
    var listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    open.add(listener);
    threads.execute(
        () -> {
          while (!listener.isClosed()) {
            try {
              var socket = listener.accept();
              open.add(socket);
              threads.execute(() -> serve(script, socket));
            } catch (IOException closed) {
              return;
            }
          }
        });
    return listener.getLocalPort();
  }

  private static void serve(Script script, Socket socket) {
    try (socket) {
      script.serve(socket);
    } catch (Exception e) {
      // The client went away, as many tests have it do; what it saw is what is asserted.
    }
  }

  /** Answers every request on the connection with {@code response}, once its head has come. */
  int answering(String response) throws IOException {
    return server(
        socket -> {
          var in = new BufferedInputStream(socket.getInputStream());
          while (!head(in).isEmpty()) {
            socket.getOutputStream().write(response.getBytes(ISO_8859_1));
          }
        });
  }

  /** Reads a request's head, the blank line included; empty at the end of the stream. */
  static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    for (var octet = in.read(); octet >= 0; octet = in.read()) {
      head.write(octet);
      if (octet == '\n' && head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        return head.toString(ISO_8859_1);
      }
    }
    return "";
  }

  /** Opens a network binding {@code NET} with that directory. */
  Net open(String directory) throws IOException {
    return open(
        "{\"vpc_networks\":[{\"binding\":\"NET\",\"tunnel_id\":\"" + TUNNEL + "\"}]}", directory);
  }

  /** Opens what the two files say. */
  Net open(String wrangler, String directory) throws IOException {
    var config = folder.resolve("wrangler.jsonc");
    Files.write(config, wrangler.getBytes(UTF_8));
    Files.write(folder.resolve("directory.jsonc"), directory.getBytes(UTF_8));
    var net = new Net(Vpc.builder().config(config).watch(false).open());
    open.add(net);
    return net;
  }

  /** Opens a network binding {@code NET} over a simulated network made in the program. */
  Net open(SimulatedNetwork simulated) {
    var binding = new BindingSpec.Network("NET", new NetworkTarget.Tunnel(TUNNEL), true);
    var snapshot = DirectorySnapshot.empty().withLoopback(simulated);
    var net = new Net(VpcRuntime.open(RuntimePlan.of(List.of(binding), Directory.fixed(snapshot))));
    open.add(net);
    return net;
  }

  /**
   * A directory whose one host, {@code host.internal} at 10.0.1.50, leads port 80 to {@code port}.
   */
  static String oneHost(int port) {
    return directory("\"ports\": {\"80\": " + port + "}", "");
  }

  /** As {@link #oneHost(int)} with the host's other fields and the directory's other sections. */
  static String directory(String hostFields, String sections) {
    return """
        {
          "loopback": {"hosts": [
            {"name": "host.internal", "addresses": ["10.0.1.50"], %s}
          ]}%s
        }
        """
        .formatted(hostFields, sections.isEmpty() ? "" : ", " + sections);
  }

  @Override
  public void close() throws IOException {
    for (var i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    threads.shutdownNow();
  }

  /** An open {@link Vpc} and its bindings. */
  record Net(Vpc vpc) implements Closeable {
    VpcNetwork network() {
      return vpc.network("NET");
    }

    @Override
    public void close() {
      vpc.close();
    }
  }

  /** What {@code call} throws. */
  static VpcException failureOf(Call call) {
    try {
      call.run();
    } catch (VpcException e) {
      return e;
    } catch (Exception e) {
      throw new AssertionError("not a VpcException", e);
    }
    throw new AssertionError("nothing was thrown");
  }

  /** Something that throws. */
  @FunctionalInterface
  interface Call {
    void run() throws Exception;
  }
}

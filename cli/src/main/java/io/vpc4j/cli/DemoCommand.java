package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The main job, start to finish, with nothing but this process. */
@Command(
    name = "demo",
    description = {
      "Write a configuration, start two private HTTP services, and fetch both through a binding of",
      "the simulated network; then fetch one again through a real tunnel, an edge and a connector,",
      "and once more through a mesh, two WireGuard nodes: all in this process, on loopback. Needs no",
      "file and no network.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j demo",
      "  vpc4j demo --keep demo                     two files to read, change and check",
      "",
      "Exit codes: 0 done; 2 usage; 23 the folder cannot be written."
    })
final class DemoCommand implements Callable<Integer> {

  // The configuration of the product page, as it stands there.
  private static final String WRANGLER =
      """
      {
        "vpc_networks": [
          {
            "binding": "MY_VPC",
            "tunnel_id": "550e8400-e29b-41d4-a716-446655440000",
            "remote": true
          }
        ]
      }
      """;

  @Spec private CommandSpec spec;
  @ParentCommand private VpcCommand parent;

  @Option(
      names = "--keep",
      paramLabel = "FOLDER",
      description = "Write the files there and leave them, to go on from.")
  private @Nullable Path keep;

  @SuppressWarnings("NullAway.Init")
  DemoCommand() {}

  @Override
  public Integer call() throws Exception {
    var folder = folder();
    var data = serve("/data", "{\"greeting\":\"hello from a private address\"}\n");
    var status = serve("/", "all is well\n");
    try {
      write(folder.resolve("wrangler.jsonc"), WRANGLER);
      write(folder.resolve("directory.jsonc"), directory(data, status));
      fetchBoth(folder.resolve("wrangler.jsonc"));
      new TunnelDemo(folder.resolve("tunnel"), out(), parent.streams().ticker())
          .fetch("http://127.0.0.1:" + data.getAddress().getPort() + "/data");
      new MeshDemo(folder.resolve("mesh"), out(), parent.streams().ticker())
          .fetch(data.getAddress().getPort(), "/data");
    } finally {
      data.stop(0);
      status.stop(0);
      if (keep == null) {
        delete(folder);
      }
    }
    sayWhatNext();
    return ExitCode.OK;
  }

  private Path folder() throws Failure {
    try {
      return keep != null ? Files.createDirectories(keep) : Files.createTempDirectory("vpc4j-");
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot make the folder: " + e + ".");
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void write(Path file, String text) throws Failure {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot write " + file + ": " + e + ".");
    }
  }

  private void fetchBoth(Path wrangler) throws VpcException, IOException {
    var out = out();
    var ticker = parent.streams().ticker();
    out.println(
        "A wrangler.jsonc binds MY_VPC to a tunnel; a directory.jsonc says what is behind it.");
    out.println("Nothing below leaves this process: the network is simulated, the HTTP is real.");
    out.println();
    // "remote": true asks for the real network; the demo has none.
    try (var vpc = Vpc.builder().config(wrangler).mode(Vpc.Mode.SIMULATED).watch(false).open()) {
      var network = vpc.network("MY_VPC");
      for (var url : List.of("http://10.0.1.50/data", "http://status.internal:8080/")) {
        var explanation = network.explain(url);
        var startNs = ticker.nowNs();
        try (var response = network.fetch(url)) {
          var body = response.text();
          var millis = (ticker.nowNs() - startNs) / 1e6;
          out.println("fetch   " + url);
          out.println(
              "route   " + explanation.hop().orElse("none") + " -> " + explanation.destination());
          out.printf(Locale.ROOT, "status  %d in %.1f ms%n", response.status(), millis);
          out.println("body    " + body.strip());
          out.println();
        }
      }
    }
  }

  private void sayWhatNext() {
    var out = out();
    out.println("Next:");
    out.println("  vpc4j demo --keep demo                     keep the two files, and read them");
    out.println("  vpc4j explain -c demo/wrangler.jsonc --simulated http://10.0.1.50/data");
    out.println("  vpc4j check -c demo/wrangler.jsonc         what is wrong with a configuration");
    out.println("  vpc4j fetch --help                         curl, through a binding");
    out.flush();
  }

  private static HttpServer serve(String path, String body) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            var octets = body.getBytes(UTF_8);
            exchange.sendResponseHeaders(200, octets.length);
            exchange.getResponseBody().write(octets);
          }
        });
    server.start();
    return server;
  }

  private static String directory(HttpServer data, HttpServer status) {
    return """
        {
          // The simulated network: hosts that exist in this process alone.
          "loopback": {
            "hosts": [
              {
                "name": "data.internal",
                "addresses": ["10.0.1.50"],
                "ports": { "80": "127.0.0.1:%d" }
              },
              {
                "name": "status.internal",
                "ports": { "8080": "127.0.0.1:%d" }
              }
            ]
          }
        }
        """
        .formatted(data.getAddress().getPort(), status.getAddress().getPort());
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}

package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own shows: real pipes, and a heap too small for what passes. */
@Timeout(60)
class ProcessTest {

  private static final long OCTETS = 64L << 20;
  private static final byte[] PIECE = new byte[1 << 16];

  @TempDir private Path folder;
  private Cli cli;
  private Process process;

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @AfterEach
  void end() throws IOException {
    if (process != null) {
      process.destroyForcibly();
    }
    cli.close();
  }

  @Test
  void aBodyLargerThanTheHeapGoesToStdout() throws Exception {
    cli.network(cli.server(socket -> send(socket, OCTETS)));

    start("fetch", "http://10.0.1.50/large");

    try (var stdout = process.getInputStream()) {
      assertThat(stdout.transferTo(OutputStream.nullOutputStream())).isEqualTo(OCTETS);
    }
    assertThat(exitCode()).as(errors()).isZero();
  }

  @Test
  void aBodyLargerThanTheHeapComesFromStdin() throws Exception {
    var arrived = new CompletableFuture<Long>();
    cli.network(
        cli.server(
            socket -> {
              var in = socket.getInputStream();
              Cli.head(in);
              arrived.complete(Cli.chunks(in));
              socket.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(UTF_8));
            }));

    start("fetch", "-T", "-", "http://10.0.1.50/upload");
    try (var stdin = process.getOutputStream()) {
      for (var sent = 0L; sent < OCTETS; sent += PIECE.length) {
        stdin.write(PIECE);
      }
    }

    assertThat(exitCode()).as(errors()).isZero();
    assertThat(arrived.get(30, TimeUnit.SECONDS)).isEqualTo(OCTETS);
  }

  @Test
  void aReaderThatLeavesEndsTheTransferWithExit23() throws Exception {
    cli.network(cli.server(socket -> send(socket, 16 * OCTETS)));

    start("fetch", "http://10.0.1.50/endless");
    try (var stdout = process.getInputStream()) {
      assertThat(stdout.readNBytes(10)).hasSize(10);
    }

    assertThat(exitCode()).isEqualTo(23);
    assertThat(errors()).startsWith("vpc4j: Failed writing output: ").hasLineCount(1);
  }

  @Test
  void nothingButTheCommandItselfSpeaks() throws Exception {
    start("fetch", "-m", "0.3", "http://10.0.1.50/");
    assertThat(exitCode()).isEqualTo(2);
    assertThat(errors().lines()).allMatch(line -> line.contains("wrangler.jsonc"));

    cli.network("\"ports\": {\"80\": 1}, \"faults\": {\"connect\": \"black_hole\"}");
    start("fetch", "-m", "0.3", "http://10.0.1.50/");
    assertThat(exitCode()).isEqualTo(28);
    assertThat(errors()).startsWith("vpc4j: ").hasLineCount(1);
  }

  /** Natives that nothing requires are found because the launcher names their modules. */
  @Test
  void theNativeLibraryOfQuicIsFoundWhereThereIsOne() throws Exception {
    var all = launcher();
    all.add("--version");
    start(all);
    var out = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(exitCode()).as(errors()).isZero();
    assertThat(errors()).isEmpty();
    assertThat(out).contains("quic: " + (hasNative() ? "available" : "not available"));
  }

  private static boolean hasNative() {
    var system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    var processor = System.getProperty("os.arch");
    var intel = processor.equals("amd64") || processor.equals("x86_64");
    return system.startsWith("windows")
        ? intel
        : (system.startsWith("linux") || system.startsWith("mac"))
            && (intel || processor.equals("aarch64"));
  }

  private static void send(Socket socket, long octets) throws IOException {
    Cli.head(socket.getInputStream());
    var out = socket.getOutputStream();
    out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + octets + "\r\n\r\n").getBytes(UTF_8));
    for (var sent = 0L; sent < octets; sent += PIECE.length) {
      out.write(PIECE);
    }
  }

  // ---- the process

  private void start(String command, String... arguments) throws IOException {
    var all = launcher();
    all.add(command);
    all.addAll(List.of("--simulated", "-c", folder.resolve("wrangler.jsonc").toString()));
    all.addAll(List.of(arguments));
    start(all);
  }

  private void start(List<String> all) throws IOException {
    process = new ProcessBuilder(all).redirectError(folder.resolve("stderr").toFile()).start();
  }

  /** As {@code ./vpc4j} runs it, on the module path alone. */
  private static List<String> launcher() throws IOException {
    var base = Path.of(System.getProperty("basedir"));
    var all = new ArrayList<String>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.add("@" + base.resolve("launcher/java.args"));
    all.add("-Xmx32m"); // bounds the buffers outside the heap too
    all.add("-p");
    all.add(
        base.resolve("target/classes")
            + File.pathSeparator
            + Files.readString(base.resolve("target/module-path.txt")).strip());
    all.addAll(List.of("-m", "io.vpc4j.cli/io.vpc4j.cli.Main"));
    return all;
  }

  private int exitCode() throws InterruptedException {
    assertThat(process.waitFor(40, TimeUnit.SECONDS)).as("ended in time").isTrue();
    return process.exitValue();
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("stderr"));
  }
}

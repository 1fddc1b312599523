package io.vpc4j.benchmarks;

import io.vpc4j.benchmarks.peers.Target;
import io.vpc4j.benchmarks.peers.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Starts {@link Origin} with the JVM and class path of this process, and ends it. */
final class OriginProcess implements AutoCloseable {

  private final Process process;
  private final Path certificate;
  private final int httpPort;
  private final int httpsPort;

  OriginProcess() throws Exception {
    certificate = Files.createTempFile("vpc4j-origin-", ".pem");
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Origin.class.getName(),
                certificate.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    httpPort = port(lines, "http ");
    httpsPort = port(lines, "https ");
  }

  Target target(Wire wire) {
    return new Target(wire, wire.secure() ? httpsPort : httpPort, certificate);
  }

  private static int port(BufferedReader lines, String prefix) throws Exception {
    var line = lines.readLine();
    if (line == null || !line.startsWith(prefix)) {
      throw new IllegalStateException("the origin did not start: " + line);
    }
    return Integer.parseInt(line.substring(prefix.length()));
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(certificate);
  }
}

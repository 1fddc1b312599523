package io.vpc4j.benchmarks;

import io.vpc4j.benchmarks.peers.Target;
import io.vpc4j.benchmarks.peers.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Starts {@link Origin} in a process of its own, and ends it. */
final class OriginProcess implements AutoCloseable {

  private final JavaProcess process;
  private final Path certificate;
  private final int httpPort;
  private final int httpsPort;

  OriginProcess() throws IOException {
    certificate = Files.createTempFile("vpc4j-origin-", ".pem");
    process = new JavaProcess(Origin.class, certificate.toString());
    httpPort = Integer.parseInt(process.line("http "));
    httpsPort = Integer.parseInt(process.line("https "));
  }

  Target target(Wire wire) {
    return new Target(wire, wire.secure() ? httpsPort : httpPort, certificate);
  }

  @Override
  public void close() throws IOException {
    process.close();
    Files.deleteIfExists(certificate);
  }
}

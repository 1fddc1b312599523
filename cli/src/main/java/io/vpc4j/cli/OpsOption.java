package io.vpc4j.cli;

import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.ops.OpsFile;
import io.vpc4j.core.ops.OpsServer;
import io.vpc4j.core.ops.StatusSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a command that runs on says how it stands. */
final class OpsOption {

  @Option(
      names = "--ops",
      paramLabel = "HOST:PORT",
      description =
          "Where to answer /ready, /metrics and /status. Default: any free port of 127.0.0.1, which"
              + " 'vpc4j status' finds.")
  private String ops = "127.0.0.1:0";

  @SuppressWarnings("NullAway.Init")
  OpsOption() {}

  /** A server, and the note by which it is found. */
  record Served(OpsServer server, OpsFile note) implements AutoCloseable {
    @Override
    public void close() {
      try {
        note.delete();
      } catch (IOException e) {
        org.slf4j.LoggerFactory.getLogger(OpsOption.class)
            .warn("{} stays behind: {}", note.file(), e.toString());
      }
      server.close();
    }
  }

  Served serve(StatusSource source, Path stateFolder, EventLoops loops) throws Failure {
    var server = serve(source, loops);
    try {
      return new Served(server, OpsFile.write(stateFolder, source.name(), server.uri()));
    } catch (IOException e) {
      server.close();
      throw new Failure(ExitCode.WRITE_ERROR, e.getMessage() + ".");
    }
  }

  /** The same without a note, where there is no state folder. */
  OpsServer serve(StatusSource source, EventLoops loops) throws Failure {
    try {
      return OpsServer.builder()
          .address(address())
          .process("vpc4j", VpcCommand.Version.number())
          .process("java", System.getProperty("java.version"))
          .process("pid", Long.toString(ProcessHandle.current().pid()))
          .source(source)
          .start(loops);
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, e.getMessage() + ".");
    }
  }

  private InetSocketAddress address() throws Failure {
    int colon = ops.lastIndexOf(':');
    try {
      if (colon > 0) {
        return new InetSocketAddress(
            ops.substring(0, colon).replaceAll("^\\[|]$", ""),
            Integer.parseInt(ops.substring(colon + 1)));
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new Failure(ExitCode.USAGE, "--ops wants HOST:PORT, not " + ops + ".");
  }
}

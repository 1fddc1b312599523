package io.vpc4j.cli;

import io.vpc4j.ConnectOptions;
import io.vpc4j.ConnectOptions.SecureTransport;
import io.vpc4j.Fetcher;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.VpcService;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code nc}, through a binding. */
@Command(
    name = "connect",
    description = {"Open a TCP connection through a binding: stdin goes in, stdout comes out.", ""},
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  printf 'PING\\r\\n' | vpc4j connect 10.0.5.42:6379",
      "  vpc4j connect -z db.internal:5432 && echo reachable",
      "",
      "The end of stdin half-closes the connection where the transport can; where it cannot, the",
      "connection stays until the far end closes it.",
      "Exit codes are those of 'vpc4j fetch'."
    })
final class ConnectCommand implements Callable<Integer> {

  private static final int COPY_OCTETS = 64 * 1024;

  @Spec private CommandSpec spec;
  @ParentCommand private VpcCommand parent;
  @Mixin private ConfigOptions options;

  @Parameters(
      paramLabel = "HOST:PORT",
      arity = "0..1",
      description = "Where to; an IPv6 address in brackets. Not for a service: its record says.")
  private @Nullable String address;

  @Option(
      names = {"-w", "--connect-timeout"},
      paramLabel = "SECONDS",
      description = "For the connection to be accepted. Default: 30.")
  private double timeout = 30;

  @Option(names = "--tls", description = "Speak TLS, verified as for https.")
  private boolean tls;

  @Option(names = "-z", description = "Connect, say nothing, and exit.")
  private boolean probe;

  @SuppressWarnings("NullAway.Init")
  ConnectCommand() {}

  @Override
  public Integer call() throws Exception {
    if (!(timeout > 0 && timeout <= 86_400)) {
      throw new Failure(ExitCode.USAGE, "--connect-timeout must be over 0, not " + timeout + ".");
    }
    try (var vpc = options.open();
        var socket = connect(options.binding(vpc))) {
      if (!probe) {
        relay(socket);
      }
    }
    return ExitCode.OK;
  }

  private Socket connect(Fetcher binding) throws VpcException, Failure {
    var how =
        new ConnectOptions(
            Duration.ofMillis(Math.max(1, (long) (timeout * 1_000))),
            tls ? SecureTransport.ON : SecureTransport.OFF);
    if (binding instanceof VpcNetwork network) {
      if (address == null) {
        throw new Failure(ExitCode.USAGE, "Where to? A network binding needs HOST:PORT.");
      }
      try {
        return network.connect(address, how);
      } catch (IllegalArgumentException e) {
        throw new Failure(ExitCode.BAD_URL, String.valueOf(e.getMessage()));
      }
    }
    if (address != null) {
      throw new Failure(
          ExitCode.USAGE,
          binding.name() + " is a service: its record says where to. Leave out " + address + ".");
    }
    return ((VpcService) binding).connect(how);
  }

  /** Copies both ways until the far end closes. */
  private void relay(Socket socket) throws IOException {
    var upward = new Thread(() -> send(socket), "vpc4j-stdin");
    upward.setDaemon(true); // stdin may never end
    upward.start();
    copy(socket.getInputStream(), parent.streams().out());
  }

  private void send(Socket socket) {
    try {
      copy(parent.streams().in(), socket.getOutputStream());
      socket.shutdownOutput();
    } catch (UnsupportedOperationException e) {
      spec.commandLine()
          .getErr()
          .println("vpc4j: stdin has ended; " + String.valueOf(e.getMessage()));
    } catch (IOException e) {
      if (!socket.isClosed()) {
        spec.commandLine()
            .getErr()
            .println("vpc4j: sending failed: " + String.valueOf(e.getMessage()));
      }
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    var buffer = new byte[COPY_OCTETS];
    for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      out.write(buffer, 0, count);
      out.flush();
    }
  }
}

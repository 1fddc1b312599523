package io.vpc4j.cli;

import io.vpc4j.ConnectAddress;
import io.vpc4j.ConnectOptions;
import io.vpc4j.ConnectOptions.SecureTransport;
import io.vpc4j.Fetcher;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.VpcService;
import io.vpc4j.VpcSocket;
import java.io.IOException;
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
      description = "For the connection to be accepted. Default: 40.")
  private double timeout = ConfigOptions.CONNECT_TIMEOUT.toSeconds();

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

  private VpcSocket connect(Fetcher binding) throws VpcException, Failure {
    var how =
        new ConnectOptions(
            Duration.ofMillis(Math.max(1, (long) (timeout * 1_000))),
            tls ? SecureTransport.ON : SecureTransport.OFF);
    if (binding instanceof VpcNetwork network) {
      if (address == null) {
        throw new Failure(ExitCode.USAGE, "Where to? A network binding needs HOST:PORT.");
      }
      return network.connect(destination(address), how);
    }
    if (address != null) {
      throw new Failure(
          ExitCode.USAGE,
          binding.name() + " is a service: its record says where to. Leave out " + address + ".");
    }
    return ((VpcService) binding).connect(how);
  }

  private static String destination(String address) throws Failure {
    try {
      return ConnectAddress.parse(address).toString();
    } catch (IllegalArgumentException e) {
      throw new Failure(
          ExitCode.USAGE, "'" + address + "' is not HOST:PORT. " + String.valueOf(e.getMessage()));
    }
  }

  /** Copies both ways until the far end closes. */
  private void relay(VpcSocket socket) throws IOException, Failure {
    var upward = new Thread(() -> send(socket), "vpc4j-stdin");
    upward.setDaemon(true); // stdin may never end
    upward.start();
    try {
      Copying.copy(socket.getInputStream(), parent.streams().out());
    } catch (VpcException e) {
      throw e;
    } catch (IOException e) {
      throw new Failure(ExitCode.RECEIVE_ERROR, "The connection was lost: " + e.getMessage() + ".");
    }
  }

  private void send(VpcSocket socket) {
    try {
      parent.streams().in().transferTo(socket.getOutputStream());
      if (socket.canHalfClose()) {
        socket.shutdownOutput();
      } else {
        say("stdin has ended; this transport has no half-close: the far end is to close");
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        say("sending failed: " + e.getMessage());
      }
    }
  }

  private void say(String sentence) {
    spec.commandLine().getErr().println("vpc4j: " + sentence);
  }
}

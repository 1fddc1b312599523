package io.vpc4j.cli;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.EntranceOptions.Credentials;
import io.vpc4j.Fetcher;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A door into a binding, for programs that are not Java. */
@Command(
    name = "proxy",
    description = {
      "Let other programs through a binding: one port for HTTP proxying, CONNECT, SOCKS5 and SOCKS4a.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j proxy -b MY_VPC &",
      "  curl -x http://127.0.0.1:8118 http://10.0.1.50/data",
      "  curl -x socks5h://127.0.0.1:8118 https://api.internal/",
      "  vpc4j proxy --no-proxy --forward 5432=10.0.5.42:5432 &",
      "  psql -h 127.0.0.1 -p 5432",
      "",
      "Names are resolved at the far end: use socks5h, not socks5. Runs until it is interrupted, and",
      "follows the directory: what is added or taken away there holds at once.",
      "Only this machine can come in unless --listen says otherwise, and then --user or --token is",
      "needed; forwards are for this machine alone.",
      "Exit codes: 2 usage, configuration, or a port that is taken; 130 and 143 ended by Ctrl-C and",
      "SIGTERM, in order."
    })
final class ProxyCommand implements Callable<Integer> {

  private static final int DEFAULT_PORT = 8118;

  @Spec private CommandSpec spec;
  @ParentCommand private VpcCommand parent;
  @Mixin private ConfigOptions options;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where the proxy listens; port 0 for a free one. Default: 127.0.0.1:8118.")
  private @Nullable String listen;

  @Option(
      names = "--unix",
      paramLabel = "PATH",
      description = "Listen on a Unix socket instead; made and removed by this command.")
  private @Nullable Path unix;

  @Option(
      names = "--forward",
      paramLabel = "LOCAL=HOST:PORT",
      description =
          "Also lead a local port (or HOST:PORT) to one target. May be repeated. For a service:"
              + " LOCAL=.")
  private List<String> forwards = new ArrayList<>();

  @Option(names = "--no-proxy", description = "Forwards alone, no proxy.")
  private boolean forwardsAlone;

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER:PASSWORD",
      description = "Who may come in. Default: $VPC4J_PROXY_USER; else everyone on this machine.")
  private @Nullable String user = System.getenv("VPC4J_PROXY_USER");

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "What lets anyone in, also a Miniflare client. Default: $VPC4J_PROXY_TOKEN.")
  private @Nullable String token = System.getenv("VPC4J_PROXY_TOKEN");

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description = "Clients at once, for each listener. Default: 1024.")
  private int maxConnections = 1_024;

  @SuppressWarnings("NullAway.Init")
  ProxyCommand() {}

  @Override
  public Integer call() throws Exception {
    if (forwardsAlone && forwards.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "--no-proxy and no --forward: there is nothing to do.");
    }
    try (var vpc = options.openForLong()) {
      var binding = options.binding(vpc);
      if (!forwardsAlone) {
        say(proxy(vpc, binding), binding.name());
      }
      for (var forward : forwards) {
        say(forward(vpc, binding, forward), forward.substring(forward.indexOf('=') + 1));
      }
      spec.commandLine().getOut().flush();
      parent.streams().stop().await();
    } finally {
      parent.streams().stop().ended();
    }
    return ExitCode.OK;
  }

  private Entrance proxy(Vpc vpc, Fetcher binding) throws VpcException, Failure {
    SocketAddress where =
        unix != null
            ? UnixDomainSocketAddress.of(unix)
            : address(listen == null ? "127.0.0.1:" + DEFAULT_PORT : listen);
    return vpc.entrance(binding.name(), entrance(where));
  }

  private Entrance forward(Vpc vpc, Fetcher binding, String forward) throws VpcException, Failure {
    var equals = forward.indexOf('=');
    if (equals <= 0) {
      throw new Failure(ExitCode.USAGE, "--forward is LOCAL=HOST:PORT, not '" + forward + "'.");
    }
    var local = forward.substring(0, equals);
    var where = address(local.indexOf(':') < 0 ? "127.0.0.1:" + local : local);
    try {
      return vpc.forward(binding.name(), forward.substring(equals + 1), entrance(where));
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, "--forward " + forward + ": " + e.getMessage());
    }
  }

  private EntranceOptions entrance(SocketAddress where) throws Failure {
    try {
      var builder = EntranceOptions.builder().listen(where).maxConnections(maxConnections);
      var login = user;
      if (login != null) {
        var colon = login.indexOf(':');
        builder.credentials(
            new Credentials(
                colon < 0 ? login : login.substring(0, colon),
                colon < 0 ? "" : login.substring(colon + 1)));
      }
      if (token != null) {
        builder.token(token);
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, String.valueOf(e.getMessage()) + ".");
    }
  }

  private static InetSocketAddress address(String text) throws Failure {
    var colon = text.lastIndexOf(':');
    try {
      var host = colon < 0 ? "" : text.substring(0, colon);
      var port = Integer.parseInt(text.substring(colon + 1));
      return new InetSocketAddress(InetAddress.getByName(host.replaceAll("[\\[\\]]", "")), port);
    } catch (UnknownHostException | IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, "'" + text + "' is not an address to listen on.");
    }
  }

  private void say(Entrance entrance, String leadsTo) {
    var where =
        entrance.address() instanceof InetSocketAddress inet
            ? (inet.getAddress().getHostAddress() + ":" + inet.getPort())
            : entrance.address().toString();
    spec.commandLine().getOut().println(where + " leads to " + leadsTo);
  }
}

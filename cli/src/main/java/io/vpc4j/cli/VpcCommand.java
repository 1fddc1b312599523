package io.vpc4j.cli;

import io.vpc4j.core.net.EventLoops;
import io.vpc4j.tunnel.TunnelEdge;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root: says what there is. */
@Command(
    name = "vpc4j",
    description = {
      "Reach a private network from a JVM process, through the bindings of a wrangler.jsonc.",
      ""
    },
    subcommands = {
      DemoCommand.class,
      CheckCommand.class,
      ExplainCommand.class,
      FetchCommand.class,
      ConnectCommand.class,
      ConnectorCommand.class,
      TunnelCommand.class,
      RouteCommand.class,
      EdgeCommand.class,
      MeshCommand.class,
      StatusCommand.class,
      HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = VpcCommand.Version.class,
    footer = {
      "",
      "Begin with 'vpc4j demo': it needs no file and no network.",
      "Then, beside your wrangler.jsonc:",
      "",
      "  vpc4j check                            what is wrong with the configuration",
      "  vpc4j explain http://10.0.1.50/data    where a request would go, and why",
      "  vpc4j fetch http://10.0.1.50/data      send it",
      "  vpc4j connect 10.0.5.42:5432           octets both ways, as netcat does",
      "",
      "To have a real network there:",
      "",
      "  vpc4j tunnel create office             a tunnel, and the line to run next to the services",
      "  vpc4j mesh init                        a mesh of WireGuard peers, and this side's key",
      "  vpc4j status                           who is connected"
    })
final class VpcCommand implements Runnable {

  @Spec private CommandSpec spec;

  private final Streams streams;

  @SuppressWarnings("NullAway.Init") // picocli fills the other field
  VpcCommand(Streams streams) {
    this.streams = streams;
  }

  Streams streams() {
    return streams;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The version of this build, of Java, the I/O in use, and whether tunnels can speak QUIC. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws Exception {
      return new String[] {
        "vpc4j " + number(),
        "java: " + System.getProperty("java.version"),
        "io: " + EventLoops.best(),
        "quic: " + (TunnelEdge.speaksQuic() ? "available" : "not available, HTTP/2 alone")
      };
    }

    static String number() {
      try (var in = VpcCommand.class.getResourceAsStream("/io/vpc4j/cli/version.properties")) {
        var properties = new Properties();
        if (in != null) {
          properties.load(in);
        }
        return properties.getProperty("version", "unknown");
      } catch (java.io.IOException e) {
        return "unknown";
      }
    }
  }
}

package io.vpc4j.cli;

import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.ops.OpsServer;
import io.vpc4j.mesh.MeshNode;
import io.vpc4j.mesh.WgQuickException;
import io.vpc4j.mesh.WgQuickFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A node of the mesh as a process. */
@Command(
    name = "join",
    description = {
      "Run a node of the mesh in this process, until it is told to end: what 'wg-quick up' does,",
      "without root, without a TUN device, wherever a JDK runs. FILE is what 'vpc4j mesh add'",
      "printed, or any other wg-quick file.",
      "",
      "Flows to the prefixes of --route end here and go on as ordinary sockets of this process: TCP,",
      "UDP, and echo as far as the system lets an ordinary user ask.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh join vpc4j.conf --route 10.0.5.0/24",
      "  vpc4j mesh join vpc4j.conf --route 10.0.5.0/24 --allow 10.0.5.42:5432",
      "  vpc4j mesh join vpc4j.conf --route 10.77.0.0/24=192.168.1.0/24 --deny 10.77.0.1",
      "  vpc4j mesh join hub.conf --hub --hub-deny 100.96.0.9",
      "",
      "--deny comes before --allow; with an --allow, what no rule names is denied. Link-local and",
      "metadata addresses are denied unless allowed by address. How it stands, 'vpc4j status --ops'",
      "says, at the URL that is printed.",
      "Exit codes: 2 usage, configuration, or a port that is taken; 23 cannot write; 26 cannot read;",
      "130 and 143 ended by Ctrl-C and SIGTERM, in order."
    })
final class MeshJoinCommand implements Callable<Integer> {

  private static final long MAX_OCTETS = 1 << 20;

  @Spec private CommandSpec spec;
  @ParentCommand private MeshCommand parent;
  @Mixin private OpsOption ops;
  @Mixin private HubAndRecordings more;

  @Parameters(paramLabel = "FILE", description = "A wg-quick file: this node's own.")
  private Path file;

  @Option(
      names = "--route",
      paramLabel = "CIDR[=CIDR]",
      description =
          "A prefix that is reached through this node; again for another. With =, what it is in the"
              + " network here, address by address.")
  private List<String> routes = new ArrayList<>();

  @Option(
      names = "--allow",
      paramLabel = "CIDR[:PORT]",
      description =
          "What flows may reach, as the network here knows it; again for another. PORT may be a"
              + " range, 8000-8999. Default: everything.")
  private List<String> allowed = new ArrayList<>();

  @Option(
      names = "--deny",
      paramLabel = "CIDR[:PORT]",
      description = "What they may not; again for another.")
  private List<String> denied = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  MeshJoinCommand() {}

  @Override
  public Integer call() throws Exception {
    Logging.events();
    var read = read();
    var builder = MeshNode.builder().wgQuick(read).policy(policy());
    for (var route : routes) {
      announce(builder, route);
    }
    more.apply(builder);
    var stop = parent.streams().stop();
    try (var loops = EventLoops.open(EventLoops.best(), 1);
        var node = start(builder);
        var server = ops.serve(node.statusSource(), loops)) {
      say(read, node, server);
      stop.await();
      spec.commandLine().getErr().println("vpc4j: ending");
    } finally {
      stop.ended();
    }
    return ExitCode.OK;
  }

  private WgQuickFile read() throws Failure {
    try {
      if (Files.size(file) > MAX_OCTETS) {
        throw new Failure(ExitCode.USAGE, file + " is larger than " + MAX_OCTETS + " octets.");
      }
      return WgQuickFile.read(Files.readString(file, StandardCharsets.UTF_8));
    } catch (WgQuickException e) {
      throw new Failure(
          ExitCode.USAGE, file + " is no wg-quick file: " + String.join("; ", e.problems()));
    } catch (IOException e) {
      throw new Failure(ExitCode.READ_ERROR, "Cannot read " + file + ": " + e + ".");
    }
  }

  private Policy policy() throws Failure {
    var rules = new ArrayList<Rule>();
    for (var text : denied) {
      rules.add(JoinRule.parse(Action.DENY, text));
    }
    for (var text : allowed) {
      rules.add(JoinRule.parse(Action.ALLOW, text));
    }
    return new Policy(rules, allowed.isEmpty() ? Action.ALLOW : Action.DENY);
  }

  private static void announce(MeshNode.Builder builder, String route) throws Failure {
    var equals = route.indexOf('=');
    if (equals < 0) {
      builder.route(cidr(route));
      return;
    }
    try {
      builder.route(cidr(route.substring(0, equals)), cidr(route.substring(equals + 1)));
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, "--route " + route + ": " + e.getMessage() + ".");
    }
  }

  private static Cidr cidr(String text) throws Failure {
    try {
      return Cidr.require(text);
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, "--route: \"" + text + "\" is no prefix.");
    }
  }

  private MeshNode start(MeshNode.Builder builder) throws Failure {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new Failure(ExitCode.USAGE, e.getMessage() + ".");
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, file + ": " + e.getMessage() + ".");
    }
  }

  private void say(WgQuickFile read, MeshNode node, OpsServer server) {
    var out = spec.commandLine().getOut();
    row(out, "node", String.join(", ", node.addresses().stream().map(Object::toString).toList()));
    row(out, "UDP port", Integer.toString(node.listenPort()));
    for (var peer : read.peers()) {
      row(out, "peer", peer.publicKey() + peer.endpoint().map(at -> " at " + at).orElse(""));
    }
    for (var route : routes) {
      row(out, "route", route.replace("=", ", here "));
    }
    denied.forEach(rule -> row(out, "denied", rule));
    allowed.forEach(rule -> row(out, "allowed", rule));
    more.said().forEach((what, said) -> row(out, what, said));
    row(out, "status", server.uri() + "/status");
    var keys = new ArrayList<String>();
    read.self().others().forEach(other -> keys.add(other.key()));
    if (!read.self().dns().isEmpty() || !read.self().searchDomains().isEmpty()) {
      keys.add("DNS");
    }
    if (!keys.isEmpty()) {
      row(
          out,
          "left out",
          String.join(", ", keys.stream().distinct().toList()) + ": nothing here changes");
    }
    out.flush();
  }

  private static void row(PrintWriter out, String name, String value) {
    out.printf("%-11s %s%n", name, Table.shown(value));
  }
}

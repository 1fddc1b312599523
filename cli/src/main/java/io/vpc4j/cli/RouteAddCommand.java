package io.vpc4j.cli;

import io.vpc4j.core.config.edit.Fields;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One more route. */
@Command(
    name = "add",
    description = {
      "Have a tunnel carry a prefix, IPv4 or IPv6, or a name. \"*.\" in front of a name stands for",
      "exactly one more label. The longest prefix wins; names come before prefixes.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j route add 10.0.0.0/16 office --comment 'the second floor'",
      "  vpc4j route add '*.internal.local' office",
      "  vpc4j route add 10.0.0.0/8 lab --vnet staging",
      "",
      "Exit codes: 0 done; 1 it is there already, or no such tunnel; 2 usage or configuration;",
      "23 cannot write; 26 cannot read."
    })
final class RouteAddCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(index = "0", paramLabel = "CIDR|HOST", description = "What is to be reached.")
  private String target;

  @Parameters(index = "1", paramLabel = "TUNNEL", description = "Who carries it: name or id.")
  private String tunnel;

  @Option(
      names = "--vnet",
      paramLabel = "NETWORK",
      description = "The virtual network the prefix holds in, by name or id. Default: default.")
  private @Nullable String virtualNetwork;

  @Option(names = "--comment", paramLabel = "TEXT", description = "For people.")
  private @Nullable String comment;

  @SuppressWarnings("NullAway.Init")
  RouteAddCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var wanted = RouteTarget.of(target, virtualNetwork, editor.snapshot());
    var carrier = Tunnels.find(editor.snapshot(), tunnel);
    var known = editor.elements(wanted.section()).stream().filter(wanted.matches()).findFirst();
    if (known.isPresent()) {
      throw new Failure(
          ExitCode.REFUSED,
          editor.file()
              + ":"
              + known.orElseThrow().line()
              + ": a route for "
              + wanted
              + " is there already; 'vpc4j route delete' takes it away.");
    }
    var fields =
        wanted.network().isPresent()
            ? Fields.of().text("network", wanted.toString())
            : Fields.of().text("hostname", wanted.hostname());
    fields.text("tunnel_id", carrier.tunnelId());
    if (!wanted.isDefaultNetwork()) {
      fields.text("virtual_network_id", wanted.virtualNetworkId());
    }
    if (comment != null) {
      fields.text("comment", comment);
    }
    editor.append(wanted.section(), fields);
    DirectoryOption.write(editor, spec.commandLine().getErr());
    spec.commandLine().getOut().println(wanted + " -> " + Table.shown(carrier.name()));
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }
}

package io.vpc4j.cli;

import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.ops.StatusJson;
import io.vpc4j.core.spi.NextHop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The routes there are. */
@Command(
    name = "list",
    description = {
      "List the routes of the mesh: names first, then prefixes, those that nodes announce"
          + " included.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j route list",
      "  vpc4j route list --json",
      "",
      "Exit codes: 0 done; 2 usage or configuration; 26 cannot read."
    })
final class RouteListCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Option(names = "--json", description = "One line of JSON, for programs.")
  private boolean json;

  @SuppressWarnings("NullAway.Init")
  RouteListCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var routes = routes(editor.snapshot());
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(StatusJson.of(routes));
    } else if (routes.isEmpty()) {
      out.println("no route in " + editor.file() + "; 'vpc4j route add CIDR TUNNEL' makes one");
    } else {
      var table = new Table("ROUTE", "NETWORK", "BY", "NAME", "COMMENT");
      routes.forEach(route -> table.row(route.values().stream().map(Object::toString).toList()));
      table.print(out, "");
    }
    out.flush();
    return ExitCode.OK;
  }

  private static List<Map<String, Object>> routes(DirectorySnapshot snapshot) {
    var rows = new ArrayList<Map<String, Object>>();
    for (var route : snapshot.hostnameRoutes()) {
      rows.add(row(route.hostname(), "any", route.hop(), route.comment(), snapshot));
    }
    for (var route : snapshot.routes()) {
      var network = snapshot.virtualNetworks().get(route.virtualNetworkId());
      rows.add(
          row(
              route.network().toString(),
              network == null ? route.virtualNetworkId() : network.name(),
              route.hop(),
              route.comment(),
              snapshot));
    }
    return rows;
  }

  private static Map<String, Object> row(
      String target, String network, NextHop hop, String comment, DirectorySnapshot snapshot) {
    var row = new LinkedHashMap<String, Object>();
    row.put("route", target);
    row.put("virtual_network", network);
    row.put("hop", hop.toString());
    row.put("name", name(hop, snapshot));
    row.put("comment", comment);
    return row;
  }

  private static String name(NextHop hop, DirectorySnapshot snapshot) {
    if (hop instanceof NextHop.TunnelHop tunnel) {
      var record = snapshot.tunnels().get(tunnel.tunnelId());
      return record == null ? "" : record.name();
    }
    if (hop instanceof NextHop.NodeHop node) {
      var record = snapshot.nodes().get(node.nodeId());
      return record == null ? "" : record.name();
    }
    return "";
  }
}

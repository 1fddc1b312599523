package io.vpc4j.cli;

import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.ops.StatusJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Who takes part in the mesh. */
@Command(
    name = "list",
    description = {
      "List the nodes and devices of the directory, in its order. How they stand, 'vpc4j status'"
          + " says.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j mesh list",
      "  vpc4j mesh list --json",
      "",
      "Exit codes: 0 done; 2 usage or configuration; 26 cannot read."
    })
final class MeshListCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Option(names = "--json", description = "One line of JSON, for programs.")
  private boolean json;

  @SuppressWarnings("NullAway.Init")
  MeshListCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var rows = new ArrayList<Map<String, Object>>();
    new MeshState(editor).participants().forEach(node -> rows.add(row(node)));
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(StatusJson.of(rows));
    } else {
      var mesh = editor.snapshot().mesh();
      var own = mesh.addresses();
      if (mesh.others().isEmpty() || !own.isEmpty()) {
        out.println(
            own.isEmpty()
                ? "this side takes no part; 'vpc4j mesh init' makes its key"
                : "this side  " + joined(own));
      }
      mesh.others()
          .forEach(
              network -> out.println("in " + network.name() + "  " + joined(network.addresses())));
      if (!rows.isEmpty()) {
        var names =
            new ArrayList<>(
                List.of("NAME", "ID", "KIND", "ADDRESSES", "ROUTES", "ENDPOINT", "PRIORITY"));
        if (mesh.others().isEmpty()) {
          rows.forEach(row -> row.remove("network"));
        } else {
          names.add("NETWORK");
        }
        var table = new Table(names.toArray(String[]::new));
        rows.forEach(row -> table.row(row.values().stream().map(MeshListCommand::cell).toList()));
        out.println();
        table.print(out, "");
      }
    }
    out.flush();
    return ExitCode.OK;
  }

  private static String joined(List<?> values) {
    return String.join(", ", values.stream().map(Object::toString).toList());
  }

  private static String cell(Object value) {
    return value instanceof List<?> list ? joined(list) : value.toString();
  }

  private static Map<String, Object> row(NodeRecord node) {
    var row = new LinkedHashMap<String, Object>();
    row.put("name", node.name());
    row.put("node_id", node.nodeId());
    row.put("kind", node.kind().name().toLowerCase(Locale.ROOT));
    row.put("addresses", node.addresses().stream().map(Object::toString).toList());
    row.put("routes", node.routes().stream().map(route -> route.network().toString()).toList());
    row.put("endpoint", node.peer().flatMap(NodeRecord.Peer::endpoint).orElse("calls us"));
    row.put("priority", node.priority());
    row.put("network", node.network());
    return row;
  }
}

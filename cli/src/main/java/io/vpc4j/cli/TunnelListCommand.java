package io.vpc4j.cli;

import io.vpc4j.core.ops.StatusJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The tunnels there are. */
@Command(
    name = "list",
    description = {"List the tunnels of the directory, in its order.", ""},
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j tunnel list",
      "  vpc4j tunnel list --json",
      "",
      "Exit codes: 0 done; 2 usage or configuration; 26 cannot read."
    })
final class TunnelListCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Option(names = "--json", description = "One line of JSON, for programs.")
  private boolean json;

  @SuppressWarnings("NullAway.Init")
  TunnelListCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var tunnels = Tunnels.inOrder(editor);
    var out = spec.commandLine().getOut();
    if (json) {
      var list = new ArrayList<Object>();
      for (var tunnel : tunnels) {
        var entry = new LinkedHashMap<String, Object>();
        entry.put("tunnel_id", tunnel.tunnelId());
        entry.put("name", tunnel.name());
        entry.put("secret", Tunnels.secret(editor, tunnel));
        entry.put("routes", Tunnels.routes(editor.snapshot(), tunnel));
        list.add(entry);
      }
      out.println(StatusJson.of(list));
    } else if (tunnels.isEmpty()) {
      out.println("no tunnel in " + editor.file() + "; 'vpc4j tunnel create NAME' makes one");
    } else {
      var table = new Table("NAME", "ID", "SECRET", "ROUTES");
      tunnels.forEach(
          tunnel ->
              table.row(
                  tunnel.name(),
                  tunnel.tunnelId(),
                  Tunnels.secret(editor, tunnel),
                  String.join(", ", Tunnels.routes(editor.snapshot(), tunnel))));
      table.print(out, "");
    }
    out.flush();
    return ExitCode.OK;
  }
}

package io.vpc4j.cli;

import io.vpc4j.cli.Tunnels.EdgeAddress;
import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.ops.StatusJson;
import io.vpc4j.tunnel.TunnelEdge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One tunnel, and what to run for it. */
@Command(
    name = "info",
    description = {
      "Say what there is about a tunnel: its id, what leads to it, and what to run next to the",
      "services. Who is connected, 'vpc4j status' says.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j tunnel info office",
      "  vpc4j tunnel info --json f70ff985-a4ef-4643-bbbc-4a0ed4fc8415",
      "",
      "Exit codes: 0 done; 1 no such tunnel; 2 usage or configuration; 23 cannot write; 26 cannot"
          + " read."
    })
final class TunnelInfoCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(paramLabel = "TUNNEL", description = "Its name or its id.")
  private String tunnel;

  @Option(names = "--json", description = "One line of JSON, for programs.")
  private boolean json;

  @SuppressWarnings("NullAway.Init")
  TunnelInfoCommand() {}

  @Override
  public Integer call() throws Exception {
    var editor = directory.edit();
    var found = Tunnels.find(editor.snapshot(), tunnel);
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(StatusJson.of(tree(editor, found)));
    } else {
      tree(editor, found)
          .forEach(
              (name, value) ->
                  out.println(
                      name.replace('_', ' ') + " ".repeat(14 - name.length()) + text(value)));
      say(editor, found);
    }
    out.flush();
    return ExitCode.OK;
  }

  private static String text(Object value) {
    return value instanceof java.util.List<?> list
        ? list.isEmpty()
            ? "none"
            : Table.shown(String.join(", ", list.stream().map(String::valueOf).toList()))
        : Table.shown(String.valueOf(value));
  }

  private static Map<String, Object> tree(DirectoryEditor editor, TunnelRecord found) {
    var snapshot = editor.snapshot();
    var tree = new LinkedHashMap<String, Object>();
    tree.put("tunnel_id", found.tunnelId());
    tree.put("name", found.name());
    tree.put("secret", Tunnels.secret(editor, found));
    tree.put("routes", Tunnels.routes(snapshot, found));
    tree.put("services", Tunnels.services(snapshot, found));
    tree.put("edge", EdgeAddress.of(snapshot.edge()).address());
    var credentials = files(editor, found).credentials();
    tree.put("credentials", Files.exists(credentials) ? credentials.toString() : "not here");
    return tree;
  }

  private static Tunnels.Files files(DirectoryEditor editor, TunnelRecord found) {
    return Tunnels.Files.of(DirectoryOption.stateFolder(editor), found.tunnelId());
  }

  private void say(DirectoryEditor editor, TunnelRecord found) throws Failure {
    var out = spec.commandLine().getOut();
    var edge = editor.snapshot().edge();
    var token = files(editor, found).token();
    if (edge.isEmpty() || !Files.exists(token)) {
      return;
    }
    try {
      Optional<Path> authority =
          editor.has("edge.certificate")
              ? Optional.empty()
              : Optional.of(TunnelEdge.certificateAuthority(edge.orElseThrow().stateFolder()));
      out.println();
      new ConnectorLines(EdgeAddress.of(edge), authority, token).print(out);
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot use the edge's certificate: " + e + ".");
    }
  }
}

package io.vpc4j.cli;

import io.vpc4j.core.ops.OpsClient;
import io.vpc4j.core.ops.OpsFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
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

/** How the processes that run stand. */
@Command(
    name = "status",
    description = {
      "Ask the processes that run how they stand: tunnels, connectors and their connections, mesh",
      "peers, bindings. They are found through the state folder of the directory (.vpc4j/run), or",
      "named with --ops.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j status",
      "  vpc4j status --watch",
      "  vpc4j status --json --ops http://127.0.0.1:9090",
      "",
      "Exit codes: 0 done; 2 usage or configuration; 7 nothing runs, or nothing answers;",
      "26 cannot read; 130 and 143 --watch ended by Ctrl-C and SIGTERM."
    })
final class StatusCommand implements Callable<Integer> {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String HOME_AND_CLEAR = "\u001b[H\u001b[2J";

  @Spec private CommandSpec spec;
  @ParentCommand private VpcCommand parent;
  @Mixin private DirectoryOption directory;

  @Option(
      names = "--ops",
      paramLabel = "URL",
      description = "Ask there, and nowhere else: http://HOST:PORT.")
  private @Nullable URI ops;

  @Option(names = "--json", description = "A line of JSON for each process, as it answers.")
  private boolean json;

  @Option(
      names = "--watch",
      paramLabel = "SECONDS",
      arity = "0..1",
      fallbackValue = "2",
      description = "Ask again and again, every SECONDS; 2 if left out.")
  private @Nullable Double watchSeconds;

  @SuppressWarnings("NullAway.Init")
  StatusCommand() {}

  @Override
  public Integer call() throws Exception {
    var wait = watchSeconds;
    if (wait == null) {
      show(ask());
      return ExitCode.OK;
    }
    if (!(wait > 0) || wait > 86_400) {
      throw new Failure(ExitCode.USAGE, "--watch wants seconds, more than 0 and at most a day.");
    }
    var stop = parent.streams().stop();
    try {
      do {
        var answers = ask();
        if (!json && parent.streams().terminals().contains(Terminal.STDOUT)) {
          spec.commandLine().getOut().print(HOME_AND_CLEAR);
        }
        show(answers);
      } while (!stop.await((long) (wait * 1000)));
    } finally {
      stop.ended();
    }
    return ExitCode.OK;
  }

  private void show(List<OpsClient.Reply> answers) throws IOException {
    var out = spec.commandLine().getOut();
    for (var answer : answers) {
      if (json) {
        out.println(answer.body().strip());
      } else {
        StatusText.print(OpsClient.tree("status", answer.body()), out);
      }
    }
    out.flush();
  }

  private List<OpsClient.Reply> ask() throws Exception {
    if (ops != null) {
      return List.of(ask(ops));
    }
    var file = directory.file();
    var folder =
        java.nio.file.Files.exists(file) ? stateFolder() : DirectoryOption.stateFolder(file);
    List<OpsFile> notes;
    try {
      notes = OpsFile.list(folder);
    } catch (IOException e) {
      throw new Failure(ExitCode.READ_ERROR, "Cannot read " + folder + ": " + e + ".");
    }
    var answers = new ArrayList<OpsClient.Reply>();
    for (var note : notes) {
      if (note.isAlive()) {
        answers.add(ask(note.uri()));
      }
    }
    if (answers.isEmpty()) {
      throw new Failure(
          ExitCode.COULD_NOT_CONNECT,
          "Nothing runs that keeps its state in "
              + folder
              + ". 'vpc4j edge' would; an application says so with Vpc.Builder.statusAddress, and"
              + " is asked with --ops.");
    }
    return answers;
  }

  private Path stateFolder() throws Exception {
    return DirectoryOption.stateFolder(directory.edit());
  }

  private static OpsClient.Reply ask(URI uri) throws Failure {
    try {
      var answer = new OpsClient(uri, TIMEOUT).get("/status");
      if (answer.status() != 200) {
        throw new IOException("it answers " + answer.status());
      }
      return answer;
    } catch (IOException | IllegalArgumentException e) {
      throw new Failure(
          ExitCode.COULD_NOT_CONNECT,
          "Nothing of ours answers at " + uri + ": " + e.getMessage() + ".");
    }
  }
}

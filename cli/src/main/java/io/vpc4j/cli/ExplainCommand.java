package io.vpc4j.cli;

import io.vpc4j.Explanation;
import io.vpc4j.Fetcher;
import io.vpc4j.core.routing.ExplanationJson;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Where a URL would go, and why. */
@Command(
    name = "explain",
    description = {
      "Say where a fetch of a URL would go, and why. Dials nothing.",
      "",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j explain http://10.0.1.50/data",
      "  vpc4j explain -b PRIVATE_API --json https://anything.example/path",
      "",
      "Exit codes: 0 explained, whatever the verdict; 2 usage or configuration; 3 URL."
    })
final class ExplainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ConfigOptions options;

  @Parameters(paramLabel = "URL", description = "Absolute, http or https.")
  private String url;

  @Option(names = "--json", description = "One line of JSON.")
  private boolean json;

  @SuppressWarnings("NullAway.Init")
  ExplainCommand() {}

  @Override
  public Integer call() throws Exception {
    try (var vpc = options.open()) {
      var explanation = explain(options.binding(vpc));
      var out = spec.commandLine().getOut();
      if (json) {
        out.println(ExplanationJson.of(explanation));
      } else {
        out.print(explanation);
      }
      out.flush();
    }
    return ExitCode.OK;
  }

  private Explanation explain(Fetcher binding) throws Failure {
    try {
      return binding.explain(url);
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.BAD_URL, String.valueOf(e.getMessage()));
    }
  }
}

package io.vpc4j.mesh.netstack.tcp.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips, and says which program or right is missing. */
final class NeedsTun implements ExecutionCondition {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    for (var command :
        List.of(List.of("python3", "--version"), List.of("unshare", "-n", "ip", "link"))) {
      if (!runs(command)) {
        return skip(String.join(" ", command) + " fails");
      }
    }
    if (!Files.isWritable(Path.of("/dev/net/tun"))) {
      return skip("/dev/net/tun is not ours to open");
    }
    return ConditionEvaluationResult.enabled("namespaces and TUN devices can be made");
  }

  private static boolean runs(List<String> command) {
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static ConditionEvaluationResult skip(String reason) {
    return ConditionEvaluationResult.disabled("NOT RUN against the kernel's TCP: " + reason);
  }
}

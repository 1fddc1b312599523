package io.vpc4j.mesh.wireguard.interop;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips, and says which program or right is missing. */
public final class NeedsWireGuardGo implements ExecutionCondition {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    for (var command :
        List.of(
            List.of("wireguard-go", "--version"),
            List.of("wg", "--version"),
            List.of("ip", "-V"),
            List.of("unshare", "-n", "ip", "link"))) {
      try {
        Namespaces.run(command.toArray(String[]::new));
      } catch (IOException e) {
        return skip(String.join(" ", command) + " fails: " + e.getMessage());
      }
    }
    if (!java.nio.file.Files.isWritable(java.nio.file.Path.of("/dev/net/tun"))) {
      return skip("/dev/net/tun is not ours to open");
    }
    return ConditionEvaluationResult.enabled("wireguard-go is here, and namespaces can be made");
  }

  private static ConditionEvaluationResult skip(String reason) {
    return ConditionEvaluationResult.disabled("NOT RUN against a real WireGuard peer: " + reason);
  }
}

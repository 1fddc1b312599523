package io.vpc4j.mesh.interop;

import io.vpc4j.mesh.wireguard.interop.Namespaces;
import io.vpc4j.mesh.wireguard.interop.NeedsWireGuardGo;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips, and says which program or right is missing: WireGuard's, and those of the far side. */
final class NeedsRealPeers implements ExecutionCondition {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    for (var command :
        List.of(List.of("nginx", "-v"), List.of("nft", "-v"), List.of("curl", "-V"))) {
      try {
        Namespaces.run(command.toArray(String[]::new));
      } catch (IOException e) {
        return ConditionEvaluationResult.disabled(
            "NOT RUN against real peers: " + command.get(0) + " fails: " + e.getMessage());
      }
    }
    return new NeedsWireGuardGo().evaluateExecutionCondition(context);
  }
}

package io.vpc4j.mesh.wireguard.crypto;

import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import org.conscrypt.Conscrypt;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Installs Conscrypt for the tests of a class, as an application would, and takes it away again.
 * Says so where its native library does not run.
 */
public final class ConscryptInstalled
    implements ExecutionCondition, BeforeAllCallback, AfterAllCallback {

  private static final String NAME = "Conscrypt";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return provider().isPresent()
        ? ConditionEvaluationResult.enabled("Conscrypt's native library runs here")
        : ConditionEvaluationResult.disabled(
            "NOT RUN with Conscrypt: it has no native library for this system");
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    Security.addProvider(provider().orElseThrow());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Security.removeProvider(NAME);
  }

  /** Conscrypt, installed or not; empty where its native library does not run. */
  static Optional<Provider> provider() {
    return Conscrypt.isAvailable() ? Optional.of(Conscrypt.newProvider()) : Optional.empty();
  }
}

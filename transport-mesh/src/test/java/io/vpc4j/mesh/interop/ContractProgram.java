package io.vpc4j.mesh.interop;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A process that runs {@link PeersContract} and says a line for each of its tests. */
public final class ContractProgram {

  private ContractProgram() {}

  public static void main(String[] arguments) {
    var request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(PeersContract.class))
            .build();
    LauncherFactory.create().execute(request, new Lines());
    System.out.println("end of the contract");
    System.exit(0);
  }

  private static final class Lines implements TestExecutionListener {

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest() || result.getStatus() != Status.SUCCESSFUL) {
        System.out.println(
            "contract: " + result.getStatus() + " " + test.getDisplayName().replace("()", ""));
        result.getThrowable().ifPresent(failure -> failure.printStackTrace(System.out));
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      System.out.println("contract: SKIPPED " + test.getDisplayName() + ", " + reason);
    }
  }
}

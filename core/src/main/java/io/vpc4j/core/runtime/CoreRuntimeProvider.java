package io.vpc4j.core.runtime;

import io.vpc4j.ErrorCode;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.spi.RuntimeProvider;
import java.io.UncheckedIOException;

/** The engine's door: reads the files that a builder names, and opens what they say. */
public final class CoreRuntimeProvider implements RuntimeProvider {

  /** For {@link java.util.ServiceLoader}. */
  public CoreRuntimeProvider() {}

  @Override
  public Vpc open(Vpc.Builder settings) throws VpcException {
    var plan = Configuration.read(settings);
    try {
      return VpcRuntime.open(plan);
    } catch (UncheckedIOException e) {
      plan.directory().close();
      throw new VpcException(
          ErrorCode.CONFIGURATION_ERROR, Stage.CONFIGURE, String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      plan.directory().close();
      throw e;
    }
  }
}

package io.vpc4j.spi;

import io.vpc4j.Vpc;
import io.vpc4j.VpcException;

/**
 * Opens a {@link Vpc}. Implemented once, by {@code io.vpc4j.core}, and found with {@link
 * java.util.ServiceLoader}.
 *
 * <p><b>Threads.</b> Called from the thread that builds the {@code Vpc}; may block on files.
 *
 * <p><b>Failure.</b> Either returns an open {@code Vpc} or throws and leaves nothing behind.
 */
public interface RuntimeProvider {

  /**
   * Opens what the builder describes.
   *
   * @throws io.vpc4j.ConfigurationException if a file cannot be read or says something wrong; all
   *     problems at once
   * @throws VpcException if the engine cannot start
   */
  Vpc open(Vpc.Builder settings) throws VpcException;
}

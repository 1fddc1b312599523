package io.vpc4j.spi;

import java.io.IOException;

/**
 * Turns a JSON document into a value of the application's, for {@link io.vpc4j.Response#json}.
 *
 * <p><b>Discovery.</b> Found with {@link java.util.ServiceLoader}; the first that says {@link
 * #available} is used. {@code io.vpc4j.core} brings one over Jackson, which is there when the
 * application itself has {@code tools.jackson.databind}.
 *
 * <p><b>Threads.</b> Called from the application's thread, possibly from several at once.
 */
public interface JsonBinding {

  /** Whether the library behind this binding is present. Must not throw. */
  boolean available();

  /**
   * Reads one document.
   *
   * @param json the document, UTF-8
   * @param type the class wanted
   * @throws IOException if the document is not JSON or does not fit {@code type}
   */
  <T> T read(byte[] json, Class<T> type) throws IOException;
}

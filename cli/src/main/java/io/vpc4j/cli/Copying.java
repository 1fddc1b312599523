package io.vpc4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Octets from the network to stdout or a file, with the end that failed told apart. */
final class Copying {

  private static final int OCTETS = 256 * 1024;

  private Copying() {}

  /** At full speed: large reads, no text layer, no buffer that hides a slow reader. */
  static void copy(InputStream in, OutputStream out) throws IOException, Failure {
    var buffer = new byte[OCTETS];
    for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      write(out, buffer, count);
    }
  }

  /**
   * Writes the first {@code count} octets.
   *
   * @throws Failure with {@link ExitCode#WRITE_ERROR}; the reader of a pipe may have left
   */
  static void write(OutputStream out, byte[] octets, int count) throws Failure {
    try {
      out.write(octets, 0, count);
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Failed writing output: " + e.getMessage() + ".");
    }
  }
}

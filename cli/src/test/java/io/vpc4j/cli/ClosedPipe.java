package io.vpc4j.cli;

import java.io.IOException;
import java.io.OutputStream;

/** A stdout whose reader has left. */
final class ClosedPipe extends OutputStream {

  @Override
  public void write(int octet) throws IOException {
    throw new IOException("Broken pipe");
  }
}

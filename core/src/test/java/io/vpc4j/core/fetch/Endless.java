package io.vpc4j.core.fetch;

import java.io.InputStream;

/** Never ends. */
final class Endless extends InputStream {

  @Override
  public int read() {
    return 'x';
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    java.util.Arrays.fill(into, offset, offset + length, (byte) 'x');
    return length;
  }
}

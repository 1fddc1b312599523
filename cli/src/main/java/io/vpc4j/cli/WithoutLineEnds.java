package io.vpc4j.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** curl's {@code -d @file}: carriage returns, line feeds and NULs are left out. */
final class WithoutLineEnds extends FilterInputStream {

  WithoutLineEnds(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    var octet = in.read();
    while (octet == '\r' || octet == '\n' || octet == 0) {
      octet = in.read();
    }
    return octet;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    var kept = 0;
    while (kept == 0) { // 0 would mean that nothing was asked for
      var count = in.read(into, offset, length);
      if (count < 0) {
        return -1;
      }
      for (var i = offset; i < offset + count; i++) {
        if (into[i] != '\r' && into[i] != '\n' && into[i] != 0) {
          into[offset + kept++] = into[i];
        }
      }
    }
    return kept;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}

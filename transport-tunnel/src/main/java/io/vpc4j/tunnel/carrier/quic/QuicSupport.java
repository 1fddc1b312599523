package io.vpc4j.tunnel.carrier.quic;

import io.netty.handler.codec.quic.Quic;
import java.io.IOException;

/**
 * Whether QUIC can be spoken here: it needs a native library, which lies in a module of its own for
 * each system, named to the launcher with {@code --add-modules}. HTTP/2 needs none.
 */
public final class QuicSupport {

  private QuicSupport() {}

  /** Whether the library is there and works. */
  public static boolean isAvailable() {
    return Quic.isAvailable();
  }

  /** Does nothing, or says what is missing. */
  public static void require() throws IOException {
    if (!Quic.isAvailable()) {
      throw new IOException(
          "QUIC needs its native library (netty-codec-native-quic for this system, on the module"
              + " path and named with --add-modules); HTTP/2 works without",
          Quic.unavailabilityCause());
    }
  }
}

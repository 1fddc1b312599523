package io.vpc4j.tunnel.edge;

import io.vpc4j.tunnel.carrier.ServerIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;

/** A certificate for a server of a test, and the authority that signed it. */
public final class TestAuthority {

  /** What the certificate is valid for. */
  public static final String NAME = PrivateAuthority.NAMES.get(0);

  private TestAuthority() {}

  public static ServerIdentity identity(Path folder) throws IOException {
    return new PrivateAuthority(folder, new SecureRandom()).identity(Instant.now());
  }

  public static Path certificate(Path folder) {
    return new PrivateAuthority(folder, new SecureRandom()).certificatePath();
  }
}

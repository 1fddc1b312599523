package io.vpc4j.tunnel.edge;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;

/** Another process that starts an edge in the same folder. */
final class AuthorityMaker {

  private AuthorityMaker() {}

  public static void main(String[] arguments) throws Exception {
    new PrivateAuthority(Path.of(arguments[0]), new SecureRandom())
        .identity(Instant.parse(arguments[1]));
  }
}

package io.vpc4j.tunnel.connector.manage;

import io.vpc4j.core.ops.OpsClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a management token says: a JSON Web Token, RFC 7519, of which the claims are read. [C] 7.8
 *
 * @param actor who asks; not empty
 */
record Claims(String actor) {

  /** The longest token that is read. */
  static final int MAX_CHARACTERS = 16 << 10;

  /** Reads a token; empty if it is none, or does not name a tunnel, an account and an actor. */
  static Optional<Claims> read(String token) {
    var parts = token.split("\\.", -1);
    if (token.length() > MAX_CHARACTERS || parts.length != 3 || parts[2].isEmpty()) {
      return Optional.empty();
    }
    try {
      if (!"ES256".equals(json(parts[0]).get("alg"))) {
        return Optional.empty();
      }
      var claims = json(parts[1]);
      var actor = text(claims.get("actor"), "id");
      var whole =
          !text(claims.get("tun"), "id").isEmpty()
              && !text(claims.get("tun"), "account_tag").isEmpty()
              && !actor.isEmpty();
      return whole ? Optional.of(new Claims(actor)) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty(); // no JSON, or no base64
    }
  }

  private static Map<String, Object> json(String part) throws IOException {
    var octets = Base64.getUrlDecoder().decode(part);
    return OpsClient.tree("a token", new String(octets, StandardCharsets.UTF_8));
  }

  private static String text(@Nullable Object of, String name) {
    return of instanceof Map<?, ?> fields && fields.get(name) instanceof String text ? text : "";
  }
}

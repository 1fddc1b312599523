package io.vpc4j.core.entrance;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vpc4j.EntranceOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/** Who may come in. Compares in a time that does not tell how much was right. Immutable. */
final class Guard {

  private final EntranceOptions options;

  Guard(EntranceOptions options) {
    this.options = options;
  }

  /** Whether anything has to be shown. */
  boolean asks() {
    return options.credentials().isPresent() || options.token().isPresent();
  }

  /**
   * Whether a request of HTTP may pass: by its {@code Proxy-Authorization}, RFC 7617 or RFC 6750
   * 2.1, or where a Miniflare client has no such field by the {@code token} of its query.
   */
  boolean admits(HttpRequest request) {
    if (!asks()) {
      return true;
    }
    var field = request.headers().get(HttpHeaderNames.PROXY_AUTHORIZATION, "");
    if (field.regionMatches(true, 0, "Basic ", 0, 6)) {
      return admitsBasic(field.substring(6).strip());
    } else if (field.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return admits(field.substring(7).strip());
    }
    return request.uri().startsWith("/") && admits(tokenInQuery(request.uri()));
  }

  private static String tokenInQuery(String uri) {
    try {
      var found = new QueryStringDecoder(uri).parameters().getOrDefault("token", List.of());
      return found.size() == 1 ? found.get(0) : "";
    } catch (IllegalArgumentException e) {
      return ""; // a malformed escape
    }
  }

  private boolean admitsBasic(String encoded) {
    try {
      var login = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      var colon = login.indexOf(':');
      return colon >= 0 && admits(login.substring(0, colon), login.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      return false; // not base64: not the password
    }
  }

  /** Whether it is the user, or somebody whose password is the token. */
  boolean admits(String user, String password) {
    return options
            .credentials()
            .filter(known -> same(known.user() + ":" + known.password(), user + ":" + password))
            .isPresent()
        || admits(password);
  }

  private boolean admits(String token) {
    return options.token().filter(known -> same(known, token)).isPresent();
  }

  private static boolean same(String known, String shown) {
    return MessageDigest.isEqual(
        known.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
  }
}

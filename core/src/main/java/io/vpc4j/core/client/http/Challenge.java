package io.vpc4j.core.client.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.Authenticator;
import java.net.Authenticator.RequestorType;
import java.net.URI;
import java.nio.charset.Charset;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's wish for credentials of the scheme Basic. RFC 7617 2
 *
 * @param realm as the server calls it
 * @param charset in which user and password are written
 */
record Challenge(String realm, Charset charset) {

  // RFC 9110 11.2: a parameter is a token or a quoted string
  private static final Pattern PARAMETER =
      Pattern.compile("([a-zA-Z]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");

  /** The Basic one among the values of {@code WWW-Authenticate}; null if there is none. */
  static @Nullable Challenge among(List<String> values) {
    for (var value : values) {
      var at = value.toLowerCase(Locale.ROOT).indexOf("basic");
      if (at == 0 || (at > 0 && ", ".indexOf(value.charAt(at - 1)) >= 0)) {
        return parse(value.substring(at + "basic".length()));
      }
    }
    return null;
  }

  private static @Nullable Challenge parse(String parameters) {
    String realm = null;
    Charset charset = ISO_8859_1;
    var found = PARAMETER.matcher(parameters);
    while (found.find()) {
      var value = found.group(2) != null ? found.group(2).replace("\\", "") : found.group(3);
      if (found.group(1).equalsIgnoreCase("realm")) {
        realm = realm == null ? value : realm;
      } else if (found.group(1).equalsIgnoreCase("charset") && value.equalsIgnoreCase("utf-8")) {
        charset = UTF_8;
      }
    }
    return realm == null ? null : new Challenge(realm, charset);
  }

  /**
   * Asks for user and password; the value of {@code Authorization} to send.
   *
   * @throws IOException if there are none
   */
  String answer(Authenticator authenticator, URI uri) throws IOException {
    var credentials =
        authenticator.requestPasswordAuthenticationInstance(
            uri.getHost(),
            null,
            uri.getPort(),
            uri.getScheme(),
            realm,
            "Basic",
            toUrl(uri),
            RequestorType.SERVER);
    if (credentials == null) {
      throw new IOException("No credentials provided");
    }
    var text = credentials.getUserName() + ":" + new String(credentials.getPassword());
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(charset));
  }

  private static java.net.URL toUrl(URI uri) throws IOException {
    return uri.toURL();
  }
}

package io.vpc4j.core.client.http;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request of a call: the application's at first, then what a redirect or a challenge makes of
 * it.
 *
 * @param body sent again each time
 * @param authorization the value of {@code Authorization}; null for what the application's fields
 *     say
 * @param challenges how many challenges were answered before
 * @param redirects how many redirects were followed before
 */
record Hop(
    URI uri,
    String method,
    Optional<BodyPublisher> body,
    @Nullable String authorization,
    int challenges,
    int redirects) {

  static Hop first(HttpRequest request) {
    return new Hop(request.uri(), request.method(), request.bodyPublisher(), null, 0, 0);
  }

  /** The same, for whoever asks who we are. */
  Hop withAuthorization(String authorization) {
    return new Hop(uri, method, body, authorization, challenges + 1, redirects);
  }

  /** Where a redirect of that status leads: method and body as the JDK's client has them. */
  Hop redirected(URI to, int status) {
    var post = method.equals("POST");
    var asGet = status == 303 || (post && (status == 301 || status == 302));
    return new Hop(
        to, asGet ? "GET" : method, asGet ? Optional.empty() : body, null, 0, redirects + 1);
  }
}

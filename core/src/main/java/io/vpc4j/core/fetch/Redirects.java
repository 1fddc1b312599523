package io.vpc4j.core.fetch;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.Request.Redirect;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What follows on a redirect. Pure. [F] "HTTP-redirect fetch", as the hosted runtime has it.
 *
 * <p>Where it differs from the standard it differs on purpose: the body's Content-Type stays when
 * the body goes, Cookie stays across origins, and a body that can be sent once fails on every
 * redirect but a 303.
 */
final class Redirects {

  /**
   * One request of a chain.
   *
   * @param method in upper case
   * @param url where to
   * @param headers the application's fields, as far as they apply
   * @param body null for none
   */
  record Step(String method, Url url, Headers headers, @Nullable Body body) {}

  private Redirects() {}

  /**
   * The request that follows, or null if the response is the application's.
   *
   * @param asked the request that was answered
   * @param chain the URLs asked so far, {@code asked}'s the last
   * @throws VpcException {@code REDIRECT_FAILED}
   */
  static @Nullable Step next(
      Step asked, int status, Headers response, Redirect mode, int maxRedirects, List<Url> chain)
      throws VpcException {
    if (!isRedirect(status) || mode == Redirect.MANUAL) {
      return null;
    }
    if (mode == Redirect.ERROR) {
      throw failed("The response is a redirect, and the request asked for none to be followed.");
    }
    var location = response.get("location").orElse(null);
    if (location == null) {
      return null;
    }
    if (chain.size() > maxRedirects) {
      throw failed(
          "Too many redirects. "
              + chain.stream().map(Url::toString).collect(Collectors.joining(", ")));
    }
    var body = asked.body();
    if (status != 303 && body != null && !body.replayable()) {
      throw failed(
          "The redirect needs the body again, and a stream or publisher can be sent once; give the"
              + " body as octets or as a file.");
    }
    var url = resolve(asked.url(), location);
    var toGet =
        status == 303 ? !asked.method().equals("HEAD") : status < 303 && isPost(asked.method());
    return new Step(
        toGet ? "GET" : asked.method(), url, headersFor(asked, url), toGet ? null : body);
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static boolean isPost(String method) {
    return method.equals("POST");
  }

  private static Url resolve(Url base, String location) throws VpcException {
    try {
      return base.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new VpcException(
          ErrorCode.REDIRECT_FAILED,
          Stage.RESPONSE,
          "Invalid Location header; unable to follow redirect.",
          e);
    }
  }

  private static Headers headersFor(Step asked, Url next) {
    return asked.url().sameOrigin(next) || !asked.headers().has("authorization")
        ? asked.headers()
        : asked.headers().toBuilder().remove("authorization").build();
  }

  private static VpcException failed(String message) {
    return new VpcException(ErrorCode.REDIRECT_FAILED, Stage.RESPONSE, message);
  }
}

package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.Request.Redirect;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.Redirects.Step;
import java.io.ByteArrayInputStream;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectsTest {

  private static final Url HERE = Url.parse("http://a.test/x/y?q");

  private static Step asked(String method, Body body) {
    return new Step(
        method,
        HERE,
        Headers.of("Authorization", "secret", "Cookie", "c", "Content-Type", "text/x"),
        body);
  }

  private static Step next(Step asked, int status, String location) throws VpcException {
    return Redirects.next(
        asked, status, Headers.of("Location", location), Redirect.FOLLOW, 20, List.of(HERE));
  }

  @ParameterizedTest
  @CsvSource({
    "301,POST,GET",
    "302,POST,GET",
    "303,POST,GET",
    "307,POST,POST",
    "308,POST,POST",
    "301,PUT,PUT",
    "302,DELETE,DELETE",
    "303,PUT,GET",
    "303,HEAD,HEAD",
    "301,HEAD,HEAD",
    "308,PATCH,PATCH"
  })
  void theMethodAndTheBodyFollowTheStatus(int status, String method, String expected)
      throws Exception {
    var body = method.equals("HEAD") ? null : Body.of("text");
    var next = next(asked(method, body), status, "/z");
    assertThat(next.method()).isEqualTo(expected);
    assertThat(next.body()).isEqualTo(expected.equals("GET") ? null : body);
    assertThat(next.headers().get("content-type")).contains("text/x");
    assertThat(next.url()).hasToString("http://a.test/z");
  }

  @Test
  void authorizationStaysWithinTheOriginAndCookieEverywhere() throws Exception {
    assertThat(next(asked("GET", null), 302, "/z").headers().has("authorization")).isTrue();
    for (var elsewhere : List.of("http://a.test:81/", "https://a.test/", "http://b.test/")) {
      var headers = next(asked("GET", null), 302, elsewhere).headers();
      assertThat(headers.has("authorization")).as(elsewhere).isFalse();
      assertThat(headers.has("cookie")).as(elsewhere).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"300", "304", "200", "305", "306"})
  void theseAreNotFollowed(int status) throws Exception {
    assertThat(next(asked("GET", null), status, "/z")).isNull();
  }

  @Test
  void aRedirectWithoutLocationIsTheAnswer() throws Exception {
    assertThat(
            Redirects.next(
                asked("GET", null), 302, Headers.empty(), Redirect.FOLLOW, 20, List.of(HERE)))
        .isNull();
  }

  @Test
  void theOtherTwoModes() throws Exception {
    var location = Headers.of("Location", "/z");
    var asked = asked("GET", null);
    assertThat(Redirects.next(asked, 302, location, Redirect.MANUAL, 20, List.of(HERE))).isNull();
    assertThatThrownBy(
            () -> Redirects.next(asked, 302, location, Redirect.ERROR, 20, List.of(HERE)))
        .extracting(e -> ((VpcException) e).code())
        .isEqualTo(ErrorCode.REDIRECT_FAILED);
  }

  @Test
  void aStreamSurvivesA303AndNoOtherRedirect() throws Exception {
    var stream = Body.of(new ByteArrayInputStream(new byte[1]));
    assertThat(next(asked("POST", stream), 303, "/z").method()).isEqualTo("GET");
    for (var status : List.of(301, 302, 307, 308)) {
      assertThatThrownBy(() -> next(asked("POST", stream), status, "/z"))
          .as("%s", status)
          .extracting(e -> ((VpcException) e).code())
          .isEqualTo(ErrorCode.REDIRECT_FAILED);
    }
  }

  @Test
  void twentyAreFollowedAndTheNextNamesTheChain() throws Exception {
    var location = Headers.of("Location", "/z");
    var asked = asked("GET", null);
    var twenty = Collections.nCopies(20, HERE);
    assertThat(Redirects.next(asked, 302, location, Redirect.FOLLOW, 20, twenty)).isNotNull();
    var more = Collections.nCopies(21, HERE);
    assertThatThrownBy(() -> Redirects.next(asked, 302, location, Redirect.FOLLOW, 20, more))
        .hasMessageContaining("Too many redirects. http://a.test/x/y?q, http://a.test/x/y?q, ");
  }

  @Test
  void aLocationThatIsNoneIsAnError() {
    assertThatThrownBy(() -> next(asked("GET", null), 302, "http://"))
        .hasMessageContaining("Invalid Location header; unable to follow redirect.")
        .extracting(e -> ((VpcException) e).code())
        .isEqualTo(ErrorCode.REDIRECT_FAILED);
  }
}

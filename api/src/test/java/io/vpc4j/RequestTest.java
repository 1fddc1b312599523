package io.vpc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {

  private static final String URL = "http://10.0.1.50/data";

  @Test
  void aRequestIsAGetThatFollowsRedirectsAndDecodes() {
    var request = Request.get(URL);

    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.url().host()).isEqualTo("10.0.1.50");
    assertThat(request.headers().size()).isZero();
    assertThat(request.body()).isEmpty();
    assertThat(request.redirect()).isEqualTo(Request.Redirect.FOLLOW);
    assertThat(request.decoding()).isEqualTo(Request.ContentDecoding.DECODE);
    assertThat(request.http()).isEqualTo(Request.Http.NEGOTIATE);
    assertThat(request.deadline()).isEmpty();
    assertThat(request.signal()).isEmpty();
  }

  @Test
  void whatWasBuiltCanBeBuiltUpon() {
    var signal = new AbortController().signal();
    var first =
        Request.builder(URL)
            .header("a", "1")
            .put(Body.of("x"))
            .deadline(Duration.ofSeconds(1))
            .signal(signal)
            .redirect(Request.Redirect.MANUAL)
            .build();
    var second = first.toBuilder().header("b", "2").build();

    assertThat(second.method()).isEqualTo("PUT");
    assertThat(second.headers()).isEqualTo(Headers.of("a", "1", "b", "2"));
    assertThat(second.deadline()).contains(Duration.ofSeconds(1));
    assertThat(second.signal()).containsSame(signal);
    assertThat(second.redirect()).isEqualTo(Request.Redirect.MANUAL);
    assertThat(first.headers()).isEqualTo(Headers.of("a", "1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CONNECT", "FOO", "GET ", "G\u00cbT"})
  void aMethodTheHostedRuntimeDoesNotKnowIsRefused(String method) {
    assertThatThrownBy(() -> Request.builder(URL).method(method))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid HTTP method string: " + method);
  }

  @Test
  void methodsAreUpperCased() {
    assertThat(Request.builder(URL).method("patch").build().method()).isEqualTo("PATCH");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD"})
  void aGetOrHeadHasNoBody(String method) {
    var builder = Request.builder(URL).method(method).body(Body.of("x"));

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Request with a GET or HEAD method cannot have a body.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "get", "FOO", "M-SEARCH", "x!#$%&'*+-.^_`|~0"})
  void byTheRulesOfHttpAnyMethodHasAnyBody(String method) {
    var request =
        Request.builder(URL).rules(Request.Rules.HTTP).method(method).body(Body.of("x")).build();

    assertThat(request.method()).isEqualTo(method);
    assertThat(request.body()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CONNECT", "A B", "A\r\nB", "(", "\u00c4", "A/B", "\u007f"})
  void evenByTheRulesOfHttpAMethodIsATokenAndNotConnect(String method) {
    var builder = Request.builder(URL).rules(Request.Rules.HTTP);

    assertThatThrownBy(() -> builder.method(method))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid HTTP method string: " + method);
  }

  @Test
  void aDeadlineIsPositive() {
    var builder = Request.builder(URL);

    assertThatThrownBy(() -> builder.deadline(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.deadline(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- bodies

  @Test
  void aBodyOfOctetsCanBeSentAgainAndIsNotChangedFromOutside() {
    var octets = new byte[] {1, 2, 3};
    var body = (Body.Bytes) Body.of(octets);
    var text = (Body.Bytes) Body.of("\u00e4");

    assertThat(body.length()).isEqualTo(3);
    assertThat(body.replayable()).isTrue();
    assertThat(body.octets().isReadOnly()).isTrue();
    assertThat(text.octets()).isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xc3, (byte) 0xa4}));
    assertThat(text.contentType()).isEqualTo("text/plain;charset=UTF-8");
    assertThat(body).isEqualTo(Body.of(new byte[] {1, 2, 3}));
    assertThat(body).hasSameHashCodeAs(Body.of(new byte[] {1, 2, 3}));
    assertThat(body.toString()).contains("3");
  }

  @Test
  void aStreamOrAPublisherIsSentOnceAndAFileAgain() {
    var stream = Body.of(new ByteArrayInputStream(new byte[2]));
    try (var publisher = new SubmissionPublisher<ByteBuffer>()) {
      assertThat(Body.of(publisher).replayable()).isFalse();
      assertThat(Body.of(publisher, 5).length()).isEqualTo(5);
    }
    assertThat(stream.replayable()).isFalse();
    assertThat(stream.length()).isEqualTo(-1);
    assertThat(Body.of(Path.of("x")).replayable()).isTrue();
    assertThatThrownBy(() -> Body.of(new ByteArrayInputStream(new byte[2]), -5))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

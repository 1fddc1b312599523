package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FetchEngineTest {

  private final Engines engines = new Engines();

  @AfterEach
  void close() {
    engines.close();
  }

  @Test
  void aGetGoesOutAsItShouldAndComesBackWhole() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              assertThat(with.head())
                  .isEqualTo(
                      "GET /data?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"
                          + with.socket.getLocalPort()
                          + "\r\nX-One: 1\r\n\r\n");
              with.say(
                  "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                      + "\r\nhello");
              with.head();
              with.answer("again");
            })) {
      var request = Request.builder(peer.url("/data?x=1#fragment")).header("X-One", "1").build();
      try (var response = engines.engine.fetch(request)) {
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.statusText()).isEqualTo("Fine");
        assertThat(response.version()).isEqualTo("HTTP/1.1");
        assertThat(response.headers().setCookie()).containsExactly("a=1", "b=2");
        assertThat(response.text()).isEqualTo("hello");
      }
      try (var response = engines.engine.fetch(Request.get(peer.url("/")))) {
        assertThat(response.text()).isEqualTo("again");
      }
      assertThat(peer.accepted).hasValue(1);
      assertThat(peer.failures).isEmpty();
    }
  }
}

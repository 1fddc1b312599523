package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.Protocols;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A test of one engine, and what such tests ask of it. */
@Timeout(60)
abstract class EngineTest {

  final Engines engines;

  EngineTest() {
    this(Engines.plainOnly());
  }

  EngineTest(Protocols protocols) {
    engines = new Engines(protocols);
  }

  @AfterEach
  void close() {
    engines.close();
  }

  VpcException failure(Request request) {
    return catchThrowableOfType(
        VpcException.class,
        () -> {
          try (var response = engines.engine.fetch(request)) {
            response.bytes();
          }
        });
  }

  void fails(ErrorCode code, Request request) {
    var failure = failure(request);
    assertThat(failure).as("%s", request).isNotNull();
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
    assertThat(failure.destination()).isPresent();
    assertThat(failure.elapsed()).isPositive();
  }

  String text(Request request) throws Exception {
    try (var response = engines.engine.fetch(request)) {
      return response.text();
    }
  }

  static ScriptedPeer echo() throws Exception {
    return new ScriptedPeer(
        with -> {
          while (true) {
            var head = with.head();
            var length = head.indexOf("Content-Length: ");
            var body = new StringBuilder();
            if (length >= 0) {
              var from = length + "Content-Length: ".length();
              body.append(
                  with.read(Integer.parseInt(head.substring(from, head.indexOf("\r", from)))));
            } else if (head.contains("Transfer-Encoding: chunked")) {
              for (var size = with.chunkSize(); size > 0; size = with.chunkSize()) {
                body.append(with.read(size));
                assertThat(with.read(2)).isEqualTo("\r\n");
              }
              assertThat(with.read(2)).isEqualTo("\r\n");
            }
            with.answer(body.toString());
          }
        });
  }
}

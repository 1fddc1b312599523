package io.vpc4j.testkit;

import io.vpc4j.Headers;
import java.nio.charset.StandardCharsets;

/** HTTP, the server's side: what a host of a {@link PrivateNetwork} is asked and says. */
public interface Exchange {

  /**
   * Answers requests. Called on a thread of its own, where it may block; what it throws becomes a
   * 500 with the message in its body.
   */
  @FunctionalInterface
  interface Handler {
    /** The answer. */
    Reply answer(Asked asked) throws Exception;
  }

  /**
   * A request.
   *
   * @param method as it was sent
   * @param target path and query, as they were sent
   * @param headers in the order they came
   * @param text the body, read as UTF-8
   */
  record Asked(String method, String target, Headers headers, String text) {}

  /**
   * An answer.
   *
   * @param status 200 to 599
   * @param headers without {@code Content-Length}, which is added
   * @param text the body, sent as UTF-8
   */
  record Reply(int status, Headers headers, String text) {

    /** Checks the status. */
    public Reply {
      if (status < 200 || status > 599) {
        throw new IllegalArgumentException("status must be 200 to 599, not " + status);
      }
    }

    /** A 200 of plain text. */
    public static Reply text(String text) {
      return new Reply(200, Headers.of("Content-Type", "text/plain;charset=UTF-8"), text);
    }

    /** A 200 of JSON. */
    public static Reply json(String json) {
      return new Reply(200, Headers.of("Content-Type", "application/json"), json);
    }

    /** A status and nothing else. */
    public static Reply status(int status) {
      return new Reply(status, Headers.empty(), "");
    }

    /** The same with one more field. */
    public Reply with(String name, String value) {
      return new Reply(status, headers.toBuilder().add(name, value).build(), text);
    }

    byte[] octets() {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }
}

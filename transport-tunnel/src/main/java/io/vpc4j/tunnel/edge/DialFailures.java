package io.vpc4j.tunnel.edge;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a dial through a tunnel came to nothing, in the library's words.
 *
 * <p>A connector's answer is a sentence of its own ([T] 7.7), in which the operating system's words
 * are looked for. Over HTTP/2 it gives none, and then no more is said than that.
 */
public final class DialFailures {

  private record Word(String part, ErrorCode code, Stage stage, String meaning) {}

  /** Looked for in this order, in lower case. [T] 7.7 */
  private static final List<Word> WORDS =
      List.of(
          word("denied by", ErrorCode.DESTINATION_IP_PROHIBITED, "the connector's rules forbid it"),
          word("disabled", ErrorCode.DESTINATION_UNAVAILABLE, null),
          word("lookup ", ErrorCode.DNS_ERROR, "the name does not resolve there"),
          word("no such host", ErrorCode.DNS_ERROR, "the name does not resolve there"),
          word("connection refused", ErrorCode.CONNECTION_REFUSED, "it refused the connection"),
          word("actively refused", ErrorCode.CONNECTION_REFUSED, "it refused the connection"),
          word("i/o timeout", ErrorCode.CONNECTION_TIMEOUT, "it did not accept in time"),
          word("timed out", ErrorCode.CONNECTION_TIMEOUT, "it did not accept in time"),
          word("deadline exceeded", ErrorCode.CONNECTION_TIMEOUT, "it did not accept in time"),
          word("no route to host", ErrorCode.DESTINATION_IP_UNROUTABLE, "there is no way to it"),
          word("unreachable", ErrorCode.DESTINATION_IP_UNROUTABLE, "there is no way to it"),
          word("invalid argument", ErrorCode.DESTINATION_IP_UNROUTABLE, "there is no way to it"),
          word("cannot assign requested", ErrorCode.DESTINATION_IP_UNROUTABLE, "there is no way"));

  private DialFailures() {}

  private static Word word(String part, ErrorCode code, @Nullable String meaning) {
    return new Word(
        part,
        code,
        code == ErrorCode.DNS_ERROR ? Stage.RESOLVE : Stage.CONNECT,
        meaning == null
            ? "the connector's configuration does not allow it: it needs warp-routing enabled"
            : meaning);
  }

  /**
   * What a failed dial is for the application.
   *
   * @param destination as asked for
   * @param tunnelId through which
   * @param howToConnect the line that brings a connector up, for the message where none is there
   */
  public static VpcException of(
      StreamFailure failure, String destination, String tunnelId, String howToConnect) {
    return switch (failure.kind()) {
      case REFUSED -> refused(failure, destination);
      case TIMED_OUT ->
          connect(
              ErrorCode.CONNECTION_TIMEOUT,
              destination + " did not accept the connection in time",
              failure);
      case LOST ->
          connect(
              ErrorCode.CONNECTION_TERMINATED,
              "The connector was lost before it answered: " + failure.getMessage(),
              failure);
      case NOT_OPENED ->
          connect(
              ErrorCode.DESTINATION_UNAVAILABLE,
              "Tunnel "
                  + tunnelId
                  + " has no connector that takes a stream: "
                  + failure.getMessage()
                  + ". Run one next to the services: "
                  + howToConnect,
              failure);
    };
  }

  private static VpcException refused(StreamFailure failure, String destination) {
    var response = failure.response().orElse(ConnectResponse.failed(""));
    if (response.isRateLimited()) {
      return connect(
          ErrorCode.CONNECTION_LIMIT_REACHED,
          "The connector has as many flows as it may have; raise its max-active-flows",
          failure);
    }
    if (response.error().equals(StreamFailure.NO_REASON)) {
      return connect(
          ErrorCode.DESTINATION_UNAVAILABLE,
          "The connector could not connect to "
              + destination
              + ". Over HTTP/2 it does not say why; its log does, and over QUIC it would",
          failure);
    }
    var text = response.error().toLowerCase(Locale.ROOT);
    for (var word : WORDS) {
      if (text.contains(word.part())) {
        return new VpcException(
            word.code(),
            word.stage(),
            "The connector could not connect to "
                + destination
                + ": "
                + word.meaning()
                + " (\""
                + response.error()
                + "\").",
            failure);
      }
    }
    return connect(
        ErrorCode.DESTINATION_UNAVAILABLE,
        "The connector could not connect to " + destination + ": \"" + response.error() + "\"",
        failure);
  }

  private static VpcException connect(ErrorCode code, String sentence, StreamFailure cause) {
    return new VpcException(code, Stage.CONNECT, sentence + ".", cause);
  }
}

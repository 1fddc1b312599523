package io.vpc4j.tunnel.stream;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.MessageBuilder;
import io.vpc4j.tunnel.rpc.capnp.MessageReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a connector answers on a data stream. [T] 4.3
 *
 * @param error empty if it went well; else why not, in words (7.7)
 * @param metadata status and headers of HTTP; at most 4,096 lines are read
 */
public record ConnectResponse(String error, List<Metadata> metadata) {

  private static final int POINTERS = 2;

  /** Copies the list. */
  public ConnectResponse {
    metadata = List.copyOf(metadata);
  }

  /** It went well, and nothing is to be said. */
  public static ConnectResponse connected() {
    return new ConnectResponse("", List.of());
  }

  /** It did not. */
  public static ConnectResponse failed(String error) {
    return new ConnectResponse(error, List.of());
  }

  /** It did not: there are as many flows as there may be. [T] 7.6 */
  public static ConnectResponse rateLimited(String error) {
    return new ConnectResponse(error, List.of(new Metadata(Metadata.FLOW_RATE_LIMITED, "true")));
  }

  /** Whether it went well. */
  public boolean isOk() {
    return error.isEmpty();
  }

  /** Whether it failed because there are as many flows as there may be. [T] 7.6 */
  public boolean isRateLimited() {
    return first(Metadata.FLOW_RATE_LIMITED).filter("true"::equals).isPresent();
  }

  /** The status of an HTTP response, 100 to 999; empty if there is none, or it is no number. */
  public OptionalInt httpStatus() {
    return first(Metadata.HTTP_STATUS)
        .filter(text -> text.length() == 3 && text.chars().allMatch(c -> c >= '0' && c <= '9'))
        .filter(text -> text.charAt(0) != '0')
        .map(text -> OptionalInt.of(Integer.parseInt(text)))
        .orElse(OptionalInt.empty());
  }

  /** The value of the first line with that key. */
  public Optional<String> first(String key) {
    return Metadata.first(metadata, key);
  }

  /**
   * The connector's spans, base64 of OTLP protobuf. Over QUIC those of an HTTP request come as one
   * of its headers. [T] 7.9
   */
  public Optional<String> spans() {
    return first(Metadata.TRACING).or(() -> first(Metadata.HTTP_HEADER + Metadata.TRACING));
  }

  /** The headers in their order. */
  public List<HeaderField> headers() {
    return Metadata.headers(metadata).toList();
  }

  /**
   * Signature, version and message, in a buffer of their own and to be sent in one write. [T] 4.2
   *
   * @throws IllegalArgumentException if a character of the metadata is beyond U+00FF
   */
  public ByteBuffer encode() {
    var message = new MessageBuilder();
    var out = message.root(0, POINTERS).text(0, error);
    if (!metadata.isEmpty() || error.isEmpty()) {
      // where all went well the reference implementation writes the list, empty or not
      Metadata.writeAll(out, 1, metadata);
    }
    return Preamble.data(message.framed());
  }

  static ConnectResponse read(MessageReader message) throws Malformed {
    var in = message.root();
    return new ConnectResponse(in.text(0), Metadata.readAll(in.list(1)));
  }
}

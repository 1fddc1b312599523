package io.vpc4j.tunnel.connector.serve;

import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.HeaderField;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The server's side of a WebSocket's handshake, where that is the connector. RFC 6455 4.2.2 */
public final class WebSocketHandshake {

  /** RFC 6455 1.3 */
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketHandshake() {}

  /**
   * What the client wants to hear.
   *
   * @throws IllegalArgumentException if it has not said its key
   */
  public static ConnectResponse answer(ConnectRequest request) {
    var key =
        request.headers().stream()
            .filter(field -> field.name().equalsIgnoreCase("sec-websocket-key"))
            .map(HeaderField::value)
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no Sec-WebSocket-Key"));
    return OriginHeads.answer(
        101,
        new HeaderField("Upgrade", "websocket"),
        new HeaderField("Connection", "Upgrade"),
        new HeaderField("Sec-WebSocket-Accept", accept(key)));
  }

  private static String accept(String key) {
    try {
      var sha1 = MessageDigest.getInstance("SHA-1");
      var digest = sha1.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-1", e);
    }
  }
}

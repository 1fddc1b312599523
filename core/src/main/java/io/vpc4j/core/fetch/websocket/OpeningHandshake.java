package io.vpc4j.core.fetch.websocket;

import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.EarlyOctets;
import io.vpc4j.core.fetch.exchange.WebSockets;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;

/** What is sent to open a WebSocket, and what must come back. RFC 6455 4.1 */
final class OpeningHandshake implements WebSockets.Handshake {

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private static final int KEY_OCTETS = 16;

  private final Headers fields;
  private final String accept;
  private final List<String> offered;
  private final SecureRandom random;
  private String subprotocol = "";

  /**
   * A handshake with a key of its own.
   *
   * @param random of the key, and of the masks later
   */
  OpeningHandshake(Headers wanted, SecureRandom random) {
    this.random = random;
    var key = new byte[KEY_OCTETS];
    random.nextBytes(key); // RFC 6455 4.1: fresh for each connection
    var text = Base64.getEncoder().encodeToString(key);
    accept = acceptOf(text);
    var sent = Headers.builder();
    wanted.forEach(
        (name, value) -> {
          if (!isOurs(name)) {
            sent.add(name, value);
          }
        });
    sent.add("Connection", "Upgrade");
    sent.add("Upgrade", "websocket");
    sent.add("Sec-WebSocket-Version", "13");
    sent.add("Sec-WebSocket-Key", text);
    fields = sent.build();
    offered = tokens(wanted, "sec-websocket-protocol");
  }

  /** Those of the application's that the handshake decides. */
  private static boolean isOurs(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "connection",
          "upgrade",
          "sec-websocket-key",
          "sec-websocket-version",
          "sec-websocket-accept",
          "sec-websocket-extensions" ->
          true;
      default -> false;
    };
  }

  @Override
  public Headers fields() {
    return fields;
  }

  @Override
  public void check(Headers answer) throws VpcException {
    // One protocol, not a list. RFC 6455 4.1, item 2 of the server's response
    if (!answer.get("upgrade").orElse("").strip().equalsIgnoreCase("websocket")) {
      throw refused("Upgrade does not say websocket");
    }
    if (!containsToken(answer, "connection", "upgrade")) {
      throw refused("Connection does not say Upgrade");
    }
    var given = answer.get("sec-websocket-accept").orElse("");
    if (!given.strip().equals(accept)) {
      throw refused(
          given.isEmpty()
              ? "Sec-WebSocket-Accept is missing"
              : "Sec-WebSocket-Accept does not answer the key that was sent");
    }
    if (!tokens(answer, "sec-websocket-extensions").isEmpty()) {
      throw refused("Sec-WebSocket-Extensions names an extension that was not offered");
    }
    var chosen = tokens(answer, "sec-websocket-protocol");
    if (chosen.size() > 1 || (chosen.size() == 1 && !offered.contains(chosen.get(0)))) {
      throw refused("Sec-WebSocket-Protocol names a subprotocol that was not offered");
    }
    subprotocol = chosen.isEmpty() ? "" : chosen.get(0);
  }

  @Override
  public WebSocket open(EarlyOctets early, WebSocket.Listener listener, Executor executor) {
    var socket = new ClientWebSocket(early.channel(), subprotocol, listener, executor);
    socket.begin(early, random::nextInt);
    return socket;
  }

  /** RFC 6455 4.2.2, item 5.4 */
  static String acceptOf(String key) {
    try {
      var sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  private static VpcException refused(String why) {
    return new VpcException(
        ErrorCode.HTTP_UPGRADE_FAILED,
        Stage.RESPONSE,
        "The server's answer opens no WebSocket: " + why + ".");
  }

  private static boolean containsToken(Headers headers, String name, String token) {
    return tokens(headers, name).stream().anyMatch(token::equalsIgnoreCase);
  }

  private static List<String> tokens(Headers headers, String name) {
    var tokens = new ArrayList<String>();
    for (var part : headers.get(name).orElse("").split(",", -1)) {
      if (!part.isBlank()) {
        tokens.add(part.strip());
      }
    }
    return tokens;
  }
}

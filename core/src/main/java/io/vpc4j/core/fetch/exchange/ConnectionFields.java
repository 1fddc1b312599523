package io.vpc4j.core.fetch.exchange;

/**
 * The request fields that describe the connection rather than the message: the engine sets what is
 * needed and sends none of the application's. RFC 9110 7.6.1
 */
public final class ConnectionFields {

  private ConnectionFields() {}

  /**
   * Whether a field of the application's is left out. {@code Host} is among them: it always comes
   * from the URL, as the hosted runtime has it.
   *
   * @param upgrade whether the request asks for a WebSocket, which keeps Connection and Upgrade
   */
  public static boolean isOurs(String name, boolean upgrade) {
    return switch (name.length()) {
      case 2 -> name.equalsIgnoreCase("te");
      case 4 -> name.equalsIgnoreCase("host");
      case 7 -> name.equalsIgnoreCase("trailer") || (!upgrade && name.equalsIgnoreCase("upgrade"));
      case 10 ->
          name.equalsIgnoreCase("keep-alive") || (!upgrade && name.equalsIgnoreCase("connection"));
      case 14 -> name.equalsIgnoreCase("content-length");
      case 16 -> name.equalsIgnoreCase("proxy-connection");
      case 17 -> name.equalsIgnoreCase("transfer-encoding");
      default -> false;
    };
  }
}

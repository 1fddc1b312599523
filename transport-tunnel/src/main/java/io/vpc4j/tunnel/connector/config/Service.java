package io.vpc4j.tunnel.connector.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** What stands behind an ingress rule. [C] 4.8, 7.8 */
public sealed interface Service {

  /** As a configuration spells it. */
  @Override
  String toString();

  /** Whether TLS is spoken to the origin. */
  enum Security {
    /** In the clear. */
    PLAIN,
    /** TLS. */
    TLS
  }

  /**
   * An HTTP server: {@code http://}, {@code https://}, {@code ws://}, {@code wss://}.
   *
   * @param host a name, an IPv4 address, or an IPv6 address without brackets
   * @param port 1 to 65,535
   * @param security TLS for https and wss
   * @param text as the configuration spells it
   */
  record Web(String host, int port, Security security, String text) implements Service {
    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * An HTTP server on a Unix socket: {@code unix:PATH}, {@code unix+tls:PATH}.
   *
   * @param path of the socket
   * @param security TLS for {@code unix+tls}
   */
  record UnixSocket(String path, Security security) implements Service {
    @Override
    public String toString() {
      return (security == Security.TLS ? "unix+tls:" : "unix:") + path;
    }
  }

  /**
   * A TCP server, reached through a WebSocket whose payload is the stream: {@code tcp://}, {@code
   * ssh://}, {@code rdp://}, {@code smb://}.
   *
   * @param host a name, an IPv4 address, or an IPv6 address without brackets
   * @param port 1 to 65,535
   * @param text as the configuration spells it
   */
  record Stream(String host, int port, String text) implements Service {
    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * A fixed answer without a body: {@code http_status:NNN}.
   *
   * @param code 100 to 999
   */
  record Status(int code) implements Service {
    @Override
    public String toString() {
      return "http_status:" + code;
    }
  }

  /** A page that says that the tunnel works: {@code hello_world}. */
  record HelloWorld() implements Service {
    @Override
    public String toString() {
      return "hello_world";
    }
  }

  /**
   * Reads a service.
   *
   * @param place for the message
   */
  static Service parse(String text, String place) throws ConfigException {
    if (text.isEmpty()) {
      throw new ConfigException(place, "a rule needs a service, such as http://127.0.0.1:8080");
    }
    if (text.equals("hello_world") || text.equals("hello-world")) {
      return new HelloWorld();
    }
    if (text.equals("bastion") || text.equals("socks-proxy")) {
      throw new ConfigException(
          place, "the service \"" + text + "\" is not supported by this connector");
    }
    if (text.startsWith("http_status:")) {
      return status(text, place);
    }
    if (text.startsWith("unix:") || text.startsWith("unix+tls:")) {
      var path = text.substring(text.indexOf(':') + 1);
      if (path.isEmpty()) {
        throw new ConfigException(place, "\"" + text + "\" names no socket: write unix:/path");
      }
      return new UnixSocket(path, text.startsWith("unix+") ? Security.TLS : Security.PLAIN);
    }
    return url(text, place);
  }

  private static Service status(String text, String place) throws ConfigException {
    var digits = text.substring("http_status:".length());
    if (!digits.matches("[1-9][0-9]{2}")) {
      throw new ConfigException(
          place, "\"" + text + "\" is no status: write http_status:404, three digits");
    }
    return new Status(Integer.parseInt(digits));
  }

  private static Service url(String text, String place) throws ConfigException {
    var url = uri(text, place);
    var scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    var defaultPort = defaultPort(scheme);
    var host = url.getHost();
    if (defaultPort == 0 || host == null) {
      throw new ConfigException(
          place,
          "\""
              + text
              + "\" is no service: write SCHEME://HOST[:PORT] with http, https, ws, wss,"
              + " tcp, ssh, rdp or smb; unix:PATH; http_status:NNN; or hello_world");
    }
    if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
      throw new ConfigException(place, "\"" + text + "\" may have a host and a port, and no more");
    }
    if (url.getRawPath() != null && !url.getRawPath().isEmpty()) {
      throw new ConfigException(
          place,
          "\"" + text + "\" has a path: requests keep their own, so a service cannot have one");
    }
    var port = url.getPort() < 0 ? defaultPort : url.getPort();
    if (port < 1 || port > 65_535) {
      throw new ConfigException(place, "\"" + text + "\": a port is 1 to 65535");
    }
    var bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return switch (scheme) {
      case "http", "ws" -> new Web(bare, port, Security.PLAIN, text);
      case "https", "wss" -> new Web(bare, port, Security.TLS, text);
      default -> new Stream(bare, port, text);
    };
  }

  /** The port where a URL of {@code scheme} has none; 0 for a scheme that is no service. */
  private static int defaultPort(String scheme) {
    return switch (scheme) {
      case "http", "ws" -> 80;
      case "https", "wss" -> 443;
      case "ssh" -> 22;
      case "rdp" -> 3389;
      case "smb" -> 445;
      case "tcp" -> 7864;
      default -> 0;
    };
  }

  private static URI uri(String text, String place) throws ConfigException {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new ConfigException(place, "\"" + text + "\" is no URL: " + e.getReason());
    }
  }
}

package io.vpc4j.tunnel;

import io.vpc4j.tunnel.connector.config.ConfigException;
import io.vpc4j.tunnel.connector.config.ConnectorConfig;
import io.vpc4j.tunnel.connector.config.IngressRules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A connector's configuration file, {@code config.yml}, in the form that {@code cloudflared} reads:
 * {@code ingress}, {@code originRequest}, {@code warp-routing}, and any flag of the command line.
 * Protocol page, 1.7.
 */
public final class ConnectorFile {

  private static final long MAX_OCTETS = 4 << 20;

  private final ConnectorConfig config;
  private final Map<String, List<String>> flags;

  private ConnectorFile(ConnectorConfig config, Map<String, List<String>> flags) {
    this.config = config;
    this.flags = flags;
  }

  /** A file that says nothing: requests are answered 503, the private network is reachable. */
  public static ConnectorFile empty() {
    return new ConnectorFile(ConnectorConfig.EMPTY, Map.of());
  }

  /**
   * Reads a file of at most 4 MiB, YAML 1.2.
   *
   * @throws IOException if it cannot be read or used; the message has line and column
   */
  public static ConnectorFile read(Path file) throws IOException {
    if (Files.size(file) > MAX_OCTETS) {
      throw new IOException(file + " is larger than " + MAX_OCTETS + " octets");
    }
    return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
  }

  /**
   * Reads the text of a file.
   *
   * @param name for messages
   * @throws IOException if it cannot be used; the message has line and column
   */
  public static ConnectorFile parse(String name, String yaml) throws IOException {
    try {
      var file = ConnectorConfig.parseYaml(name, yaml);
      return new ConnectorFile(file.config(), file.flags());
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * All requests to one service: {@code --url}.
   *
   * @throws IllegalArgumentException if it is no service
   */
  public static ConnectorFile service(String service) {
    return service(service, Map.of());
  }

  /**
   * All requests to one service, which is spoken to as {@code originRequest} says.
   *
   * @param originRequest options under the names that the file has for them, such as {@code
   *     http2Origin}, and their values as text
   * @throws IllegalArgumentException if it is no service, or an option has no such value
   */
  public static ConnectorFile service(String service, Map<String, String> originRequest) {
    try {
      return new ConnectorFile(ConnectorConfig.service(service, originRequest), Map.of());
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Whether it says where requests go. */
  public boolean hasIngress() {
    return config.ingress() != IngressRules.NONE;
  }

  ConnectorConfig config() {
    return config;
  }

  /** What the file says besides: names of flags, and their values as text. */
  public Map<String, List<String>> flags() {
    return flags;
  }
}

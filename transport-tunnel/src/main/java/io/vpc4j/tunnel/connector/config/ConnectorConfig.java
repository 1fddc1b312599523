package io.vpc4j.tunnel.connector.config;

import io.vpc4j.tunnel.connector.config.ConfigNode.Fields;
import io.vpc4j.tunnel.connector.config.ConfigNode.Items;
import io.vpc4j.tunnel.connector.config.ConfigNode.Kind;
import io.vpc4j.tunnel.connector.config.ConfigNode.Scalar;
import io.vpc4j.tunnel.connector.config.Section.Durations;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a connector serves.
 *
 * @param ingress where requests go
 * @param warpRouting how the private network is dialled
 * @param originRequest what rules that say nothing of their own have
 */
public record ConnectorConfig(
    IngressRules ingress, WarpRouting warpRouting, OriginOptions originRequest) {

  /** Requests are answered 503; the private network is reachable. [C] 1.7 */
  public static final ConnectorConfig EMPTY =
      new ConnectorConfig(IngressRules.NONE, WarpRouting.DEFAULTS, OriginOptions.DEFAULTS);

  /** What a local file holds for the process itself is read from these by whoever starts it. */
  private static final Set<String> SERVED = Set.of("ingress", "warp-routing", "originRequest");

  /**
   * A local file, read.
   *
   * @param config what it says of services
   * @param flags all else: names of command line flags, and their values as text
   */
  public record LocalFile(ConnectorConfig config, Map<String, List<String>> flags) {
    /** Copies; the order stays. */
    public LocalFile {
      flags = Collections.unmodifiableMap(new LinkedHashMap<>(flags));
    }
  }

  /** All requests to one service, with these options and else the default ones. */
  public static ConnectorConfig service(String service, Map<String, String> originRequest)
      throws ConfigException {
    var fields = new LinkedHashMap<String, ConfigNode>();
    for (var option : originRequest.entrySet()) {
      var kind = kind(option.getValue());
      fields.put(option.getKey(), new Scalar(option.getValue(), kind, "originRequest"));
    }
    var section = Section.of(new Fields(fields, "originRequest"), "originRequest", Durations.GO);
    var options = OriginOptions.read(section, OriginOptions.DEFAULTS);
    var rules = IngressRules.all(Service.parse(service, ""), options);
    return new ConnectorConfig(rules, WarpRouting.DEFAULTS, options);
  }

  private static Kind kind(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Kind.BOOLEAN;
    }
    return text.matches("[0-9]+") ? Kind.INTEGER : Kind.TEXT;
  }

  /**
   * Reads {@code config.yml}.
   *
   * @param name of the file, for messages
   * @throws ConfigException with line and column
   */
  public static LocalFile parseYaml(String name, String text) throws ConfigException {
    var root = YamlDocument.read(name, text);
    if (root.isEmpty()) {
      return new LocalFile(EMPTY, Map.of());
    }
    var document = Section.of(root.get(), "the document", Durations.GO);
    return new LocalFile(read(document), flags(document.fields()));
  }

  /**
   * Reads a configuration that an edge pushed. Names it does not know are passed over: an edge may
   * be newer than we are.
   *
   * @throws ConfigException with line and column
   */
  public static ConnectorConfig parseJson(byte[] octets) throws ConfigException {
    var root = JsonDocument.read("config", octets);
    return read(Section.of(root, "the configuration", Durations.SECONDS));
  }

  private static ConnectorConfig read(Section document) throws ConfigException {
    var shared = document.section("originRequest");
    var options =
        shared.isPresent()
            ? OriginOptions.read(shared.get(), OriginOptions.DEFAULTS)
            : OriginOptions.DEFAULTS;
    var routing = document.section("warp-routing");
    return new ConnectorConfig(
        IngressRules.read(document.sections("ingress"), options),
        routing.isPresent() ? WarpRouting.read(routing.get()) : WarpRouting.DEFAULTS,
        options);
  }

  private static Map<String, List<String>> flags(Fields document) throws ConfigException {
    var flags = new LinkedHashMap<String, List<String>>();
    for (var field : document.fields().entrySet()) {
      if (!SERVED.contains(field.getKey())) {
        flags.put(field.getKey(), values(field.getKey(), field.getValue()));
      }
    }
    return flags;
  }

  private static List<String> values(String key, ConfigNode node) throws ConfigException {
    if (node instanceof Scalar scalar) {
      return scalar.type() == Kind.NULL ? List.of() : List.of(scalar.text());
    }
    if (node instanceof Items items) {
      var values = new ArrayList<String>();
      for (var element : items.elements()) {
        if (!(element instanceof Scalar scalar)) {
          throw new ConfigException(element.place(), key + " must hold plain values");
        }
        values.add(scalar.text());
      }
      return values;
    }
    throw new ConfigException(node.place(), "\"" + key + "\" is no setting of a connector");
  }
}

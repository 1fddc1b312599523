package io.vpc4j.tunnel.connector.config;

import io.vpc4j.tunnel.connector.config.FlowRules.Verdict;
import io.vpc4j.tunnel.connector.config.OriginOptions.Addresses;
import io.vpc4j.tunnel.connector.config.OriginOptions.Http;
import io.vpc4j.tunnel.connector.config.OriginOptions.RequestBody;
import io.vpc4j.tunnel.connector.config.OriginOptions.ServerName;
import io.vpc4j.tunnel.connector.config.OriginOptions.Verification;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes a configuration as JSON that {@link ConnectorConfig#parseJson} reads back: for {@code
 * /config}, and for the copy of a local configuration that the edge is shown. [C] 5.6, 8
 */
public final class ConfigJson {

  private static final JsonFactory JSON = new JsonFactory();

  private ConfigJson() {}

  /** {@code {"version":N,"config":{...}}}. */
  public static String versioned(int version, ConnectorConfig config) {
    var out = new StringWriter();
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeNumberProperty("version", version);
      json.writeObjectPropertyStart("config");
      members(json, config);
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toString();
  }

  /**
   * What a connector shows the edge of its own configuration. [C] 5.6
   *
   * @param flags the flags it was started with, by name
   */
  public static String local(ConnectorConfig config, Map<String, String> flags) {
    var out = new StringWriter();
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeObjectPropertyStart("__configuration_flags");
      flags.forEach(json::writeStringProperty);
      json.writeEndObject();
      members(json, config);
      json.writeEndObject();
    }
    return out.toString();
  }

  private static void members(JsonGenerator json, ConnectorConfig config) {
    rules(json, config.ingress().rules(), config.originRequest());
    routing(json, config.warpRouting());
    json.writeObjectPropertyStart("originRequest");
    options(json, config.originRequest(), OriginOptions.DEFAULTS);
    json.writeEndObject();
  }

  private static void rules(
      JsonGenerator json, List<IngressRules.Rule> rules, OriginOptions shared) {
    json.writeArrayPropertyStart("ingress");
    for (var rule : rules) {
      json.writeStartObject();
      if (!rule.hostname().all()) {
        json.writeStringProperty("hostname", rule.hostname().text());
      }
      rule.path().ifPresent(path -> json.writeStringProperty("path", path.toString()));
      json.writeStringProperty("service", rule.service().toString());
      json.writeObjectPropertyStart("originRequest");
      options(json, rule.options(), shared);
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void routing(JsonGenerator json, WarpRouting routing) {
    json.writeObjectPropertyStart("warp-routing");
    json.writeBooleanProperty("enabled", true);
    seconds(json, "connectTimeout", routing.connectTimeout());
    seconds(json, "tcpKeepAlive", routing.tcpKeepAlive());
    if (routing.maxActiveFlows() > 0) {
      json.writeNumberProperty("maxActiveFlows", routing.maxActiveFlows());
    }
    if (!routing.rules().rules().isEmpty()) {
      json.writeArrayPropertyStart("ipRules");
      for (var rule : routing.rules().rules()) {
        json.writeStartObject();
        json.writeStringProperty("prefix", rule.prefix().toString());
        json.writeArrayPropertyStart("ports");
        rule.ports().stream().sorted().forEach(json::writeNumber);
        json.writeEndArray();
        json.writeBooleanProperty("allow", rule.verdict() == Verdict.ALLOW);
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  /** Only what differs: the rest is inherited. */
  private static void options(JsonGenerator json, OriginOptions options, OriginOptions base) {
    seconds(json, "connectTimeout", options.connectTimeout(), base.connectTimeout());
    seconds(json, "tlsTimeout", options.tlsTimeout(), base.tlsTimeout());
    seconds(json, "tcpKeepAlive", options.tcpKeepAlive(), base.tcpKeepAlive());
    if (options.keepAliveConnections() != base.keepAliveConnections()) {
      json.writeNumberProperty("keepAliveConnections", options.keepAliveConnections());
    }
    seconds(json, "keepAliveTimeout", options.keepAliveTimeout(), base.keepAliveTimeout());
    if (!options.httpHostHeader().equals(base.httpHostHeader())) {
      json.writeStringProperty("httpHostHeader", options.httpHostHeader());
    }
    if (!options.originServerName().equals(base.originServerName())) {
      json.writeStringProperty("originServerName", options.originServerName());
    }
    if (!options.caPool().equals(base.caPool())) {
      json.writeStringProperty("caPool", options.caPool().map(Object::toString).orElse(""));
    }
    choice(json, "noHappyEyeballs", options.addresses(), base.addresses(), Addresses.IN_TURN);
    choice(json, "matchSNItoHost", options.serverName(), base.serverName(), ServerName.REQUESTED);
    choice(json, "noTLSVerify", options.verification(), base.verification(), Verification.NONE);
    choice(
        json,
        "disableChunkedEncoding",
        options.requestBody(),
        base.requestBody(),
        RequestBody.MEASURED);
    choice(json, "http2Origin", options.http(), base.http(), Http.TWO);
  }

  private static <E extends Enum<E>> void choice(
      JsonGenerator json, String name, E value, E base, E whenTrue) {
    if (value != base) {
      json.writeBooleanProperty(name, value == whenTrue);
    }
  }

  private static void seconds(JsonGenerator json, String name, Duration value, Duration base) {
    if (!value.equals(base)) {
      seconds(json, name, value);
    }
  }

  /** Whole seconds, rounded up: a timeout of 500 ms must not become none. */
  private static void seconds(JsonGenerator json, String name, Duration value) {
    json.writeNumberProperty(name, value.plusNanos(999_999_999).toSeconds());
  }
}

package io.vpc4j.tunnel.connector.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which service a request goes to: the first rule whose host and path match. The last matches
 * everything, so there always is one. [C] 4.8, 7.8
 *
 * <p>Immutable.
 */
public final class IngressRules {

  /** What holds where nothing is configured: no service at all. */
  public static final IngressRules NONE =
      new IngressRules(
          List.of(
              new Rule(
                  HostPattern.ALL,
                  Optional.empty(),
                  new Service.Status(503),
                  OriginOptions.DEFAULTS)));

  private static final int MAX_RULES = 1_000;

  /**
   * One rule.
   *
   * @param hostname which hosts
   * @param path which paths; empty for all
   * @param service where a request goes
   * @param options how it goes there
   */
  public record Rule(
      HostPattern hostname, Optional<PathPattern> path, Service service, OriginOptions options) {
    private boolean catchesAll() {
      return hostname.all() && path.isEmpty();
    }
  }

  private final List<Rule> rules;

  private IngressRules(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** All requests to one service. */
  public static IngressRules all(Service service, OriginOptions options) {
    return new IngressRules(List.of(new Rule(HostPattern.ALL, Optional.empty(), service, options)));
  }

  static IngressRules read(List<Section> sections, OriginOptions defaults) throws ConfigException {
    if (sections.isEmpty()) {
      return NONE;
    }
    if (sections.size() > MAX_RULES) {
      throw new ConfigException(
          sections.get(0).place(), "more than " + MAX_RULES + " ingress rules");
    }
    var rules = new ArrayList<Rule>();
    for (var section : sections) {
      var rule = rule(section, defaults);
      var last = rules.size() + 1 == sections.size();
      if (last && !rule.catchesAll()) {
        throw new ConfigException(
            section.place(),
            "the last ingress rule must match every request: leave out its hostname and path");
      }
      if (!last && rule.catchesAll()) {
        throw new ConfigException(
            section.place(),
            "ingress rule "
                + (rules.size() + 1)
                + " matches every request, so the rules after it are never reached");
      }
      rules.add(rule);
    }
    return new IngressRules(rules);
  }

  private static Rule rule(Section section, OriginOptions defaults) throws ConfigException {
    var hostname = HostPattern.parse(section.text("hostname"), section.place("hostname"));
    var path = section.text("path");
    var options = section.section("originRequest");
    return new Rule(
        hostname,
        path.isEmpty()
            ? Optional.empty()
            : Optional.of(PathPattern.parse(path, section.place("path"))),
        Service.parse(section.text("service"), section.place("service")),
        options.isPresent() ? OriginOptions.read(options.get(), defaults) : defaults);
  }

  /** In order; at least one. */
  public List<Rule> rules() {
    return rules;
  }

  /**
   * The rule for a request.
   *
   * @param host the request's host, with or without a port; in any case
   * @param path its path, percent-encoded, with or without a query
   * @throws PathPattern.TooManySteps if a rule's path expression is not decided in bounded time
   */
  public Rule match(String host, String path) {
    var name = withoutPort(host).toLowerCase(Locale.ROOT);
    var decoded = decoded(path);
    for (var rule : rules) {
      if (rule.hostname().matches(name)
          && (rule.path().isEmpty() || rule.path().get().matches(decoded))) {
        return rule;
      }
    }
    throw new AssertionError("the last rule matches everything");
  }

  private static String withoutPort(String host) {
    var colon = host.lastIndexOf(':');
    if (host.startsWith("[")) {
      var end = host.indexOf(']');
      return end < 0 ? host : host.substring(0, end + 1);
    }
    return colon < 0 || host.indexOf(':') != colon ? host : host.substring(0, colon);
  }

  private static String decoded(String path) {
    var query = path.indexOf('?');
    var raw = query < 0 ? path : path.substring(0, query);
    if (raw.indexOf('%') < 0) {
      return raw;
    }
    try {
      return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return raw; // not well encoded: the octets as they are
    }
  }
}

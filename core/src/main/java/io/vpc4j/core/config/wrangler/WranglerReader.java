package io.vpc4j.core.config.wrangler;

import io.vpc4j.NetworkTarget;
import io.vpc4j.Problem;
import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads a wrangler configuration. Never throws for what a file says: the answer carries it.
 *
 * <p>Immutable; safe for use by many threads.
 */
public final class WranglerReader {

  private final Optional<String> environment;
  private final Map<String, String> variables;
  private final Predicate<NetworkTarget> known;

  private WranglerReader(
      Optional<String> environment, Map<String, String> variables, Predicate<NetworkTarget> known) {
    this.environment = environment;
    this.variables = variables;
    this.known = known;
  }

  /**
   * A reader that knows every network and chooses no environment by itself.
   *
   * @param variables the process's environment variables; {@code CLOUDFLARE_ENV} names the
   *     environment where {@link #environment} does not. See {@link DotEnv} for what the command
   *     line adds to them
   */
  public static WranglerReader of(Map<String, String> variables) {
    return new WranglerReader(Optional.empty(), Map.copyOf(variables), target -> true);
  }

  /** With a named environment; the empty string is the top level, whatever the variables say. */
  public WranglerReader environment(String name) {
    return new WranglerReader(Optional.of(name), variables, known);
  }

  /** With somebody to ask whether a transport knows a network; those unknown are warned of. */
  public WranglerReader networksKnownTo(Predicate<NetworkTarget> predicate) {
    return new WranglerReader(environment, variables, predicate);
  }

  /** The environment asked for; empty if none was. */
  Optional<String> environment() {
    return environment;
  }

  /** The environment variables. */
  Map<String, String> variables() {
    return variables;
  }

  /**
   * Reads what {@link WranglerFiles} found. No file at all is an empty configuration, and so is a
   * file whose name ends in something else than {@code .json}, {@code .jsonc} or {@code .toml}.
   */
  public WranglerConfig read(WranglerFiles.Found found) {
    if (found.config().isEmpty()) {
      return read("", Dialect.JSONC, null, false);
    }
    var file = found.config().get();
    var name = file.toString();
    var dialect = Dialect.of(name);
    if (dialect.isEmpty()) {
      return read(name, Dialect.JSONC, null, found.redirected());
    }
    try {
      return read(name, dialect.get(), ConfigDocument.octets(file), found.redirected());
    } catch (ConfigDocumentException e) {
      return fatal("read", e.problem(Problem.Origin.WRANGLER));
    }
  }

  /** Reads one file, named by its path. */
  public WranglerConfig read(Path file) {
    return read(WranglerFiles.Found.given(file));
  }

  /**
   * Reads a document that is at hand.
   *
   * @param fileName decides the dialect, and is named in messages
   */
  public WranglerConfig read(String fileName, byte[] octets) {
    var dialect = Dialect.of(fileName);
    return read(
        fileName, dialect.orElse(Dialect.JSONC), dialect.isPresent() ? octets : null, false);
  }

  private WranglerConfig read(
      String fileName, Dialect dialect, byte @Nullable [] octets, boolean redirected) {
    ConfigValue root;
    try {
      root =
          octets == null
              ? new ObjectValue(Map.of(), 1, 1)
              : ConfigDocument.parse(fileName, octets, dialect, DuplicateKeys.LAST_WINS).root();
    } catch (ConfigDocumentException e) {
      return fatal("read", e.problem(Problem.Origin.WRANGLER));
    }
    var js = new Js(dialect);
    var diagnostics = Diagnostics.root();
    var question = new FileRules.Question(fileName, redirected, environment, variables);
    FileRules.Answer answer;
    try {
      answer = FileRules.check(js, diagnostics, question, root);
    } catch (WranglerCrash e) {
      return fatal(
          "normalize",
          new Problem(
              Problem.Severity.ERROR,
              Problem.Origin.VPC4J,
              fileName,
              e.place().line(),
              e.place().column(),
              "",
              String.valueOf(e.getMessage())));
    }
    return config(js, diagnostics, fileName, answer);
  }

  private WranglerConfig config(
      Js js, Diagnostics diagnostics, String fileName, FileRules.Answer answer) {
    var verdict =
        new WranglerConfig.Verdict(
            diagnostics.problems(Problem.Severity.ERROR, fileName),
            diagnostics.problems(Problem.Severity.WARNING, fileName),
            Optional.of(
                new WranglerConfig.Normalised(
                    js.json(answer.active().get("vpc_networks")),
                    js.json(answer.active().get("vpc_services")),
                    jsonOrNull(js, answer.name()),
                    jsonOrNull(js, answer.topLevelName()),
                    answer.targetEnvironment(),
                    List.copyOf(answer.definedEnvironments()))),
            Optional.empty());
    var advice = new Advice(fileName);
    if (diagnostics.isCutShort()) {
      advice.warn(
          1, 1, "more than " + Diagnostics.MAX_FINDINGS + " problems: the rest are not listed");
    }
    if (!verdict.ok()) {
      return new WranglerConfig(List.of(), List.of(), verdict, advice.problems());
    }
    var networks = networks(js, answer.active().get("vpc_networks"));
    var services = services(js, answer.active().get("vpc_services"));
    networks.forEach(binding -> advice.on(binding, known));
    services.forEach(advice::on);
    return new WranglerConfig(networks, services, verdict, advice.problems());
  }

  private static String jsonOrNull(Js js, @Nullable ConfigValue value) {
    return value == null ? "null" : js.json(value);
  }

  /** After the rules have passed the list, every item has what is taken from it here. */
  private static List<NetworkBinding> networks(Js js, @Nullable ConfigValue list) {
    var bindings = new ArrayList<NetworkBinding>();
    for (ConfigValue item : elements(list)) {
      var tunnel = js.get(item, "tunnel_id");
      NetworkTarget target =
          tunnel != null
              ? new NetworkTarget.Tunnel(text(tunnel))
              : new NetworkTarget.Network(text(js.get(item, "network_id")));
      bindings.add(
          new NetworkBinding(
              text(js.get(item, "binding")), target, remote(js, item), item.line(), item.column()));
    }
    return List.copyOf(bindings);
  }

  private static List<ServiceBinding> services(Js js, @Nullable ConfigValue list) {
    var bindings = new ArrayList<ServiceBinding>();
    for (ConfigValue item : elements(list)) {
      bindings.add(
          new ServiceBinding(
              text(js.get(item, "binding")),
              text(js.get(item, "service_id")),
              remote(js, item),
              item.line(),
              item.column()));
    }
    return List.copyOf(bindings);
  }

  private static List<ConfigValue> elements(@Nullable ConfigValue list) {
    return list instanceof ArrayValue array ? array.elements() : List.of();
  }

  private static String text(@Nullable ConfigValue value) {
    if (value instanceof StringValue string) {
      return string.value();
    }
    throw new IllegalStateException("a binding that passed the rules lacks a string");
  }

  private static RemoteFlag remote(Js js, ConfigValue item) {
    return RemoteFlag.of(Optional.ofNullable(js.get(item, "remote")));
  }

  private static WranglerConfig fatal(String stage, Problem problem) {
    return new WranglerConfig(
        List.of(),
        List.of(),
        new WranglerConfig.Verdict(
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.of(new WranglerConfig.Fatal(stage, problem))),
        List.of());
  }
}

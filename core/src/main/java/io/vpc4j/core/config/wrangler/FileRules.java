package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.JsonText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** wrangler's rules for a whole file: top level, chosen environment, names, unknown fields. */
final class FileRules {

  // What stands beside the fields of an environment at the top level. Some of these wrangler fills
  // in
  // itself; a file may hold them all the same.
  private static final Set<String> KNOWN =
      Stream.concat(
              EnvironmentFields.NAMES.stream(),
              Stream.of(
                  "configPath",
                  "userConfigPath",
                  "topLevelName",
                  "definedEnvironments",
                  "targetEnvironment",
                  "pages_build_output_dir",
                  "send_metrics",
                  "dependencies_instrumentation",
                  "keep_vars",
                  "addresses",
                  "dev",
                  "site",
                  "alias",
                  "wasm_modules",
                  "text_blobs",
                  "data_blobs",
                  "env",
                  "$schema",
                  "legacy_env",
                  "node_compat"))
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> TOP_LEVEL_BLOBS =
      Set.of("wasm_modules", "text_blobs", "data_blobs");

  /**
   * What is asked.
   *
   * @param configFile the path, for the words of messages; empty if there is no file
   * @param redirected whether a tool has put this file in the place of the user's
   * @param environment as asked for on the command line
   * @param variables the process's environment variables
   */
  record Question(
      String configFile,
      boolean redirected,
      Optional<String> environment,
      Map<String, String> variables) {

    /** The environment's name from either source; empty if there is none, or none is wanted. */
    Optional<String> environmentName() {
      return environment.or(() -> Optional.ofNullable(variables.get("CLOUDFLARE_ENV")));
    }
  }

  /**
   * What it came to.
   *
   * @param active the environment in force
   * @param name the Worker's name there
   * @param topLevelName the Worker's name at the top level
   * @param targetEnvironment the chosen environment
   * @param definedEnvironments those the file has
   */
  record Answer(
      Environment active,
      @Nullable ConfigValue name,
      @Nullable ConfigValue topLevelName,
      Optional<String> targetEnvironment,
      List<String> definedEnvironments) {}

  private final Js js;
  private final Diagnostics diagnostics;
  private final Question question;
  private final ConfigValue raw;

  private FileRules(Js js, Diagnostics diagnostics, Question question, ConfigValue raw) {
    this.js = js;
    this.diagnostics = diagnostics;
    this.question = question;
    this.raw = raw;
  }

  /**
   * Checks a file.
   *
   * @throws WranglerCrash if wrangler would end without a verdict
   */
  static Answer check(Js js, Diagnostics diagnostics, Question question, ConfigValue raw)
      throws WranglerCrash {
    if (!Js.isObject(raw)) {
      throw new WranglerCrash("the file must hold an object, not " + raw.kind(), raw);
    }
    return new FileRules(js, diagnostics, question, raw).check();
  }

  private Answer check() throws WranglerCrash {
    var topScope = new Scope(js, "", null, question.variables());
    refuseLegacyEnv();
    topLevelTypes(topScope);
    var topLevel = EnvironmentRules.check(topScope, diagnostics, raw, raw);
    var defined = js.keys(Js.orUndefined(js.get(raw, "env")));
    if (question.redirected() && !defined.isEmpty()) {
      refuseEnvironments(defined);
    }
    var active = active(topLevel, question.environmentName().orElse(""));
    boolean isPages = js.has(raw, "pages_build_output_dir");
    DuplicateNames.check(
        js,
        diagnostics,
        field -> TOP_LEVEL_BLOBS.contains(field) ? js.get(raw, field) : active.get(field),
        isPages);
    topScope.onlyKnown(diagnostics, "top-level", raw, KNOWN);
    if (question.redirected()) {
      return new Answer(
          active,
          active.get("name"),
          js.get(raw, "topLevelName"),
          Optional.ofNullable(js.get(raw, "targetEnvironment")).map(Js::text),
          redirectedEnvironments());
    }
    return new Answer(
        active, active.get("name"), js.get(raw, "name"), question.environmentName(), defined);
  }

  private List<String> redirectedEnvironments() {
    return js.get(raw, "definedEnvironments") instanceof ConfigValue.ArrayValue names
        ? names.elements().stream().map(Js::text).toList()
        : List.of();
  }

  private void refuseLegacyEnv() {
    if (js.has(raw, "legacy_env") && !question.redirected()) {
      diagnostics.error(
          "The \"legacy_env\" field is no longer supported, so please remove it from your "
              + "configuration file.\n"
              + "Service environments have been removed, and each environment is now deployed as "
              + "its own Worker named \"<name>-<environment>\". This matches the behaviour of "
              + "\"legacy_env = true\", which was the default, so removing the field will not "
              + "change how your Worker is deployed.\n"
              + "Refer to https://developers.cloudflare.com/workers/wrangler/environments/ for "
              + "more information.",
          js.placeOf(raw, "legacy_env"));
    }
  }

  private void topLevelTypes(Scope scope) throws WranglerCrash {
    check(scope, TypeRules.BOOLEAN, "send_metrics");
    check(scope, TypeRules.type("object"), "dependencies_instrumentation");
    check(scope, TypeRules.BOOLEAN, "keep_vars");
    check(scope, TypeRules.EACH_A_STRING, "addresses");
    check(scope, TypeRules.STRING, "pages_build_output_dir");
    check(scope, TypeRules.STRING, "$schema");
  }

  private void check(Scope scope, Rule rule, String field) throws WranglerCrash {
    rule.check(scope, diagnostics, field, js.get(raw, field));
  }

  private void refuseEnvironments(List<String> defined) {
    var message =
        new StringBuilder(
            "Redirected configurations cannot include environments but the following have been "
                + "found:");
    defined.forEach(name -> message.append("\n\t- ").append(name));
    diagnostics.error(
        message
            .append("\n\n\nSuch configurations are generated by tools, meaning that one of the ")
            .append("tools\nyour application is using is generating the incorrect configuration.\n")
            .append("Report this issue to the tool's author so that this can be fixed there.")
            .toString(),
        js.placeOf(raw, "env"));
  }

  /** The environment in force. An empty name is the top level, and cannot be an environment's. */
  private Environment active(Environment topLevel, String name) throws WranglerCrash {
    if (name.isEmpty()) {
      return topLevel;
    }
    boolean isPages = js.has(raw, "pages_build_output_dir");
    if (question.redirected()) {
      var target = js.get(raw, "targetEnvironment");
      if (!isPages && Js.isTruthy(target) && !Js.text(target).equals(name)) {
        throw new WranglerCrash(wrongTarget(name, Js.text(target)), raw);
      }
      return topLevel;
    }
    var scope = new Scope(js, name, topLevel, question.variables());
    var environments = Js.orUndefined(js.get(raw, "env"));
    var rawEnvironment = js.get(environments, name);
    if (rawEnvironment != null) {
      var part = diagnostics.part("\"env." + name + "\" environment configuration");
      var environment = EnvironmentRules.check(scope, part, rawEnvironment, raw);
      diagnostics.add(part);
      return environment;
    }
    if (isPages) {
      return topLevel; // its two environments need not be there
    }
    var environment = EnvironmentRules.ofUnknownName(scope, topLevel);
    sayUnknown(name, environments);
    return environment;
  }

  private String wrongTarget(String name, String target) {
    var via =
        question.environment().isPresent()
            ? "via the `--env/-e` CLI argument"
            : "via the CLOUDFLARE_ENV environment variable";
    return "You have specified the environment \""
        + name
        + "\" "
        + via
        + ".\n"
        + "This does not match the target environment \""
        + target
        + "\" that was used when building the application.\n"
        + "Perhaps you need to re-run the custom build of the project with \""
        + name
        + "\" as the selected environment?";
  }

  private void sayUnknown(String name, @Nullable ConfigValue environments) {
    var available =
        Js.isTruthy(environments)
            ? "The available configured environment names are: "
                + js.keys(environments).stream()
                    .map(JsonText::quote)
                    .collect(Collectors.joining(",", "[", "]"))
                + "\n"
            : "";
    var message =
        "No environment found in configuration with name \""
            + name
            + "\".\n"
            + "Before using `--env="
            + name
            + "` there should be an equivalent environment section in the configuration.\n"
            + available
            + "\nConsider adding an environment configuration section to the "
            + configFileName()
            + " file:\n```\n[env."
            + name
            + "]\n```\n";
    var place = js.placeOf(raw, "env");
    if (available.isEmpty()) {
      diagnostics.warn(message, place);
    } else {
      diagnostics.error(message, place);
    }
  }

  private String configFileName() {
    var file = question.configFile();
    return file.endsWith("toml")
        ? "wrangler.toml"
        : file.endsWith("jsonc")
            ? "wrangler.jsonc"
            : file.endsWith("json") ? "wrangler.json" : "Wrangler configuration";
  }
}

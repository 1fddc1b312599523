package io.vpc4j.core.config.wrangler;

import io.vpc4j.Problem;
import io.vpc4j.core.config.JsonText;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a file came to, as one line of JSON: the environment asked for, the verdict, the two lists
 * as wrangler keeps them, and its messages. Advice of our own is not in it.
 *
 * <p>{@code {"env","cloudflareEnv"?,"ok","config","errors","warnings","meta"?,"fatal"?}}; {@code
 * config} is null and {@code meta} absent where there is a {@code fatal}. Columns count from 0 in
 * {@code fatal}, as wrangler's do.
 */
public final class CheckReport {

  private CheckReport() {}

  /** The line, without its end. */
  public static String line(WranglerReader reader, WranglerConfig config) {
    var out = new StringBuilder("{\"env\":");
    out.append(reader.environment().map(JsonText::quote).orElse("null"));
    var variable = reader.variables().get("CLOUDFLARE_ENV");
    if (variable != null) {
      out.append(",\"cloudflareEnv\":").append(JsonText.quote(variable));
    }
    var verdict = config.verdict();
    out.append(",\"ok\":").append(verdict.ok()).append(",\"config\":");
    verdict
        .normalised()
        .ifPresentOrElse(
            normalised ->
                out.append("{\"vpc_networks\":")
                    .append(normalised.vpcNetworks())
                    .append(",\"vpc_services\":")
                    .append(normalised.vpcServices())
                    .append('}'),
            () -> out.append("null"));
    out.append(",\"errors\":").append(messages(verdict.errors()));
    out.append(",\"warnings\":").append(messages(verdict.warnings()));
    verdict.normalised().ifPresent(normalised -> meta(normalised, out));
    verdict.fatal().ifPresent(fatal -> fatal(fatal, out));
    return out.append('}').toString();
  }

  private static String messages(List<Problem> problems) {
    return problems.stream()
        .map(
            problem ->
                "{\"scope\":"
                    + JsonText.quote(problem.scope())
                    + ",\"message\":"
                    + JsonText.quote(problem.message())
                    + "}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static void meta(WranglerConfig.Normalised normalised, StringBuilder out) {
    out.append(",\"meta\":{\"name\":").append(normalised.name());
    out.append(",\"topLevelName\":").append(normalised.topLevelName());
    out.append(",\"targetEnvironment\":");
    out.append(normalised.targetEnvironment().map(JsonText::quote).orElse("null"));
    out.append(",\"definedEnvironments\":");
    out.append(
        normalised.definedEnvironments().stream()
            .map(JsonText::quote)
            .collect(Collectors.joining(",", "[", "]")));
    out.append('}');
  }

  private static void fatal(WranglerConfig.Fatal fatal, StringBuilder out) {
    var problem = fatal.problem();
    out.append(",\"fatal\":{\"stage\":").append(JsonText.quote(fatal.stage()));
    out.append(",\"type\":");
    out.append(JsonText.quote(fatal.stage().equals("read") ? "ParseError" : "Refused"));
    out.append(",\"message\":").append(JsonText.quote(problem.message()));
    if (problem.line() > 0) {
      out.append(",\"line\":").append(problem.line());
      out.append(",\"column\":").append(Math.max(0, problem.column() - 1));
    }
    out.append('}');
  }
}

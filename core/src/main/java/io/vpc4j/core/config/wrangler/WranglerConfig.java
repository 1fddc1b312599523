package io.vpc4j.core.config.wrangler;

import io.vpc4j.ConfigurationException;
import io.vpc4j.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a wrangler configuration came to.
 *
 * @param networks the active environment's {@code vpc_networks}, in the file's order; empty unless
 *     {@link #ok}
 * @param services the active environment's {@code vpc_services}, likewise
 * @param verdict what wrangler makes of the file, word for word
 * @param advice warnings of our own, none of which wrangler gives
 */
public record WranglerConfig(
    List<NetworkBinding> networks,
    List<ServiceBinding> services,
    Verdict verdict,
    List<Problem> advice) {

  /**
   * What wrangler says.
   *
   * @param errors in its order; none if {@code fatal} is present
   * @param warnings in its order; none if {@code fatal} is present
   * @param normalised the configuration as wrangler keeps it, even if there are errors
   * @param fatal why there is no verdict, if there is none
   */
  public record Verdict(
      List<Problem> errors,
      List<Problem> warnings,
      Optional<Normalised> normalised,
      Optional<Fatal> fatal) {

    /** Whether the file may be used. */
    public boolean ok() {
      return errors.isEmpty() && fatal.isEmpty();
    }
  }

  /**
   * The configuration as wrangler keeps it: nothing trimmed, unknown keys kept. Each component but
   * the last two is JSON text.
   *
   * @param vpcNetworks an array, unless the file has something else there
   * @param vpcServices likewise
   * @param name the Worker's name in the active environment; {@code null} if it has none
   * @param topLevelName the Worker's name at the top level; {@code null} if it has none
   * @param targetEnvironment the chosen environment
   * @param definedEnvironments those the file has
   */
  public record Normalised(
      String vpcNetworks,
      String vpcServices,
      String name,
      String topLevelName,
      Optional<String> targetEnvironment,
      List<String> definedEnvironments) {}

  /**
   * The file could not be read, or wrangler would end in an exception.
   *
   * @param stage {@code read} or {@code normalize}
   * @param problem what is wrong, and where
   */
  public record Fatal(String stage, Problem problem) {}

  /** Whether the file may be used. */
  public boolean ok() {
    return verdict.ok();
  }

  /** Everything there is to say: errors, then warnings, then our advice. */
  public List<Problem> problems() {
    var problems = new ArrayList<Problem>(verdict.errors());
    verdict.fatal().ifPresent(fatal -> problems.add(fatal.problem()));
    problems.addAll(verdict.warnings());
    problems.addAll(advice);
    return List.copyOf(problems);
  }

  /**
   * This, if it may be used.
   *
   * @throws ConfigurationException if not; carries all problems
   */
  public WranglerConfig orThrow() throws ConfigurationException {
    if (!ok()) {
      throw new ConfigurationException(problems());
    }
    return this;
  }
}

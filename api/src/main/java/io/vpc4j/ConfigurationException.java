package io.vpc4j;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration file cannot be read or says something wrong. Carries every problem at once. */
public final class ConfigurationException extends VpcException {

  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // the list given is immutable and its elements are strings
  private final List<Problem> problems;

  /**
   * All that is wrong.
   *
   * @param problems at least one of severity {@link Problem.Severity#ERROR}
   */
  public ConfigurationException(List<Problem> problems) {
    super(ErrorCode.CONFIGURATION_ERROR, Stage.CONFIGURE, sentence(problems));
    this.problems = List.copyOf(problems);
  }

  /** Every problem, warnings included, in the order found. */
  public List<Problem> problems() {
    return problems;
  }

  private static String sentence(List<Problem> problems) {
    return problems.stream()
        .filter(problem -> problem.severity() == Problem.Severity.ERROR)
        .map(Problem::toString)
        .collect(Collectors.joining("\n"));
  }
}

package io.vpc4j.core.directory;

import io.vpc4j.core.net.Cidr;
import java.util.List;

/**
 * What a binding may reach: rules in order, the first that matches decides, then the default.
 *
 * <p>Link-local and metadata addresses are denied before the default, unless a rule allows them by
 * name. How it is evaluated is in {@code io.vpc4j.core.routing}.
 *
 * @param rules in order
 * @param otherwise what holds where no rule matches
 */
public record Policy(List<Rule> rules, Action otherwise) {

  /** Everything but link-local and metadata addresses. */
  public static final Policy BUILT_IN = new Policy(List.of(), Action.ALLOW);

  /** Copies. */
  public Policy {
    rules = List.copyOf(rules);
  }

  /** What a rule says. */
  public enum Action {
    /** May be reached. */
    ALLOW,
    /** May not. */
    DENY
  }

  /**
   * One rule: a subject and, if not empty, ports.
   *
   * @param action what it says
   * @param subject which destinations
   * @param ports which ports; empty for all
   */
  public record Rule(Action action, Subject subject, List<PortRange> ports) {
    /** Copies. */
    public Rule {
      ports = List.copyOf(ports);
    }
  }

  /** Which destinations. */
  public sealed interface Subject {

    /** All. */
    record Any() implements Subject {
      @Override
      public String toString() {
        return "any";
      }
    }

    /**
     * Those whose address, given or resolved, lies within.
     *
     * @param network the prefix
     */
    record Network(Cidr network) implements Subject {
      @Override
      public String toString() {
        return network.toString();
      }
    }

    /**
     * Those asked for by a name that matches.
     *
     * @param pattern exact, or {@code *.} and a suffix for exactly one more label, or {@code **.}
     *     and a suffix for one or more
     */
    record Hostname(String pattern) implements Subject {
      @Override
      public String toString() {
        return pattern;
      }
    }
  }

  /**
   * Ports, both ends included.
   *
   * @param from 0 to 65,535
   * @param to {@code from} to 65,535
   */
  public record PortRange(int from, int to) {
    /** Checks. */
    public PortRange {
      if (from < 0 || to > 65_535 || from > to) {
        throw new IllegalArgumentException("not a range of ports: " + from + "-" + to);
      }
    }

    /** Whether {@code port} is in it. */
    public boolean contains(int port) {
      return port >= from && port <= to;
    }

    @Override
    public String toString() {
      return from == to ? Integer.toString(from) : from + "-" + to;
    }
  }
}

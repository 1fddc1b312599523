package io.vpc4j;

import java.io.Serializable;
import java.util.Locale;

/**
 * One thing that is wrong, or doubtful, in a configuration file.
 *
 * @param severity whether it stops the file from being used
 * @param origin whose rule it is
 * @param file the file as it was named; empty if the problem has no file
 * @param line from 1; 0 if not known
 * @param column from 1; 0 if not known
 * @param scope the part of the file, in wrangler's words, such as {@code "env.prod" environment
 *     configuration}; empty for the top level
 * @param message what is wrong; for wrangler's rules, wrangler's text
 */
public record Problem(
    Severity severity,
    Origin origin,
    String file,
    int line,
    int column,
    String scope,
    String message)
    implements Serializable {

  /** Whether it stops the file from being used. */
  public enum Severity {
    /** The file is refused. */
    ERROR,
    /** The file is used, and somebody should look. */
    WARNING
  }

  /** Whose rule it is. */
  public enum Origin {
    /** wrangler says the same. */
    WRANGLER,
    /** wrangler lets it pass; we do not think it is meant. */
    VPC4J
  }

  /** {@code file:line:column: severity: message}, the form editors and terminals make a link of. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    if (!file.isEmpty()) {
      text.append(file);
      if (line > 0) {
        text.append(':').append(line);
        if (column > 0) {
          text.append(':').append(column);
        }
      }
      text.append(": ");
    }
    text.append(severity.name().toLowerCase(Locale.ROOT)).append(": ");
    if (!scope.isEmpty()) {
      text.append(scope).append(": ");
    }
    return text.append(message).toString();
  }
}

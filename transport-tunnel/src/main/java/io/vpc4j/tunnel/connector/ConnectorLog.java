package io.vpc4j.tunnel.connector;

import io.vpc4j.tunnel.connector.serve.FlowLog;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One line per event that a person would want; never a secret. Safe for use by many threads. */
public final class ConnectorLog {

  private final BiConsumer<Level, String> lines;

  /** Lines go to {@code lines}. */
  public ConnectorLog(BiConsumer<Level, String> lines) {
    this.lines = lines;
  }

  /** Lines go to the logger of that name. */
  public static ConnectorLog to(String name) {
    Logger logger = LoggerFactory.getLogger(name);
    return new ConnectorLog((level, line) -> logger.atLevel(level).log(line));
  }

  /** As this, and each line is told to {@code log} as well. */
  public ConnectorLog alsoTo(FlowLog log) {
    return new ConnectorLog(
        (level, line) -> {
          lines.accept(level, line);
          log.tell(level, FlowLog.Kind.CLOUDFLARED, line);
        });
  }

  void info(String line) {
    lines.accept(Level.INFO, line);
  }

  void warn(String line) {
    lines.accept(Level.WARN, line);
  }
}

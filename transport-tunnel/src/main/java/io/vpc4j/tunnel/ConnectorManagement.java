package io.vpc4j.tunnel;

import io.netty.channel.Channel;
import io.vpc4j.core.ops.OpsClient;
import io.vpc4j.tunnel.management.LogStream;
import io.vpc4j.tunnel.management.ManagementRequests;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a connector says of itself, asked through its tunnel: {@code cloudflared}'s metrics, its
 * host, and its log. [T] 7.8
 *
 * <p>From {@link TunnelEdge#management}. Nothing is asked unless somebody calls, and no request of
 * an application reaches the service. Safe for use by many threads.
 */
public final class ConnectorManagement {

  /** The least that is told of a log. */
  public enum Level {
    /** All. */
    DEBUG("debug"),
    /** What a person would want. */
    INFO("info"),
    /** What may be wrong. */
    WARN("warn"),
    /** What is wrong. */
    ERROR("error");

    private final String word;

    Level(String word) {
      this.word = word;
    }
  }

  /**
   * A line of a connector's log.
   *
   * @param time as the connector wrote it, RFC 3339
   * @param level {@code debug}, {@code info}, {@code warn} or {@code error}
   * @param event what it is about: {@code cloudflared}, {@code http}, {@code tcp} or {@code udp}
   * @param message in words
   * @param fields all else, values as JSON has them
   */
  public record Line(
      String time, String level, String event, String message, Map<String, Object> fields) {
    /** Copies. */
    public Line {
      fields = Map.copyOf(fields);
    }
  }

  /** Hears a connector's log. Called on an event loop, one call after another: must not block. */
  public interface LogListener {
    /** A line. */
    void onLine(Line line);

    /** Nothing more comes. Called once, with the reason; after {@link Tail#close} as well. */
    void onEnd(String why);
  }

  /** A log that is being streamed. */
  public interface Tail extends AutoCloseable {
    /** Ends it. May be called again. */
    @Override
    void close();
  }

  private final ManagementRequests requests;

  ConnectorManagement(ManagementRequests requests) {
    this.requests = requests;
  }

  /**
   * The connector's metrics, in the text form of Prometheus. A {@code cloudflared} answers unless
   * it runs with {@code --management-diagnostics=false}, which is what releases before 2024.2.1 do
   * unless told otherwise; this fails then.
   *
   * @return fails with an {@link IOException}; at most 8 MiB, within 10 s
   */
  public CompletableFuture<String> metrics() {
    return requests.get("/metrics");
  }

  /**
   * Which host the connector runs on, JSON: {@code connector_id}, {@code ip}, {@code hostname}.
   *
   * @return fails as {@link #metrics} does
   */
  public CompletableFuture<String> hostDetails() {
    return requests.get("/host_details");
  }

  /**
   * Streams the connector's log from now on. A connector streams to one at a time: a newer stream
   * ends the older, whose listener is told.
   *
   * @return fails with an {@link IOException}, and then nothing is told to the listener
   */
  public CompletableFuture<Tail> tail(Level least, LogListener listener) {
    return requests.logs(least.word, new Lines(listener)).thenApply(ConnectorManagement::tail);
  }

  private static Tail tail(Channel channel) {
    return channel::close;
  }

  /** Messages to lines. */
  private record Lines(LogListener listener) implements LogStream.Events {
    @Override
    public void onMessage(String json) {
      try {
        var message = OpsClient.tree("a connector's log", json);
        if (message.get("logs") instanceof List<?> logs) {
          logs.forEach(this::onLog);
        }
      } catch (IOException e) {
        listener.onLine(new Line("", "error", "cloudflared", e.toString(), Map.of()));
      }
    }

    private void onLog(Object log) {
      if (log instanceof Map<?, ?> fields) {
        listener.onLine(
            new Line(
                text(fields, "time", ""),
                text(fields, "level", "debug"), // the connector leaves out what is the first
                text(fields, "event", "cloudflared"),
                text(fields, "message", ""),
                more(fields.get("fields"))));
      }
    }

    private static String text(Map<?, ?> fields, String name, String otherwise) {
      var value = fields.get(name);
      return value == null ? otherwise : value.toString();
    }

    private static Map<String, Object> more(@Nullable Object fields) {
      var more = new java.util.HashMap<String, Object>();
      if (fields instanceof Map<?, ?> map) {
        map.forEach((name, value) -> more.put(String.valueOf(name), value));
      }
      return more;
    }

    @Override
    public void onEnd(String why) {
      listener.onEnd(why);
    }
  }
}

package io.vpc4j.core.ops;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** What the server answers: a path in, a status, a type and a body out. No I/O. */
final class OpsAnswers {

  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param contentType of the body
   * @param body text, to be sent as UTF-8
   */
  record Answer(int status, String contentType, String body) {}

  private final Map<String, Object> process;
  private final List<StatusSource> sources;
  private final LongSupplier uptimeSeconds;

  /**
   * Answers about these.
   *
   * @param process what is said of the process as a whole
   */
  OpsAnswers(Map<String, Object> process, List<StatusSource> sources, LongSupplier uptimeSeconds) {
    this.process = process;
    this.sources = sources;
    this.uptimeSeconds = uptimeSeconds;
  }

  /**
   * Answers a GET.
   *
   * @param target as in the request line; a query is ignored
   */
  Answer get(String target) {
    int query = target.indexOf('?');
    return switch (query < 0 ? target : target.substring(0, query)) {
      case "/ready" -> ready();
      case "/metrics" -> new Answer(200, PrometheusText.CONTENT_TYPE, metrics());
      case "/status" -> new Answer(200, JSON, StatusJson.of(status()) + "\n");
      case "/" -> new Answer(200, TEXT, "/ready\n/metrics\n/status\n");
      default -> new Answer(404, TEXT, "Not here. There are /ready, /metrics and /status.\n");
    };
  }

  private boolean isReady() {
    return sources.stream().allMatch(StatusSource::ready);
  }

  private Answer ready() {
    var parts = new LinkedHashMap<String, Object>();
    for (var source : sources) {
      parts.put(source.name(), head(source));
    }
    var ready = isReady();
    var body = new LinkedHashMap<String, Object>();
    body.put("ready", ready);
    body.put("parts", parts);
    return new Answer(ready ? 200 : 503, JSON, StatusJson.of(body) + "\n");
  }

  private static Map<String, Object> head(StatusSource source) {
    var head = new LinkedHashMap<String, Object>();
    head.put("ready", source.ready());
    head.put("summary", source.summary());
    return head;
  }

  private Map<String, Object> status() {
    var parts = new LinkedHashMap<String, Object>();
    for (var source : sources) {
      var part = head(source);
      part.putAll(source.details());
      parts.put(source.name(), part);
    }
    var status = new LinkedHashMap<>(process);
    status.put("uptime_seconds", uptimeSeconds.getAsLong());
    status.put("ready", isReady());
    status.put("parts", parts);
    return status;
  }

  private String metrics() {
    var families = new ArrayList<MetricFamily>();
    families.add(
        MetricFamily.gauge(
            "vpc4j_uptime_seconds",
            "Since the process began to serve.",
            (double) uptimeSeconds.getAsLong()));
    var samples = new ArrayList<MetricFamily.Sample>();
    for (var source : sources) {
      samples.add(new MetricFamily.Sample(Map.of("part", source.name()), source.ready() ? 1 : 0));
      families.addAll(source.metrics());
    }
    families.add(
        1,
        new MetricFamily(
            "vpc4j_ready",
            "Whether a part of the process can do its work.",
            MetricFamily.Type.GAUGE,
            samples));
    return PrometheusText.of(families);
  }
}

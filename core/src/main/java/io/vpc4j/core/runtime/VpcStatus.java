package io.vpc4j.core.runtime;

import io.vpc4j.core.fetch.EngineStats;
import io.vpc4j.core.fetch.FetchEngine;
import io.vpc4j.core.ops.MetricFamily;
import io.vpc4j.core.ops.MetricFamily.Sample;
import io.vpc4j.core.ops.StatusSource;
import io.vpc4j.core.spi.TransportStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** How a {@code Vpc} stands: its bindings, and the transports that have been opened. */
final class VpcStatus implements StatusSource {

  private final Map<String, FetchEngine> engines;
  private final Supplier<Map<String, TransportStatus>> transports;
  private final Supplier<List<MetricFamily>> transportMetrics;

  VpcStatus(
      Map<String, FetchEngine> engines,
      Supplier<Map<String, TransportStatus>> transports,
      Supplier<List<MetricFamily>> transportMetrics) {
    this.engines = engines;
    this.transports = transports;
    this.transportMetrics = transportMetrics;
  }

  @Override
  public String name() {
    return "vpc";
  }

  /** A transport that no request has needed yet is none that is missing. */
  @Override
  public boolean ready() {
    return transports.get().values().stream().allMatch(TransportStatus::ready);
  }

  @Override
  public String summary() {
    var open = transports.get();
    return engines.size()
        + (engines.size() == 1 ? " binding; " : " bindings; ")
        + (open.isEmpty()
            ? "no transport in use"
            : String.join(", ", new TreeMap<>(open).keySet()));
  }

  @Override
  public Map<String, Object> details() {
    var bindings = new ArrayList<Object>();
    engines.forEach((name, engine) -> bindings.add(binding(name, engine.stats())));
    var open = new LinkedHashMap<String, Object>();
    new TreeMap<>(transports.get()).forEach((name, status) -> open.put(name, transport(status)));
    var details = new LinkedHashMap<String, Object>();
    details.put("bindings", bindings);
    details.put("transports", open);
    return details;
  }

  private static Map<String, Object> binding(String name, EngineStats stats) {
    var binding = new LinkedHashMap<String, Object>();
    binding.put("binding", name);
    binding.put("requests", stats.requests());
    binding.put("failures", failures(stats));
    binding.put("retries", stats.retries());
    binding.put("redirects", stats.redirects());
    binding.put("connections", stats.pool().connections());
    binding.put("idle", stats.pool().idle());
    binding.put("waiters", stats.pool().waiters());
    binding.put("opened", stats.pool().opened());
    binding.put("reuses", stats.pool().reuses());
    return binding;
  }

  private static long failures(EngineStats stats) {
    return stats.failures().values().stream().mapToLong(Long::longValue).sum();
  }

  private static Map<String, Object> transport(TransportStatus status) {
    var transport = new LinkedHashMap<String, Object>();
    transport.put("ready", status.ready());
    transport.put("summary", status.summary());
    transport.putAll(status.gauges());
    transport.putAll(status.details());
    return transport;
  }

  @Override
  public List<MetricFamily> metrics() {
    var stats = new LinkedHashMap<String, EngineStats>();
    engines.forEach((name, engine) -> stats.put(name, engine.stats()));
    var families = new ArrayList<MetricFamily>();
    families.add(counter(stats, "requests", "Fetches begun.", EngineStats::requests));
    families.add(
        counter(
            stats, "retries", "Requests sent again on a fresh connection.", EngineStats::retries));
    families.add(
        counter(stats, "connections_opened", "Connections opened.", each -> each.pool().opened()));
    families.add(gauge(stats, "connections", "Open.", each -> each.pool().connections()));
    families.add(gauge(stats, "connections_idle", "Open and unused.", each -> each.pool().idle()));
    families.add(
        gauge(
            stats,
            "waiters",
            "Requests that wait for a connection.",
            each -> each.pool().waiters()));
    families.add(failuresByCode(stats));
    families.addAll(gauges());
    families.addAll(transportMetrics.get());
    return families;
  }

  private static MetricFamily counter(
      Map<String, EngineStats> stats, String name, String help, ToLongFunction<EngineStats> value) {
    return new MetricFamily(
        "vpc4j_binding_" + name + "_total", help, MetricFamily.Type.COUNTER, samples(stats, value));
  }

  private static MetricFamily gauge(
      Map<String, EngineStats> stats, String name, String help, ToLongFunction<EngineStats> value) {
    return new MetricFamily(
        "vpc4j_binding_" + name, help, MetricFamily.Type.GAUGE, samples(stats, value));
  }

  private static List<Sample> samples(
      Map<String, EngineStats> stats, ToLongFunction<EngineStats> value) {
    var samples = new ArrayList<Sample>();
    stats.forEach(
        (name, each) ->
            samples.add(new Sample(Map.of("binding", name), (double) value.applyAsLong(each))));
    return samples;
  }

  private static MetricFamily failuresByCode(Map<String, EngineStats> stats) {
    var samples = new ArrayList<Sample>();
    stats.forEach(
        (name, each) ->
            new TreeMap<>(each.failures())
                .forEach(
                    (code, count) -> {
                      var labels = new LinkedHashMap<String, String>();
                      labels.put("binding", name);
                      labels.put("code", code.toString());
                      samples.add(new Sample(labels, count.doubleValue()));
                    }));
    return new MetricFamily(
        "vpc4j_binding_failures_total",
        "Fetches and bodies that failed.",
        MetricFamily.Type.COUNTER,
        samples);
  }

  /** What each transport counts, under its own words. */
  private List<MetricFamily> gauges() {
    var samples = new ArrayList<Sample>();
    new TreeMap<>(transports.get())
        .forEach(
            (transport, status) ->
                status
                    .gauges()
                    .forEach(
                        (name, value) -> {
                          var labels = new LinkedHashMap<String, String>();
                          labels.put("transport", transport.toLowerCase(Locale.ROOT));
                          labels.put("figure", name);
                          samples.add(new Sample(labels, value.doubleValue()));
                        }));
    return List.of(
        new MetricFamily(
            "vpc4j_transport",
            "What a transport counts of itself.",
            MetricFamily.Type.GAUGE,
            samples));
  }
}

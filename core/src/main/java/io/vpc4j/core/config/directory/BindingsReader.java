package io.vpc4j.core.config.directory;

import io.vpc4j.Limits;
import io.vpc4j.core.directory.BindingSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** {@code limits}, and {@code bindings}: what is set for single bindings. */
final class BindingsReader {

  private static final Map<String, BiFunction<Limits.Builder, Integer, Limits.Builder>> NUMBERS =
      Map.of(
          "max_connections_per_origin", Limits.Builder::maxConnectionsPerOrigin,
          "max_connections", Limits.Builder::maxConnections,
          "max_waiters", Limits.Builder::maxWaiters,
          "max_requests_per_second", Limits.Builder::maxRequestsPerSecond,
          "max_header_octets", Limits.Builder::maxHeaderOctets,
          "read_window_octets", Limits.Builder::readWindowOctets,
          "max_buffered_body_octets", Limits.Builder::maxBufferedBodyOctets);

  private static final Map<String, BiFunction<Limits.Builder, Duration, Limits.Builder>> DURATIONS =
      Map.of(
          "acquire_timeout", Limits.Builder::acquireTimeout,
          "resolve_timeout", Limits.Builder::resolveTimeout,
          "connect_timeout", Limits.Builder::connectTimeout,
          "tls_timeout", Limits.Builder::tlsTimeout,
          "read_timeout", Limits.Builder::readTimeout,
          "write_timeout", Limits.Builder::writeTimeout,
          "idle_timeout", Limits.Builder::idleTimeout,
          "max_connection_age", Limits.Builder::maxConnectionAge);

  private BindingsReader() {}

  /**
   * The {@code limits} of {@code owner}.
   *
   * @param defaults where it says nothing of a bound
   * @return empty if it has no {@code limits}
   */
  static Optional<Limits> limits(Section owner, Limits defaults) {
    return owner.section("limits", Shape.LIMITS).map(section -> overlay(section, defaults));
  }

  private static Limits overlay(Section section, Limits defaults) {
    var limits = defaults;
    for (var field : Shape.LIMITS.fields()) {
      var item = section.field(field);
      if (item.isPresent()) {
        limits = with(limits, field, item.orElseThrow());
      }
    }
    return limits;
  }

  /** With one bound changed; unchanged, and the problem noted, if it is out of its range. */
  private static Limits with(Limits limits, String field, Item item) {
    var builder = limits.toBuilder();
    var number = NUMBERS.get(field);
    var duration = DURATIONS.get(field);
    var changed =
        number != null
            ? item.integer(0, Integer.MAX_VALUE).map(value -> number.apply(builder, value))
            : item.duration()
                .map(value -> duration == null ? builder : duration.apply(builder, value));
    try {
      return changed.isPresent() ? changed.orElseThrow().build() : limits;
    } catch (IllegalArgumentException e) {
      var message = String.valueOf(e.getMessage());
      item.error(message.substring(message.indexOf(' ') + 1)); // less its name in Java
      return limits;
    }
  }

  /**
   * What is set for single bindings, by name.
   *
   * @param limits those of the file, for bindings that set none
   */
  static Map<String, BindingSettings> bindings(Section directory, Optional<Limits> limits) {
    var bindings = new LinkedHashMap<String, BindingSettings>();
    directory
        .entries("bindings")
        .forEach(
            (name, item) ->
                item.section(Shape.BINDING)
                    .flatMap(section -> binding(section, limits))
                    .ifPresent(settings -> bindings.put(name, settings)));
    return bindings;
  }

  private static Optional<BindingSettings> binding(Section section, Optional<Limits> limits) {
    var virtualNetwork = NetworksReader.reference(section);
    var policy = PolicyReader.read(section);
    var own = limits(section, limits.orElseGet(Limits::defaults)).or(() -> limits);
    var tls = TlsReader.read(section);
    return virtualNetwork.map(id -> new BindingSettings(id, policy, own, tls));
  }
}

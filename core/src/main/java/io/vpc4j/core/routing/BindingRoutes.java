package io.vpc4j.core.routing;

import io.vpc4j.ErrorCode;
import io.vpc4j.Explanation;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.BindingSettings;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.Router.Use;
import io.vpc4j.core.spi.NextHop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Routes} of one binding over a directory that may change: every call works on the
 * newest snapshot, compiled once and shared by all bindings of a {@link Compiled}.
 *
 * <p>Safe for use by many threads; takes no lock unless the directory has just changed.
 */
public final class BindingRoutes implements Routes {

  private final BindingSpec binding;
  private final Compiled compiled;
  private final Function<NextHop, Optional<String>> transportOf;

  /**
   * The routes of one binding.
   *
   * @param transportOf the name of the transport that carries a hop, for explanations
   */
  public BindingRoutes(
      BindingSpec binding, Compiled compiled, Function<NextHop, Optional<String>> transportOf) {
    this.binding = binding;
    this.compiled = compiled;
    this.transportOf = transportOf;
  }

  /** The one hop a network is; empty for the mesh, which is many. */
  public static Optional<NextHop> hopOf(NetworkTarget.Network network) {
    return network.id().equals(Router.MESH)
        ? Optional.empty()
        : Optional.of(Router.elsewhere(network.id()));
  }

  @Override
  public Route fetch(Url url) throws VpcException {
    return route(url.secure() ? Use.HTTPS : Use.HTTP, unbracketed(url.host()), url.port());
  }

  @Override
  public Route connect(String host, int port) throws VpcException {
    return route(Use.CONNECT, unbracketed(host), port);
  }

  private Route route(Use use, String host, int port) throws VpcException {
    var tables = compiled.newest();
    var decision = tables.router.decide(binding, use, host, port);
    // The policy speaks first: whether there is a route is not for everybody to know.
    var policy = tables.policy(binding);
    var verdict = judge(policy, decision);
    if (!verdict.allowed()) {
      throw verdict.failure(decision.host() + " port " + decision.port());
    }
    var failure = decision.failure();
    if (failure != null) {
      throw failure;
    }
    var hop = decision.hop();
    if (hop == null) {
      throw new IllegalStateException("a decision without a failure has a hop");
    }
    return new Route(
        hop,
        decision.host(),
        decision.addresses(),
        decision.port(),
        decision.resolverIps(),
        tables.router.tls(binding),
        policy);
  }

  /**
   * What is said of every address the host is known to be; of the name if it is known to be none.
   */
  private static PolicyRules.Verdict judge(PolicyRules policy, Decision decision) {
    var verdict = policy.judge(decision.host(), firstOf(decision.addresses()), decision.port());
    for (var address : decision.addresses()) {
      if (verdict.allowed()) {
        verdict = policy.judge(decision.host(), address, decision.port());
      }
    }
    return verdict;
  }

  private static @Nullable IpAddress firstOf(List<IpAddress> addresses) {
    return addresses.isEmpty() ? null : addresses.get(0);
  }

  @Override
  public Explanation explain(Url url) {
    var tables = compiled.newest();
    var use = url.secure() ? Use.HTTPS : Use.HTTP;
    var decision = tables.router.decide(binding, use, unbracketed(url.host()), url.port());
    var verdict = judge(tables.policy(binding), decision);
    var matches = tables.router.matches(binding, decision);
    var matched =
        decision.matched().isEmpty() && !matches.isEmpty() ? matches.get(0) : decision.matched();
    var hop = Optional.ofNullable(decision.hop());
    var transport = hop.flatMap(transportOf);
    var service = binding instanceof BindingSpec.Service;
    return new Explanation(
        url.toString(),
        binding.name(),
        service ? "vpc_service" : "vpc_network",
        target(),
        destination(decision),
        matched.isEmpty() ? Optional.empty() : Optional.of(matched),
        decision.reason() + hop.map(tables.router::networkOf).orElse(""),
        matches.size() < 2 ? List.of() : matches.subList(1, matches.size()),
        hop.map(NextHop::toString),
        transport,
        resolver(decision),
        verdict.explained(),
        tls(url, tables.router.tls(binding)),
        error(decision, verdict, transport));
  }

  private static Optional<ErrorCode> error(
      Decision decision, PolicyRules.Verdict verdict, Optional<String> transport) {
    if (!verdict.allowed()) {
      return Optional.of(verdict.whenDenied());
    }
    var failure = decision.failure();
    if (failure != null) {
      return Optional.of(failure.code());
    }
    return transport.isEmpty() ? Optional.of(ErrorCode.DESTINATION_UNAVAILABLE) : Optional.empty();
  }

  private String target() {
    return binding instanceof BindingSpec.Network network
        ? network.target().toString()
        : "service:" + ((BindingSpec.Service) binding).serviceId();
  }

  private static String destination(Decision decision) {
    var host = decision.host();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + decision.port();
  }

  private static Optional<String> resolver(Decision decision) {
    var hop = decision.hop();
    if (hop == null || !decision.addresses().isEmpty()) {
      return Optional.empty();
    }
    if (decision.resolverIps().isEmpty()) {
      return Optional.of(hop + "'s own resolver");
    }
    return Optional.of(decision.resolverIps() + " behind " + hop);
  }

  private static Explanation.Tls tls(Url url, TlsSettings settings) {
    if (!url.secure()) {
      return new Explanation.Tls("off", Optional.empty(), "", false);
    }
    var isName = IpAddress.parse(unbracketed(url.host())).isEmpty();
    return new Explanation.Tls(
        settings.mode().toString(),
        isName ? Optional.of(url.host()) : Optional.empty(),
        settings.certificateAuthority().isPresent() ? "private CA" : "system",
        settings.clientCertificate().isPresent());
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** A directory's newest snapshot, compiled when it is first asked for. */
  public static final class Compiled {

    private final Directory directory;
    private volatile Tables tables;

    /** Compiles what {@code directory} says now. */
    public Compiled(Directory directory) {
      this.directory = directory;
      tables = new Tables(directory.snapshot());
    }

    @SuppressWarnings(
        "ReferenceEquality") // a snapshot is known by identity; comparing 100,000 routes is not
    Tables newest() {
      var now = directory.snapshot();
      var known = tables;
      if (known.snapshot != now) {
        // Two threads may compile the same snapshot at once; either result will do.
        known = new Tables(now);
        tables = known;
      }
      return known;
    }
  }

  /** One snapshot's tables. */
  private static final class Tables {
    final DirectorySnapshot snapshot;
    final Router router;
    private final Map<String, PolicyRules> policies = new HashMap<>();
    private final PolicyRules otherwise = new PolicyRules(BindingSettings.DEFAULTS.policy());

    Tables(DirectorySnapshot snapshot) {
      this.snapshot = snapshot;
      router = new Router(snapshot);
      snapshot
          .bindings()
          .forEach((name, settings) -> policies.put(name, new PolicyRules(settings.policy())));
    }

    PolicyRules policy(BindingSpec binding) {
      return policies.getOrDefault(binding.name(), otherwise);
    }
  }
}

package io.vpc4j.transport.loopback;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.core.net.IpAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The simulated network of one snapshot as tables: names to addresses, addresses to hosts. */
final class SimulatedHosts {

  /** How many aliases are followed: as many as resolvers follow CNAMEs. */
  private static final int MAX_ALIASES = 16;

  private final Map<String, Host> byName;
  private final Map<IpAddress, Host> byAddress = new HashMap<>();

  SimulatedHosts(SimulatedNetwork network) {
    byName = network.hosts();
    for (var host : byName.values()) {
      for (var address : host.addresses()) {
        byAddress.put(address, host);
      }
    }
  }

  int size() {
    return byName.size();
  }

  /** The host with that address, if {@code scope} sees it. */
  @Nullable Host at(IpAddress address, String scope) {
    var host = byAddress.get(address);
    return host != null && isSeen(host, scope) ? host : null;
  }

  /**
   * What a resolver of the simulated network answers, and after how long.
   *
   * @throws VpcException {@link ErrorCode#DNS_ERROR}: no such name, or a failing resolver; {@link
   *     ErrorCode#PROXY_LOOP_DETECTED}: aliases that lead round
   */
  Answer resolve(String name, String scope) throws VpcException {
    var delay = Duration.ZERO;
    var seen = new HashSet<String>();
    var current = name;
    while (true) {
      if (!seen.add(current) || seen.size() > MAX_ALIASES) {
        throw new VpcException(
            ErrorCode.PROXY_LOOP_DETECTED,
            Stage.RESOLVE,
            "The aliases of "
                + name
                + " lead round through "
                + current
                + ". Give one of them addresses.");
      }
      var host = byName.get(current);
      if (host == null || !isSeen(host, scope)) {
        throw noSuchName(name);
      }
      delay = delay.plus(host.faults().dnsDelay());
      switch (host.faults().dns()) {
        case ANSWER -> {}
        case NXDOMAIN -> throw noSuchName(name);
        case SERVFAIL ->
            throw new VpcException(
                ErrorCode.DNS_ERROR, Stage.RESOLVE, "SERVFAIL for " + name + ", as simulated.");
        case BLACK_HOLE -> {
          return new Answer(List.of(), delay);
        }
      }
      if (host.alias().isEmpty()) {
        return new Answer(host.addresses(), delay);
      }
      current = host.alias().get();
    }
  }

  private static VpcException noSuchName(String name) {
    return new VpcException(
        ErrorCode.DNS_ERROR,
        Stage.RESOLVE,
        "NXDOMAIN: the simulated network has no "
            + name
            + ". Add it to \"loopback\".\"hosts\" of the directory.");
  }

  private static boolean isSeen(Host host, String scope) {
    return host.scopes().isEmpty() || host.scopes().contains(scope);
  }

  /**
   * An answer.
   *
   * @param addresses empty if none ever comes
   * @param delay before it comes
   */
  record Answer(List<IpAddress> addresses, Duration delay) {}

  /** A port's faults on top of its host's: the port's where it has one. */
  static Faults combined(Faults host, Faults port) {
    return new Faults(
        port.connect() != Faults.Connect.ACCEPT ? port.connect() : host.connect(),
        host.dns(),
        host.delay().plus(port.delay()),
        host.dnsDelay(),
        port.resetAfterOctets().isPresent() ? port.resetAfterOctets() : host.resetAfterOctets(),
        host.badCertificate() || port.badCertificate());
  }
}

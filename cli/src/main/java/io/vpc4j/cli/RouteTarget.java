package io.vpc4j.cli;

import io.vpc4j.core.config.edit.Element;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.Cidr;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a route is for: a prefix in a virtual network, or a name, which belongs to none.
 *
 * @param network the prefix; empty for a name
 * @param hostname in lower case and without a final dot; empty for a prefix
 * @param virtualNetworkId where the prefix holds
 */
record RouteTarget(Optional<Cidr> network, String hostname, String virtualNetworkId) {

  /** Something that means to be an address: a name's last label has a letter in it. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+(/.*)?|.*[:/].*");

  /**
   * Reads what was typed.
   *
   * @param virtualNetwork a name or an id; null for the default one
   */
  static RouteTarget of(String text, @Nullable String virtualNetwork, DirectorySnapshot snapshot)
      throws Failure {
    if (ADDRESS.matcher(text).matches()) {
      try {
        return new RouteTarget(
            Optional.of(Cidr.require(text)), "", virtualNetwork(virtualNetwork, snapshot));
      } catch (IllegalArgumentException e) {
        throw new Failure(ExitCode.USAGE, text + ": " + e.getMessage() + ".");
      }
    }
    if (virtualNetwork != null) {
      throw new Failure(ExitCode.USAGE, "A name belongs to no virtual network; leave out --vnet.");
    }
    var name = text.toLowerCase(Locale.ROOT);
    return new RouteTarget(
        Optional.empty(),
        name.endsWith(".") ? name.substring(0, name.length() - 1) : name,
        VirtualNetwork.DEFAULT.virtualNetworkId());
  }

  private static String virtualNetwork(@Nullable String nameOrId, DirectorySnapshot snapshot)
      throws Failure {
    if (nameOrId == null) {
      return VirtualNetwork.DEFAULT.virtualNetworkId();
    }
    return snapshot.virtualNetworks().values().stream()
        .filter(
            network ->
                network.name().equals(nameOrId) || network.virtualNetworkId().equals(nameOrId))
        .findFirst()
        .map(VirtualNetwork::virtualNetworkId)
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.REFUSED,
                    "No virtual network is called \""
                        + nameOrId
                        + "\". There are: "
                        + String.join(
                            ", ",
                            snapshot.virtualNetworks().values().stream()
                                .map(VirtualNetwork::name)
                                .sorted()
                                .toList())));
  }

  /** Where such routes stand in the directory. */
  String section() {
    return network.isPresent() ? "routes" : "hostname_routes";
  }

  boolean isDefaultNetwork() {
    return virtualNetworkId.equals(VirtualNetwork.DEFAULT.virtualNetworkId());
  }

  /** Whether an element of the section is for just this. */
  Predicate<Element> matches() {
    return element ->
        network.isPresent()
            ? element.text("network").flatMap(Cidr::parse).equals(network)
                && element
                    .text("virtual_network_id")
                    .orElse(VirtualNetwork.DEFAULT.virtualNetworkId())
                    .equals(virtualNetworkId)
            : element
                .text("hostname")
                .map(name -> name.toLowerCase(Locale.ROOT).replaceAll("\\.$", ""))
                .filter(hostname::equals)
                .isPresent();
  }

  @Override
  public String toString() {
    return network.map(Cidr::toString).orElse(hostname);
  }
}

package io.vpc4j.core.config.directory;

import io.vpc4j.core.directory.CidrRoute;
import io.vpc4j.core.directory.HostnameRoute;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.spi.NextHop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code routes}, {@code hostname_routes}, and the prefixes that nodes announce.
 *
 * <p>A prefix is written once in a virtual network. Only nodes share one, each in its own {@code
 * routes}: they stand in for each other.
 */
final class RoutesReader {

  private static final int DNS_PORT = 53;

  private RoutesReader() {}

  /** What must be unique: a prefix in a virtual network. */
  record Place(String virtualNetworkId, Cidr network) {}

  /**
   * The routes of the file and those that nodes announce.
   *
   * @param announced where nodes announce what
   */
  static List<CidrRoute> routes(
      Section directory, Map<String, NodeRecord> nodes, Map<Place, Item> announced) {
    var routes = new LinkedHashMap<Place, CidrRoute>();
    var places = new HashMap<Place, Item>();
    for (var item : directory.items("routes")) {
      item.section(Shape.ROUTE)
          .flatMap(section -> route(section, places, announced))
          .ifPresent(
              route -> routes.put(new Place(route.virtualNetworkId(), route.network()), route));
    }
    var priorities = new HashMap<Place, Integer>();
    for (var node : nodes.values()) {
      for (var announcement : node.routes()) {
        var place = new Place(announcement.virtualNetworkId(), announcement.network());
        var better = priorities.get(place);
        if (better == null || node.priority() < better) {
          priorities.put(place, node.priority());
          routes.put(place, route(node, announcement));
        }
      }
    }
    return List.copyOf(routes.values());
  }

  private static CidrRoute route(NodeRecord node, NodeRecord.Announcement announcement) {
    return new CidrRoute(
        announcement.network(),
        announcement.virtualNetworkId(),
        new NextHop.NodeHop(node.nodeId()),
        announcement.comment());
  }

  private static Optional<CidrRoute> route(
      Section section, Map<Place, Item> places, Map<Place, Item> announced) {
    var network = section.required("network").flatMap(Item::cidr);
    var hop = HopReader.read(section);
    var virtualNetwork = NetworksReader.reference(section);
    var comment = section.text("comment").orElse("");
    if (network.isEmpty() || virtualNetwork.isEmpty()) {
      return Optional.empty();
    }
    var place = new Place(virtualNetwork.orElseThrow(), network.orElseThrow());
    var item = section.field("network").orElseThrow();
    var announcement = announced.get(place);
    if (announcement != null) {
      item.error(
          "the prefix "
              + place.network()
              + " is announced by a node as well"
              + announcement.where()
              + "; nodes that share a prefix each have it in their own \"routes\"");
      return Optional.empty();
    }
    var known = places.putIfAbsent(place, item);
    if (known != null) {
      item.error(
          "the prefix "
              + place.network()
              + " is there already"
              + known.where()
              + "; a virtual network has each prefix once");
      return Optional.empty();
    }
    return hop.map(
        nextHop -> new CidrRoute(place.network(), place.virtualNetworkId(), nextHop, comment));
  }

  static List<HostnameRoute> hostnameRoutes(Section directory) {
    var routes = new ArrayList<HostnameRoute>();
    var hostnames = new HashMap<String, Item>();
    for (var item : directory.items("hostname_routes")) {
      item.section(Shape.HOSTNAME_ROUTE)
          .flatMap(section -> hostnameRoute(section, hostnames))
          .ifPresent(routes::add);
    }
    return routes;
  }

  private static Optional<HostnameRoute> hostnameRoute(
      Section section, Map<String, Item> hostnames) {
    var hostname =
        section
            .required("hostname")
            .flatMap(
                item ->
                    item.hostname(Names::wildcardComplaints)
                        .filter(name -> item.isNew(name, hostnames)));
    var hop = HopReader.read(section);
    var resolverIps = resolverIps(section);
    var comment = section.text("comment").orElse("");
    return hostname.isEmpty() || hop.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new HostnameRoute(hostname.orElseThrow(), hop.orElseThrow(), resolverIps, comment));
  }

  /** Addresses of resolvers, each with or without a port. */
  static List<InetSocketAddress> resolverIps(Section section) {
    var resolvers = new ArrayList<InetSocketAddress>();
    for (var item : section.items("resolver_ips")) {
      item.text()
          .ifPresent(
              text -> {
                var address = Endpoints.address(text, DNS_PORT);
                address.ifPresentOrElse(
                    resolvers::add,
                    () ->
                        item.error(
                            "Invalid resolver IP address(es): '"
                                + text
                                + "'. Provide valid IPv4 or IPv6 addresses."));
              });
    }
    return resolvers;
  }
}

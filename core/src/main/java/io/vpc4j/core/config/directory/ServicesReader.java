package io.vpc4j.core.config.directory;

import io.vpc4j.core.directory.ServiceRecord;
import io.vpc4j.core.directory.ServiceRecord.Host;
import io.vpc4j.core.directory.ServiceRecord.Ports;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.core.spi.NextHop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code services}: the hosted product's records, its checks, and where they fit its words. */
final class ServicesReader {

  private static final int DEFAULT_HTTP_PORT = 80;
  private static final int DEFAULT_HTTPS_PORT = 443;
  private static final List<String> APP_PROTOCOLS = List.of("postgresql", "mysql");

  private ServicesReader() {}

  /**
   * Where a service is, who carries it, and a port that came with its name.
   *
   * @param port for type tcp, from {@code host:port}
   */
  private record Destination(Host host, NextHop hop, OptionalInt port) {}

  static Map<String, ServiceRecord> read(Section directory) {
    var services = new LinkedHashMap<String, ServiceRecord>();
    var ids = new HashMap<String, Item>();
    var names = new HashMap<String, Item>();
    for (var item : directory.items("services")) {
      item.section(Shape.SERVICE)
          .flatMap(section -> service(section, ids, names))
          .ifPresent(service -> services.put(service.serviceId(), service));
    }
    return services;
  }

  private static Optional<ServiceRecord> service(
      Section section, Map<String, Item> ids, Map<String, Item> names) {
    var id = section.required("service_id").flatMap(item -> NetworksReader.newUuid(item, ids));
    var name = section.required("name").flatMap(item -> item.newName(names));
    var type = section.required("type").flatMap(item -> item.choice(ServiceRecord.Type.class));
    var destination =
        section
            .requiredSection("host", Shape.SERVICE_HOST)
            .flatMap(host -> destination(host, type.orElse(ServiceRecord.Type.HTTP)));
    var ports =
        type.flatMap(
            known ->
                known == ServiceRecord.Type.HTTP
                    ? httpPorts(section)
                    : tcpPorts(
                        section, destination.map(Destination::port).orElse(OptionalInt.empty())));
    var tls = TlsReader.read(section);
    if (id.isEmpty() || name.isEmpty() || destination.isEmpty() || ports.isEmpty()) {
      return Optional.empty();
    }
    var where = destination.orElseThrow();
    return Optional.of(
        new ServiceRecord(
            id.orElseThrow(),
            name.orElseThrow(),
            type.orElseThrow(),
            where.host(),
            where.hop(),
            ports.orElseThrow(),
            tls));
  }

  // ---- where it is

  private static Optional<Destination> destination(Section host, ServiceRecord.Type type) {
    var hasAddress = host.has("ipv4") || host.has("ipv6");
    var hasName = host.has("hostname");
    if (!hasAddress && !hasName) {
      host.error("Must specify either IP addresses (\"ipv4\"/\"ipv6\") or hostname (\"hostname\")");
      return Optional.empty();
    }
    if (hasAddress && hasName) {
      host.error("must have either \"ipv4\"/\"ipv6\" or \"hostname\", but not both");
      return Optional.empty();
    }
    return hasAddress ? byAddress(host) : byName(host, type);
  }

  private static Optional<Destination> byAddress(Section host) {
    host.refuse("resolver_network", "is for a \"hostname\"; an address goes with \"network\"");
    var wanted = (host.has("ipv4") ? 1 : 0) + (host.has("ipv6") ? 1 : 0);
    var addresses = new ArrayList<IpAddress>();
    host.field("ipv4").flatMap(item -> address(item, Family.V4)).ifPresent(addresses::add);
    host.field("ipv6").flatMap(item -> address(item, Family.V6)).ifPresent(addresses::add);
    var hop = host.requiredSection("network", Shape.NETWORK).flatMap(HopReader::read);
    return hop.isEmpty() || addresses.size() < wanted
        ? Optional.empty()
        : Optional.of(
            new Destination(new Host.Addresses(addresses), hop.orElseThrow(), OptionalInt.empty()));
  }

  private static Optional<IpAddress> address(Item item, Family family) {
    return item.text()
        .flatMap(
            text -> {
              var address =
                  text.startsWith("[")
                      ? Optional.<IpAddress>empty()
                      : IpAddress.parse(text).filter(found -> found.family() == family);
              if (address.isEmpty()) {
                item.error(
                    family == Family.V4
                        ? "Invalid IPv4 address: '"
                            + text
                            + "'. Provide a valid IPv4 address (e.g., '192.168.1.1')."
                        : "Invalid IPv6 address: '"
                            + text
                            + "'. Provide a valid IPv6 address (e.g., '2001:db8::1').");
              }
              return address;
            });
  }

  private static Optional<Destination> byName(Section host, ServiceRecord.Type type) {
    host.refuse("network", "is for an address; a \"hostname\" goes with \"resolver_network\"");
    var port = new int[1];
    var name =
        host.field("hostname")
            .flatMap(
                item ->
                    type == ServiceRecord.Type.TCP
                        ? item.hostnameWithPort(found -> port[0] = found)
                        : item.hostname(Names::complaints));
    var network = host.requiredSection("resolver_network", Shape.RESOLVER_NETWORK);
    var hop = network.flatMap(HopReader::read);
    var resolverIps = network.map(RoutesReader::resolverIps).orElse(List.of());
    return name.isEmpty() || hop.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Destination(
                new Host.Hostname(name.orElseThrow(), resolverIps),
                hop.orElseThrow(),
                port[0] == 0 ? OptionalInt.empty() : OptionalInt.of(port[0])));
  }

  // ---- its ports

  private static Optional<Ports> httpPorts(Section section) {
    section.refuse("tcp_port", "is for type \"tcp\"; an http service has \"http_port\"");
    section.refuse("app_protocol", "is for type \"tcp\"");
    var http = section.field("http_port");
    var https = section.field("https_port");
    if (http.isEmpty() && https.isEmpty()) {
      return Optional.of(
          new Ports(
              OptionalInt.of(DEFAULT_HTTP_PORT),
              OptionalInt.of(DEFAULT_HTTPS_PORT),
              OptionalInt.empty(),
              Optional.empty()));
    }
    var httpPort = port(http);
    var httpsPort = port(https);
    return httpPort.isPresent() == http.isPresent() && httpsPort.isPresent() == https.isPresent()
        ? Optional.of(new Ports(httpPort, httpsPort, OptionalInt.empty(), Optional.empty()))
        : Optional.empty();
  }

  private static Optional<Ports> tcpPorts(Section section, OptionalInt ofHostname) {
    section.refuse("http_port", "is for type \"http\"; a tcp service has \"tcp_port\"");
    section.refuse("https_port", "is for type \"http\"; a tcp service has \"tcp_port\"");
    var given = section.field("tcp_port");
    var tcp = port(given);
    if (given.isPresent() && tcp.isEmpty()) {
      return Optional.empty();
    }
    if (tcp.isPresent() && ofHostname.isPresent() && tcp.getAsInt() != ofHostname.getAsInt()) {
      given
          .orElseThrow()
          .error(
              "Conflicting TCP port: \"hostname\" says "
                  + ofHostname.getAsInt()
                  + ", \"tcp_port\" says "
                  + tcp.getAsInt());
      return Optional.empty();
    }
    var port = tcp.isPresent() ? tcp : ofHostname;
    if (port.isEmpty()) {
      section.error("TCP services require a \"tcp_port\" to be specified");
      return Optional.empty();
    }
    var protocol = section.field("app_protocol").flatMap(item -> item.choice(APP_PROTOCOLS));
    return Optional.of(new Ports(OptionalInt.empty(), OptionalInt.empty(), port, protocol));
  }

  private static OptionalInt port(Optional<Item> item) {
    var port = item.flatMap(found -> found.integer(1, 65_535));
    return port.isPresent() ? OptionalInt.of(port.orElseThrow()) : OptionalInt.empty();
  }
}

package io.vpc4j.core.config.directory;

import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.core.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Addresses for simulated hosts that have none, out of 198.18.0.0/15, which no real network has:
 * RFC 2544 C.2.2 keeps it for benchmarks, RFC 6890 lists it.
 *
 * <p>A host's address follows from its name, so that it is the same in every process and stays what
 * it is when other hosts come and go or are put in another order. Only where two names fall on one
 * address does the later of them in the alphabet move on to the next free one.
 */
final class SimulatedAddresses {

  private static final int FIRST = 198 << 24 | 18 << 16;
  private static final int COUNT = 1 << 17;

  private SimulatedAddresses() {}

  /**
   * The hosts, each with an address unless it is an alias.
   *
   * @param taken what is not to be given
   */
  static Map<String, Host> assign(Map<String, Host> hosts, Set<IpAddress> taken) {
    var used = new HashSet<>(taken);
    var assigned = new LinkedHashMap<>(hosts);
    new TreeMap<>(hosts)
        .forEach(
            (name, host) -> {
              if (host.addresses().isEmpty() && host.alias().isEmpty()) {
                assigned.put(name, withAddress(host, free(name, used)));
              }
            });
    return assigned;
  }

  /** How many hosts can be given one. */
  static int capacity() {
    return COUNT - 2; // neither the first nor the last, which look like a network and a broadcast
  }

  private static IpAddress free(String name, Set<IpAddress> used) {
    var crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    var at = (int) (crc.getValue() % capacity());
    for (var tried = 0; tried < capacity(); tried++) {
      var address = IpAddress.ofV4(FIRST + 1 + (at + tried) % capacity());
      if (used.add(address)) {
        return address;
      }
    }
    throw new IllegalStateException("more simulated hosts than addresses");
  }

  private static Host withAddress(Host host, IpAddress address) {
    return new Host(
        host.name(), List.of(address), host.alias(), host.ports(), host.scopes(), host.faults());
  }
}

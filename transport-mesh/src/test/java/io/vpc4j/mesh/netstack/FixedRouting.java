package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A mesh around a stack that a test writes down. */
final class FixedRouting implements Routing {

  final List<IpAddress> local = new ArrayList<>();
  final List<Cidr> announced = new ArrayList<>();
  final Map<Cidr, Integer> links = new LinkedHashMap<>();
  boolean hub;

  FixedRouting(String... addresses) {
    for (var address : addresses) {
      local.add(IpAddress.require(address));
    }
  }

  FixedRouting link(String prefix, int link) {
    links.put(Cidr.require(prefix), link);
    return this;
  }

  private static IpAddress address(boolean v6, long high, long low) {
    return new IpAddress(v6 ? Family.V6 : Family.V4, high, low);
  }

  @Override
  public boolean local(boolean v6, long high, long low) {
    return local.contains(address(v6, high, low));
  }

  @Override
  public boolean announced(int link, boolean v6, long high, long low) {
    return announced.stream().anyMatch(prefix -> prefix.contains(address(v6, high, low)));
  }

  @Override
  public int link(boolean v6, long high, long low) {
    for (var entry : links.entrySet()) {
      if (entry.getKey().contains(address(v6, high, low))) {
        return entry.getValue();
      }
    }
    return NONE;
  }

  @Override
  public int onward(boolean v6, long high, long low, LongSupplier flow, long nowNs) {
    return link(v6, high, low);
  }

  @Override
  public boolean forwards(int from, int to, boolean v6, long high, long low) {
    return hub;
  }

  @Override
  public @Nullable IpAddress localAddress(boolean v6) {
    for (var address : local) {
      if ((address.family() == Family.V6) == v6) {
        return address;
      }
    }
    return null;
  }
}

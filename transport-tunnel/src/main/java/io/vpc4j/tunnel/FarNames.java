package io.vpc4j.tunnel;

import io.vpc4j.core.net.IpAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Addresses that stand for names which only the connector can resolve: releases before 2025.7.0
 * have no virtual DNS service, and take a name in the place of an address. [T] 7.1, 7.3
 *
 * <p>They are of 100::/64, which no network routes (RFC 6666), so that one that went astray reaches
 * nobody. A binding whose policy allows certain prefixes alone denies them, since the real address
 * cannot be checked here. Bounded: the name that was asked for longest ago is forgotten.
 *
 * <p>Safe for use by many threads.
 */
final class FarNames {

  private static final int MAX_NAMES = 4_096;
  private static final IpAddress PREFIX = IpAddress.require("100::");

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, IpAddress> addresses = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<IpAddress, String> names = new LinkedHashMap<>();
  private long count;

  /** The address that stands for a name. */
  IpAddress addressOf(String name) {
    lock.lock();
    try {
      var known = addresses.get(name);
      if (known != null) {
        return known;
      }
      if (addresses.size() >= MAX_NAMES) {
        var oldest = addresses.entrySet().iterator().next();
        names.remove(oldest.getValue());
        addresses.remove(oldest.getKey());
      }
      count++;
      var made = new IpAddress(PREFIX.family(), PREFIX.high(), count);
      addresses.put(name, made);
      names.put(made, name);
      return made;
    } finally {
      lock.unlock();
    }
  }

  /** The name that an address stands for; empty for a real address. */
  Optional<String> nameOf(IpAddress address) {
    if (address.high() != PREFIX.high() || address.family() != PREFIX.family()) {
      return Optional.empty();
    }
    lock.lock();
    try {
      return Optional.ofNullable(names.get(address));
    } finally {
      lock.unlock();
    }
  }
}

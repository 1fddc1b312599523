package io.vpc4j.mesh.netstack;

import io.vpc4j.mesh.netstack.wire.SipHash;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Flows by link, protocol, addresses and ports: open addressing with linear probing, so that a
 * look-up makes no object. The hash is keyed, so that peers cannot make chains long.
 */
final class FlowTable {

  private static final int MIN_SLOTS = 64;

  private final SipHash hash;
  private @Nullable Flow[] slots = new Flow[MIN_SLOTS];
  private int size;

  FlowTable(SipHash hash) {
    this.hash = hash;
  }

  @Nullable Flow find(
      int link,
      int protocol,
      long localHigh,
      long localLow,
      int localPort,
      long remoteHigh,
      long remoteLow,
      int remotePort) {
    var mask = slots.length - 1;
    var at =
        index(link, protocol, localHigh, localLow, localPort, remoteHigh, remoteLow, remotePort);
    for (; ; at = (at + 1) & mask) {
      var flow = slots[at];
      if (flow == null) {
        return null;
      }
      if (flow.link == link
          && flow.protocol == protocol
          && flow.remotePort == remotePort
          && flow.localPort == localPort
          && flow.remoteLow == remoteLow
          && flow.localLow == localLow
          && flow.remoteHigh == remoteHigh
          && flow.localHigh == localHigh) {
        return flow;
      }
    }
  }

  /** Adds a flow whose key is not there. */
  void add(Flow flow) {
    if (2 * (size + 1) > slots.length) {
      resize(2 * slots.length);
    }
    place(flow);
    size++;
  }

  private void place(Flow flow) {
    var mask = slots.length - 1;
    var at = home(flow);
    while (slots[at] != null) {
      at = (at + 1) & mask;
    }
    slots[at] = flow;
  }

  /**
   * Removes it and closes the gap: D. Knuth, TAOCP 3, 6.4, algorithm R. False if it is not there.
   */
  boolean remove(Flow flow) {
    var mask = slots.length - 1;
    var gap = home(flow);
    for (; ; gap = (gap + 1) & mask) {
      var there = slots[gap];
      if (there == null) {
        return false; // not in the table
      }
      if (there.equals(flow)) {
        break;
      }
    }
    size--;
    for (var at = (gap + 1) & mask; ; at = (at + 1) & mask) {
      var there = slots[at];
      if (there == null) {
        break;
      }
      if (((at - home(there)) & mask) >= ((at - gap) & mask)) {
        slots[gap] = there;
        gap = at;
      }
    }
    slots[gap] = null;
    if (slots.length > MIN_SLOTS && 8 * size < slots.length) {
      resize(slots.length / 2);
    }
    return true;
  }

  private void resize(int length) {
    var old = slots;
    slots = new Flow[length];
    for (var flow : old) {
      if (flow != null) {
        place(flow);
      }
    }
  }

  private int home(Flow flow) {
    return index(
        flow.link,
        flow.protocol,
        flow.localHigh,
        flow.localLow,
        flow.localPort,
        flow.remoteHigh,
        flow.remoteLow,
        flow.remotePort);
  }

  private int index(
      int link,
      int protocol,
      long localHigh,
      long localLow,
      int localPort,
      long remoteHigh,
      long remoteLow,
      int remotePort) {
    var ports =
        ((long) link << 40) | ((long) protocol << 32) | ((long) localPort << 16) | remotePort;
    var addresses = remoteLow ^ Long.rotateLeft(localLow, 32);
    if ((remoteHigh | localHigh) != 0) {
      addresses ^= hash.hash(remoteHigh, localHigh);
    }
    return (int) hash.hash(addresses, ports) & (slots.length - 1);
  }

  int size() {
    return size;
  }

  /** Calls {@code action} for each; it must not add or remove. */
  void look(Consumer<Flow> action) {
    for (var flow : slots) {
      if (flow != null) {
        action.accept(flow);
      }
    }
  }

  /** Calls {@code action} for each; it may add and remove. */
  void forEach(Consumer<Flow> action) {
    for (var flow : slots.clone()) {
      if (flow != null) {
        action.accept(flow);
      }
    }
  }
}

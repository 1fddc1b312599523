package io.vpc4j.mesh.netstack.tcp;

import org.jspecify.annotations.Nullable;

/** Which events wait to be polled: one bit each, given in the enum's order. */
final class Events {

  private static final TcpEvent[] ALL = TcpEvent.values();

  private int waiting;

  void raise(TcpEvent event) {
    for (var i = 0; i < ALL.length; i++) {
      if (ALL[i] == event) {
        waiting |= 1 << i;
      }
    }
  }

  @Nullable TcpEvent poll() {
    if (waiting == 0) {
      return null;
    }
    var first = Integer.numberOfTrailingZeros(waiting);
    waiting &= waiting - 1;
    return ALL[first];
  }
}

package io.vpc4j.mesh.wireguard.interop;

import java.io.IOException;
import java.net.InetAddress;

/**
 * {@code ping} where there is none. Arguments are address, count and, if it matters, for how many
 * milliseconds it asks at least; says how many were answered.
 */
public final class Pinger {

  private static final int WAIT_MS = 8_000;

  private Pinger() {}

  /** As root, the JDK asks with ICMP echo. */
  public static void main(String[] arguments) throws IOException {
    var address = InetAddress.getByName(arguments[0]);
    var count = Integer.parseInt(arguments[1]);
    var atLeastMs = arguments.length > 2 ? Long.parseLong(arguments[2]) : 0;
    var beganNs = System.nanoTime();
    var answered = 0;
    var asked = 0;
    for (; asked < count || System.nanoTime() - beganNs < atLeastMs * 1_000_000; asked++) {
      answered += address.isReachable(WAIT_MS) ? 1 : 0;
    }
    System.out.println(answered + " of " + asked + " answered");
  }
}

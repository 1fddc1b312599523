package io.vpc4j.mesh.wireguard.interop;

import java.io.IOException;
import java.net.InetAddress;

/** {@code ping} where there is none: arguments are address, count; says how many were answered. */
public final class Pinger {

  private static final int WAIT_MS = 8_000;

  private Pinger() {}

  /** As root, the JDK asks with ICMP echo. */
  public static void main(String[] arguments) throws IOException {
    var address = InetAddress.getByName(arguments[0]);
    var count = Integer.parseInt(arguments[1]);
    var answered = 0;
    for (var i = 0; i < count; i++) {
      answered += address.isReachable(WAIT_MS) ? 1 : 0;
    }
    System.out.println(answered + " of " + count + " answered");
  }
}

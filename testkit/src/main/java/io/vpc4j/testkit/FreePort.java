package io.vpc4j.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Scanner;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Port numbers for servers of tests that must know theirs before they listen, and for destinations
 * where nobody does.
 *
 * <p>A number that the system gave to a socket of ours, closed since, is not one: the system may
 * give it to the next socket that asks for any, and what is free over TCP may be taken over UDP.
 * Those given here lie outside the range from which the system serves such sockets (RFC 6335 6, the
 * dynamic ports; on Linux {@code net.ipv4.ip_local_port_range}), are free over both protocols on
 * the loopback address, and are given once by a process.
 */
public final class FreePort {

  private static final int LOWEST = 10_000;
  private static final int DYNAMIC = 32_768;
  private static final Path LINUX_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  /** How many there are to choose from, counted from {@link #LOWEST}. */
  private static final int COUNT = Math.max(1_000, dynamicFrom() - LOWEST);

  /** Processes that run side by side begin far from each other. */
  private static final AtomicInteger NEXT =
      new AtomicInteger((int) (ProcessHandle.current().pid() * 997 % COUNT));

  private FreePort() {}

  /**
   * A port that nothing listens on, over TCP nor UDP.
   *
   * @return 10,000 or more
   * @throws IOException if every one is taken
   */
  public static int next() throws IOException {
    for (var tries = 0; tries < COUNT; tries++) {
      var port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IOException("no port from " + LOWEST + " to " + (LOWEST + COUNT - 1) + " is free");
  }

  static boolean isFree(int port) {
    try (var tcp = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        var udp = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
      return tcp.isBound() && udp.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private static int dynamicFrom() {
    try (var range = new Scanner(LINUX_RANGE, US_ASCII)) {
      return Math.min(DYNAMIC, range.nextInt());
    } catch (IOException | NoSuchElementException elsewhere) {
      return DYNAMIC;
    }
  }
}

package io.vpc4j.tunnel.connector.manage;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What the machine says of itself, without asking a resolver, which may take seconds. */
public final class ThisHost {

  /** Where Linux has it. */
  private static final Path LINUX = Path.of("/proc/sys/kernel/hostname");

  private ThisHost() {}

  /** Its name; {@code unknown} if nobody says. */
  public static String name() {
    try {
      return Files.readString(LINUX).strip();
    } catch (IOException e) {
      var environment = System.getenv();
      return environment.getOrDefault(
          "COMPUTERNAME", environment.getOrDefault("HOSTNAME", "unknown"));
    }
  }

  /** The address from which it would reach {@code remote}; nothing is sent. */
  public static Optional<String> addressTowards(InetSocketAddress remote) {
    try (var socket = DatagramChannel.open()) {
      return socket.connect(remote).getLocalAddress() instanceof InetSocketAddress local
          ? Optional.of(local.getAddress().getHostAddress())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // no way there at this moment
    }
  }
}

package io.vpc4j.mesh.interop;

import io.vpc4j.mesh.wireguard.interop.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One more real peer, in a namespace of its own at 10.99.1.2, joined to ours at 10.99.1.1. Closing
 * takes it away.
 */
final class SecondPeer implements AutoCloseable {

  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

  private final String name;
  private final Process peer;

  SecondPeer(Namespaces net, Path folder, String settings, String... addresses) throws IOException {
    name = net.ours().replace("-a", "-c");
    Namespaces.run("ip", "netns", "add", name);
    Namespaces.run(
        "ip",
        "link",
        "add",
        name + "1",
        "netns",
        net.ours(),
        "type",
        "veth",
        "peer",
        "name",
        name + "2",
        "netns",
        name);
    net.in(net.ours(), "ip", "addr", "add", "10.99.1.1/24", "dev", name + "1");
    net.in(net.ours(), "ip", "link", "set", name + "1", "up");
    in("ip", "addr", "add", "10.99.1.2/24", "dev", name + "2");
    in("ip", "link", "set", "lo", "up");
    in("ip", "link", "set", name + "2", "up");
    var builder =
        new ProcessBuilder("ip", "netns", "exec", name, "wireguard-go", "-f", device())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("second.log").toFile());
    builder.environment().put("WG_PROCESS_FOREGROUND", "1");
    peer = builder.start();
    var untilNs = System.nanoTime() + PATIENCE_NS;
    while (!Files.exists(Path.of("/var/run/wireguard", device() + ".sock"))) {
      if (System.nanoTime() - untilNs > 0) {
        throw new IOException("the second peer did not start");
      }
      LockSupport.parkNanos(1_000_000);
    }
    var file = Files.writeString(folder.resolve("second.conf"), settings);
    in("wg", "setconf", device(), file.toString());
    for (var address : addresses) {
      in("ip", "addr", "add", address, "dev", device());
    }
    in("ip", "link", "set", device(), "mtu", "1420", "up");
  }

  private String device() {
    return name.replace("-c", "wc");
  }

  String namespace() {
    return name;
  }

  String in(String... command) throws IOException {
    var all = new String[command.length + 4];
    all[0] = "ip";
    all[1] = "netns";
    all[2] = "exec";
    all[3] = name;
    System.arraycopy(command, 0, all, 4, command.length);
    return Namespaces.run(all);
  }

  @Override
  public void close() throws IOException {
    peer.descendants().forEach(ProcessHandle::destroy);
    peer.destroy();
    try {
      if (!peer.waitFor(20, TimeUnit.SECONDS)) {
        peer.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Namespaces.run("ip", "netns", "delete", name);
  }
}

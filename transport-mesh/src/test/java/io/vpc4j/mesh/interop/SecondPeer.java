package io.vpc4j.mesh.interop;

import io.vpc4j.mesh.wireguard.interop.Namespaces;
import java.io.IOException;

/**
 * One more real peer, in a namespace of its own at 10.99.1.2, joined to ours at 10.99.1.1. Closing
 * it, and then the others, takes it away.
 */
final class SecondPeer implements AutoCloseable {

  private final Namespaces net;
  private final String name;

  SecondPeer(Namespaces net, String settings, String... addresses) throws IOException {
    this.net = net;
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
    net.startPeerIn(name, device(), settings, addresses);
  }

  private String device() {
    return name.replace("-c", "wc");
  }

  String namespace() {
    return name;
  }

  String in(String... command) throws IOException {
    return net.in(name, command);
  }

  /** Its namespace has no name any more, and ends with what runs in it. */
  @Override
  public void close() throws IOException {
    Namespaces.run("ip", "netns", "delete", name);
  }
}

package io.vpc4j.core.spi;

/**
 * Who carries a connection on its way: what a route points at.
 *
 * <p>The text form, {@code kind:id}, is the one of directories, explanations and errors.
 */
public sealed interface NextHop {

  /**
   * A tunnel: whichever of its connectors is least loaded.
   *
   * @param tunnelId the {@code tunnel_id}
   */
  record TunnelHop(String tunnelId) implements NextHop {
    @Override
    public String toString() {
      return "tunnel:" + tunnelId;
    }
  }

  /**
   * A mesh node or device.
   *
   * @param nodeId the {@code node_id}
   */
  record NodeHop(String nodeId) implements NextHop {

    /** This process's own place in the mesh, where it listens; no node has that id. */
    public static final NodeHop SELF = new NodeHop("");

    @Override
    public String toString() {
      return "node:" + nodeId;
    }
  }

  /**
   * The simulated network in this process.
   *
   * @param scope what the binding points at and is not reached: {@code tunnel:ID}, {@code
   *     network:ID} or {@code service:ID}. A simulated host may be confined to some of them
   */
  record LocalHop(String scope) implements NextHop {
    @Override
    public String toString() {
      return "local:" + scope;
    }
  }

  /**
   * A hop of a transport from elsewhere: {@code network_id} or a route's {@code via} of the form
   * {@code scheme:id}.
   *
   * @param scheme the transport's own word
   * @param id whatever it makes of it
   */
  record CustomHop(String scheme, String id) implements NextHop {
    @Override
    public String toString() {
      return scheme + ":" + id;
    }
  }
}

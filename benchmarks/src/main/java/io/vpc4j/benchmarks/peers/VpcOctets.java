package io.vpc4j.benchmarks.peers;

import java.io.IOException;

/** By the socket of {@code connect}, over the simulated network: routing, policy and all. */
public final class VpcOctets extends SocketOctets {

  private final SimulatedPort simulated;

  /** Opens a configuration and connects. */
  public VpcOctets(int port) throws Exception {
    this(new SimulatedPort(port));
  }

  private VpcOctets(SimulatedPort simulated) throws Exception {
    super(simulated.network().connect(SimulatedPort.ADDRESS));
    this.simulated = simulated;
  }

  @Override
  public void close() throws IOException {
    super.close();
    simulated.close();
  }
}

package io.vpc4j.tunnel.udp;

import io.vpc4j.tunnel.session.Refusal;
import java.io.IOException;

/** A session was not opened, for a reason that has a type. */
public final class UdpRefused extends IOException {

  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** For that reason. */
  public UdpRefused(Refusal refusal) {
    super(refusal.detail());
    this.refusal = refusal;
  }

  /** Why. */
  public Refusal refusal() {
    return refusal;
  }
}

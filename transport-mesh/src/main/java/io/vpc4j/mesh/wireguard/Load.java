package io.vpc4j.mesh.wireguard;

/** How busy the loop that drives us is. It measures; we only ask for cookies. [W] 5.3 */
public enum Load {
  /** Every handshake is answered. */
  NORMAL,
  /** Only those whose sender proves its address. */
  HIGH
}

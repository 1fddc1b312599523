package io.vpc4j.tunnel.session;

import java.util.Collection;

/** Which datagrams a connection speaks. */
public enum DatagramVersion {
  /** Sessions are registered by calls. [T] 4.9 */
  V2,
  /** Sessions are registered by datagrams. [T] 4.10 */
  V3;

  /** The feature of a connector that speaks {@link #V3}. */
  public static final String V3_FEATURE = "support_datagram_v3_2";

  /**
   * As a connector's features say. One that speaks version 3 lists both, so that is looked for
   * first; earlier spellings of it, {@code support_datagram_v3} and {@code _v3_1}, were other
   * layouts and are passed over. [T] 4.10
   */
  public static DatagramVersion of(Collection<String> features) {
    return features.contains(V3_FEATURE) ? V3 : V2;
  }
}

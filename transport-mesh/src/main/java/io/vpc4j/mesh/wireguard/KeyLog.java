package io.vpc4j.mesh.wireguard;

/**
 * Where a handshake's secrets go so that a capture can be read, in the form of Wireshark's {@code
 * wg.keylog_file}: {@code NAME = base64}, four lines per handshake. Whoever has them reads every
 * packet of that session.
 *
 * <p>For finding a fault, and for nothing else; by default there is none.
 */
@FunctionalInterface
public interface KeyLog {

  /** Takes one line, without its end. */
  void line(String line);
}

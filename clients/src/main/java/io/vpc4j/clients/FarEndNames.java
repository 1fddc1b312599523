package io.vpc4j.clients;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Names for libraries that must have an {@link InetAddress} before they connect.
 *
 * <p>A name of the private network means nothing to this machine's resolver. What is given instead
 * is an address that carries the name: a socket of {@link io.vpc4j.Fetcher#socketFactory} takes the
 * name from it and has it resolved at the far end.
 */
public final class FarEndNames {

  /** Routers drop what is sent there: RFC 6666, 100::/64. */
  private static final byte[] NOWHERE = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  /** What the JDK takes for an address and asks no resolver about. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[?[0-9a-fA-F.]*:.*");

  private FarEndNames() {}

  /**
   * An address that carries {@code host} and asks no resolver; the address itself if {@code host}
   * is one. A socket that is not of a binding reaches nobody with it.
   *
   * @throws UnknownHostException if {@code host} looks like an address and is none
   */
  @SuppressWarnings("AddressSelection") // an address in text: nothing is looked up
  public static InetAddress unresolved(String host) throws UnknownHostException {
    return ADDRESS.matcher(host).matches()
        ? InetAddress.getByName(host)
        : InetAddress.getByAddress(host, NOWHERE);
  }
}

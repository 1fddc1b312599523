package io.vpc4j.tunnel.dns;

import java.util.regex.Pattern;

/**
 * The destination that a connector does not dial: it is connected to the connector's own resolver,
 * streams and UDP sessions alike. [T] 7.3
 */
public final class VirtualDns {

  /** The destination, for a {@code ConnectRequest}; nothing else is taken for it. */
  public static final String DESTINATION = "[2606:4700:cf1:2000::1]:53";

  private static final int FIRST_YEAR = 2025;
  private static final int FIRST_MONTH = 7;
  private static final Pattern RELEASE = Pattern.compile("(\\d{4})\\.(\\d{1,2})\\.\\d.*");

  private VirtualDns() {}

  /**
   * Whether a connector of that version has the service: releases since 2025.7.0, and whatever does
   * not look like a release, such as {@code DEV}. An older one dials the address and fails; but it
   * takes a name in the place of the address of a TCP destination ([T] 7.1).
   *
   * @param version as it registered
   */
  public static boolean isServedBy(String version) {
    var release = RELEASE.matcher(version);
    if (!release.matches()) {
      return true;
    }
    var year = Integer.parseInt(release.group(1));
    var month = Integer.parseInt(release.group(2));
    return year > FIRST_YEAR || (year == FIRST_YEAR && month >= FIRST_MONTH);
  }
}

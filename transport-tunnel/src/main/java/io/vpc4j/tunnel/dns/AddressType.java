package io.vpc4j.tunnel.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import io.vpc4j.core.net.IpAddress;

/** The two records that hold addresses. */
enum AddressType {
  /** IPv6. RFC 3596 2.2 */
  AAAA(28, 16),
  /** IPv4. RFC 1035 3.4.1 */
  A(1, 4);

  private final int code;
  private final int octets;

  AddressType(int code, int octets) {
    this.code = code;
    this.octets = octets;
  }

  /** The number of the record. */
  int code() {
    return code;
  }

  /** The same, as Netty has it. */
  DnsRecordType record() {
    return DnsRecordType.valueOf(code);
  }

  int octets() {
    return octets;
  }

  /** Whether an address is of this type: a mapped IPv4 address in an AAAA record is not. */
  boolean holds(IpAddress address) {
    return address.family() == (this == A ? IpAddress.Family.V4 : IpAddress.Family.V6);
  }
}

package io.vpc4j.tunnel.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import io.vpc4j.core.net.IpAddress;

/** The two records that hold addresses. */
enum AddressType {
  /** IPv6. RFC 3596 2.2 */
  AAAA(DnsRecordType.AAAA, 16),
  /** IPv4. RFC 1035 3.4.1 */
  A(DnsRecordType.A, 4);

  private final DnsRecordType record;
  private final int octets;

  AddressType(DnsRecordType record, int octets) {
    this.record = record;
    this.octets = octets;
  }

  DnsRecordType record() {
    return record;
  }

  int octets() {
    return octets;
  }

  /** Whether an address is of this type: a mapped IPv4 address in an AAAA record is not. */
  boolean holds(IpAddress address) {
    return address.family() == (this == A ? IpAddress.Family.V4 : IpAddress.Family.V6);
  }
}

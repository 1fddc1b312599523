/**
 * ICMP and ICMPv6 as machines: errors written about packets, errors read for what they are about,
 * and pings that wait for their replies. RFC 792, RFC 1122 3.2.2, RFC 1812 4.3, RFC 4443
 */
package io.vpc4j.mesh.netstack.icmp;

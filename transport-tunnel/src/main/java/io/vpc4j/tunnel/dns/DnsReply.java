package io.vpc4j.tunnel.dns;

import io.vpc4j.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A reply of a resolver, as far as addresses need it. RFC 1035 4
 *
 * @param id of the query
 * @param name of the question, in lower case, without a final dot
 * @param type of the question
 * @param code RCODE
 * @param extent whether all of it is there
 * @param addresses A and AAAA records among the answers
 * @param aliases CNAME records among the answers
 * @param negativeTtlSeconds how long it may be kept that there is nothing; empty: not at all
 */
record DnsReply(
    int id,
    String name,
    int type,
    int code,
    Extent extent,
    List<Address> addresses,
    List<Alias> aliases,
    OptionalLong negativeTtlSeconds) {

  static final int NO_ERROR = 0;
  static final int NO_SUCH_NAME = 3; // NXDOMAIN

  /** How many aliases lead from a name to its addresses at most. */
  static final int MAX_ALIASES = 8;

  enum Extent {
    WHOLE,
    /** To be asked for again over a stream. RFC 7766 5 */
    TRUNCATED
  }

  record Address(String owner, IpAddress address, long ttlSeconds) {}

  record Alias(String owner, String target, long ttlSeconds) {}

  /** What a reply says of a question. */
  sealed interface Finding {
    /** These are the addresses. */
    record Found(List<IpAddress> addresses, long ttlSeconds) implements Finding {}

    /** There are none; how long that may be kept. */
    record Nothing(Absence absence, long ttlSeconds) implements Finding {}

    /** Another name has them, after that many aliases; the reply does not say which. */
    record Elsewhere(String name, int aliases, long ttlSeconds) implements Finding {}

    /** The resolver did not answer the question. */
    record Unanswered(String why) implements Finding {}
  }

  enum Absence {
    /** NXDOMAIN. */
    NO_SUCH_NAME,
    /** The name has no address of this type. RFC 2308 2.2 */
    NO_ADDRESS
  }

  /**
   * Follows the aliases of the reply from its question. RFC 1034 3.6.2
   *
   * @param type which addresses are wanted
   * @param aliasesBefore how many aliases have led to this question
   */
  Finding finding(AddressType type, int aliasesBefore) {
    if (code != NO_ERROR && code != NO_SUCH_NAME) {
      return new Finding.Unanswered(codeName());
    }
    var owner = name;
    var ttl = Long.MAX_VALUE;
    for (var followed = aliasesBefore; followed <= MAX_ALIASES; followed++) {
      var here = owner;
      var found =
          addresses.stream()
              .filter(each -> each.owner.equals(here) && type.holds(each.address))
              .toList();
      if (!found.isEmpty()) {
        return found(found, ttl);
      }
      var alias = aliases.stream().filter(each -> each.owner.equals(here)).findFirst();
      if (alias.isEmpty()) {
        return end(owner, followed, ttl);
      }
      ttl = Math.min(ttl, alias.get().ttlSeconds);
      owner = alias.get().target;
    }
    return new Finding.Unanswered("more than " + MAX_ALIASES + " aliases");
  }

  private static Finding found(List<Address> found, long aliasTtl) {
    var ttl = aliasTtl;
    var result = new ArrayList<IpAddress>(found.size());
    for (var each : found) {
      ttl = Math.min(ttl, each.ttlSeconds);
      if (!result.contains(each.address)) {
        result.add(each.address);
      }
    }
    return new Finding.Found(List.copyOf(result), ttl);
  }

  /**
   * No address at the end of the aliases. A resolver that has looked there says so with NXDOMAIN or
   * with an SOA; without either, and after an alias, it may not have looked. RFC 2308 2.2
   */
  private Finding end(String owner, int followed, long ttl) {
    var negativeTtl = Math.min(ttl, negativeTtlSeconds.orElse(0));
    if (code == NO_SUCH_NAME) {
      return new Finding.Nothing(Absence.NO_SUCH_NAME, negativeTtl);
    }
    if (!owner.equals(name) && negativeTtlSeconds.isEmpty()) {
      return new Finding.Elsewhere(owner, followed, ttl);
    }
    return new Finding.Nothing(Absence.NO_ADDRESS, negativeTtl);
  }

  private String codeName() {
    return switch (code) {
      case 1 -> "FORMERR";
      case 2 -> "SERVFAIL";
      case 4 -> "NOTIMP";
      case 5 -> "REFUSED";
      default -> "RCODE " + code;
    };
  }
}

package io.vpc4j.tunnel.dns;

/** One lookup that waits. Equal to itself alone. */
public final class DnsTicket {

  private final DnsName name;
  private final long deadlineNs;

  DnsTicket(DnsName name, long deadlineNs) {
    this.name = name;
    this.deadlineNs = deadlineNs;
  }

  DnsName name() {
    return name;
  }

  long deadlineNs() {
    return deadlineNs;
  }

  @Override
  public String toString() {
    return name.name();
  }
}

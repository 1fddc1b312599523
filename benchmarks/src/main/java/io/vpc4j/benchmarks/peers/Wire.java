package io.vpc4j.benchmarks.peers;

/** What is spoken. */
public enum Wire {
  /** HTTP/1.1 in the clear. */
  HTTP,
  /** HTTP/1.1 over TLS. */
  HTTPS,
  /** HTTP/2 over TLS. */
  H2;

  /** Whether TLS is spoken. */
  public boolean secure() {
    return this != HTTP;
  }

  /** {@code http} or {@code https}. */
  public String scheme() {
    return secure() ? "https" : "http";
  }
}

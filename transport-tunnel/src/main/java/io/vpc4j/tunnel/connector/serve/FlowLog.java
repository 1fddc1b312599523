package io.vpc4j.tunnel.connector.serve;

import org.slf4j.event.Level;

/**
 * Hears what is served, flow by flow, while somebody wants to. Safe for use by many threads; never
 * blocks.
 */
public interface FlowLog {

  /** What a line is about, in the words of a connector's log. [C] 7.8 */
  enum Kind {
    /** The connector itself. */
    CLOUDFLARED("cloudflared"),
    /** A request to an origin. */
    HTTP("http"),
    /** A TCP stream. */
    TCP("tcp"),
    /** A UDP session. */
    UDP("udp");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As it goes on the wire. */
    @Override
    public String toString() {
      return word;
    }
  }

  /** Nobody ever does. */
  FlowLog NONE =
      new FlowLog() {
        @Override
        public boolean listening() {
          return false;
        }

        @Override
        public void tell(Level level, Kind kind, String line) {}
      };

  /** Whether anybody listens now; ask before words are made. */
  boolean listening();

  /**
   * A line.
   *
   * @param line for people, without secrets
   */
  void tell(Level level, Kind kind, String line);
}

package io.vpc4j.mesh.netstack.udp;

/**
 * A ring of datagrams, bounded in number and octets. A full one refuses; datagrams that are lost
 * are counted.
 *
 * <p>Its arrays are made when they are first needed and used again for ever: a queue in use
 * allocates nothing. Not thread-safe.
 */
public final class DatagramQueue {

  private final byte[][] octets;
  private final int[] lengths;
  private final long[] highs;
  private final long[] lows;
  private final int[] ports;
  private final int[] links;
  private final int maxOctets;
  private int head;
  private int size;
  private int queuedOctets;
  private long refused;

  /**
   * Makes an empty one.
   *
   * @param maxDatagrams 1 or more
   * @param maxOctets of all datagrams together; a single one of any length fits an empty queue
   */
  public DatagramQueue(int maxDatagrams, int maxOctets) {
    octets = new byte[maxDatagrams][];
    lengths = new int[maxDatagrams];
    highs = new long[maxDatagrams];
    lows = new long[maxDatagrams];
    ports = new int[maxDatagrams];
    links = new int[maxDatagrams];
    this.maxOctets = maxOctets;
  }

  /**
   * Makes room for a datagram at the end.
   *
   * @param high of the other end's address, with {@code low}, {@code port} and {@code link}
   * @return whether there was room; then {@link #lastOctets} is to be filled at once
   */
  public boolean add(int length, long high, long low, int port, int link) {
    if (size == octets.length || (size > 0 && queuedOctets + length > maxOctets)) {
      refused++;
      return false;
    }
    var slot = slot(size);
    var there = octets[slot];
    if (there == null || there.length < length) {
      octets[slot] = new byte[Math.max(length, 1_500)];
    }
    lengths[slot] = length;
    highs[slot] = high;
    lows[slot] = low;
    ports[slot] = port;
    links[slot] = link;
    size++;
    queuedOctets += length;
    return true;
  }

  /** Where the octets of the datagram just added belong, from index 0. */
  public byte[] lastOctets() {
    return octets[slot(size - 1)];
  }

  /** Whether one of {@code length} octets would be refused. */
  public boolean full(int length) {
    return size == octets.length || (size > 0 && queuedOctets + length > maxOctets);
  }

  /** Forgets the first datagram. */
  public void remove() {
    queuedOctets -= lengths[head];
    head = (head + 1) % octets.length;
    size--;
  }

  /** The first datagram's octets, from index 0; valid until it is removed. */
  public byte[] octets() {
    return octets[head];
  }

  /** The first datagram's length. */
  public int length() {
    return lengths[head];
  }

  /** The other end's address, first word. */
  public long high() {
    return highs[head];
  }

  /** The other end's address, second word. */
  public long low() {
    return lows[head];
  }

  /** The other end's port. */
  public int port() {
    return ports[head];
  }

  /** The link it came from or goes to. */
  public int link() {
    return links[head];
  }

  /** Datagrams that wait. */
  public int size() {
    return size;
  }

  /** Datagrams that found no room. */
  public long refused() {
    return refused;
  }

  private int slot(int index) {
    return (head + index) % octets.length;
  }
}

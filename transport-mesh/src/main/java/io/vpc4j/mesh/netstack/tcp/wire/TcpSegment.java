package io.vpc4j.mesh.netstack.tcp.wire;

import io.vpc4j.mesh.netstack.wire.Ecn;
import java.nio.ByteBuffer;

/**
 * A segment, read where it lies. RFC 9293 3.1
 *
 * <pre>
 *     0  source port           2      destination port      2
 *     4  sequence number       4
 *     8  acknowledgment number 4
 *    12  data offset (4 bits, in words), 4 reserved, CWR ECE URG ACK PSH RST SYN FIN
 *    14  window                2
 *    16  checksum              2      urgent pointer        2
 *    20  options               0 to 40, a whole number of words
 *        data
 *        integers are big-endian
 * </pre>
 *
 * <p>One object is used for every segment: {@link #read} points it at the next and takes the
 * options apart; after it says {@link Verdict#OK} no accessor can fail, until the buffer is used
 * again. The checksum is not looked at, since only IP knows the addresses in it.
 *
 * <p>{@link #toString} is packetdrill's notation, with the sequence numbers of the wire; {@link
 * #describe} has them relative.
 */
public final class TcpSegment {

  /** No more data from the sender. */
  public static final int FIN = 0x01;

  /** Synchronize sequence numbers. */
  public static final int SYN = 0x02;

  /** Reset the connection. */
  public static final int RST = 0x04;

  /** Push function. */
  public static final int PSH = 0x08;

  /** The acknowledgment field is significant. */
  public static final int ACK = 0x10;

  /** The urgent pointer is significant. */
  public static final int URG = 0x20;

  /** ECN-Echo. RFC 3168 6.1 */
  public static final int ECE = 0x40;

  /** Congestion window reduced. RFC 3168 6.1 */
  public static final int CWR = 0x80;

  /** A header without options. */
  public static final int MIN_HEADER_OCTETS = 20;

  /** The largest header there can be. */
  public static final int MAX_HEADER_OCTETS = 60;

  /** Where the checksum is, from the start of the header. */
  public static final int CHECKSUM_OFFSET = 16;

  /** Blocks a SACK option has room for. RFC 2018 3 */
  public static final int MAX_SACK_BLOCKS = 4;

  /** What {@link #read} found. */
  public enum Verdict {
    /** A whole segment. */
    OK,
    /** Fewer octets than a header has. */
    SHORT,
    /** The data offset is less than five words or past the end. */
    DATA_OFFSET,
    /**
     * An option's length is less than two, past the header, or not what that option has. RFC 9293
     * MUST-7 asks that it do no harm.
     */
    OPTION
  }

  static final int KIND_END = 0;
  static final int KIND_NOP = 1;
  static final int KIND_MSS = 2;
  static final int KIND_WINDOW_SCALE = 3;
  static final int KIND_SACK_PERMITTED = 4;
  static final int KIND_SACK = 5;
  static final int KIND_TIMESTAMPS = 8;

  /** NOP, NOP, timestamps, length 10: what RFC 7323 appendix A has everybody send. */
  static final int ALIGNED_TIMESTAMPS = 0x0101_080A;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private ByteBuffer packet = NOTHING;
  private int start;
  private int headerOctets;
  private int payloadOctets;
  private int seq;
  private int ack;
  private int flags;
  private int window;
  private Ecn ecn = Ecn.NOT_ECT;

  private int mss;
  private int windowScale;
  private boolean sackPermitted;
  private boolean timestamps;
  private int tsVal;
  private int tsEcr;
  private int sackBlocks;
  private final int[] sackEdges = new int[2 * MAX_SACK_BLOCKS];

  /** Points nowhere until {@link #read}. */
  public TcpSegment() {}

  /**
   * Reads the segment that lies at {@code offset}, by absolute index; position and limit of the
   * buffer are not used.
   *
   * @param buffer on the heap, big-endian; lent until the next {@code read}
   * @param length header and data, as IP measured them
   * @param mark what the IP header says of congestion
   * @return {@link Verdict#OK}, or why this is not a segment; then no accessor may be used
   */
  public Verdict read(ByteBuffer buffer, int offset, int length, Ecn mark) {
    if (length < MIN_HEADER_OCTETS || offset < 0 || offset + length > buffer.capacity()) {
      return Verdict.SHORT;
    }
    var word = buffer.getInt(offset + 12);
    var header = (word >>> 28) << 2;
    if (header < MIN_HEADER_OCTETS || header > length) {
      return Verdict.DATA_OFFSET;
    }
    packet = buffer;
    start = offset;
    headerOctets = header;
    payloadOctets = length - header;
    seq = buffer.getInt(offset + 4);
    ack = buffer.getInt(offset + 8);
    flags = (word >>> 16) & 0xFF;
    window = word & 0xFFFF;
    ecn = mark;
    return readOptions();
  }

  private Verdict readOptions() {
    mss = -1;
    windowScale = -1;
    sackPermitted = false;
    timestamps = false;
    sackBlocks = 0;
    var at = start + MIN_HEADER_OCTETS;
    var end = start + headerOctets;
    if (headerOctets == 32 && packet.getInt(at) == ALIGNED_TIMESTAMPS) { // nearly every segment
      var unused = takeTimestamps(at + 2);
      return Verdict.OK;
    }
    while (at < end) {
      var kind = packet.get(at);
      if (kind == KIND_END) {
        return Verdict.OK;
      }
      if (kind == KIND_NOP) {
        at++;
        continue;
      }
      if (at + 2 > end) {
        return Verdict.OPTION;
      }
      var length = packet.get(at + 1) & 0xFF;
      if (length < 2 || at + length > end || !takeOption(kind, at, length)) {
        return Verdict.OPTION;
      }
      at += length;
    }
    return Verdict.OK;
  }

  /** False if the option does not have the length its specification gives it. */
  private boolean takeOption(int kind, int at, int length) {
    return switch (kind) {
      case KIND_MSS -> takeMss(at, length); // RFC 9293 3.2; only means something with SYN
      case KIND_WINDOW_SCALE -> takeWindowScale(at, length); // RFC 7323 2.2
      case KIND_SACK_PERMITTED -> takeSackPermitted(length); // RFC 2018 2
      case KIND_SACK -> takeSack(at, length); // RFC 2018 3
      case KIND_TIMESTAMPS -> length == 10 && takeTimestamps(at); // RFC 7323 3.2
      default -> true; // RFC 9293 MUST-6: ignore what is not known
    };
  }

  private boolean takeMss(int at, int length) {
    if (length != 4) {
      return false;
    }
    mss = packet.getShort(at + 2) & 0xFFFF;
    return true;
  }

  private boolean takeWindowScale(int at, int length) {
    if (length != 3) {
      return false;
    }
    windowScale = packet.get(at + 2) & 0xFF;
    return true;
  }

  private boolean takeSackPermitted(int length) {
    sackPermitted = true;
    return length == 2;
  }

  private boolean takeSack(int at, int length) {
    if (length < 10 || (length - 2) % 8 != 0) {
      return false;
    }
    sackBlocks = (length - 2) / 8; // at most four: the header ends before a fifth
    for (var i = 0; i < 2 * sackBlocks; i++) {
      sackEdges[i] = packet.getInt(at + 2 + 4 * i);
    }
    return true;
  }

  private boolean takeTimestamps(int at) {
    timestamps = true;
    tsVal = packet.getInt(at + 2);
    tsEcr = packet.getInt(at + 6);
    return true;
  }

  // ---- the header ------------------------------------------------------------------------------

  /** The sender's port. */
  public int sourcePort() {
    return packet.getShort(start) & 0xFFFF;
  }

  /** The receiver's port. */
  public int destinationPort() {
    return packet.getShort(start + 2) & 0xFFFF;
  }

  /** SEG.SEQ. */
  public int seq() {
    return seq;
  }

  /** SEG.ACK; means nothing without {@link #ACK}. */
  public int ack() {
    return ack;
  }

  /** All eight flags. */
  public int flags() {
    return flags;
  }

  /** Whether any flag of {@code mask} is set. */
  public boolean has(int mask) {
    return (flags & mask) != 0;
  }

  /** SEG.WND as it is on the wire, not scaled. */
  public int window() {
    return window;
  }

  /** What the IP header said of congestion. */
  public Ecn ecn() {
    return ecn;
  }

  /** SEG.LEN: the data, SYN and FIN. RFC 9293 3.4 */
  public int length() {
    return payloadOctets + ((flags >> 1) & 1) + (flags & 1);
  }

  /** The sequence number after the segment. */
  public int end() {
    return seq + length();
  }

  // ---- options ---------------------------------------------------------------------------------

  /** The MSS option, or -1. */
  public int mss() {
    return mss;
  }

  /** The window scale option's shift as sent, which may be past 14, or -1. */
  public int windowScale() {
    return windowScale;
  }

  /** Whether the SACK-permitted option is there. */
  public boolean sackPermitted() {
    return sackPermitted;
  }

  /** Whether the timestamps option is there. */
  public boolean hasTimestamps() {
    return timestamps;
  }

  /** TSval. */
  public int tsVal() {
    return tsVal;
  }

  /** TSecr; means nothing without {@link #ACK}. */
  public int tsEcr() {
    return tsEcr;
  }

  /** How many SACK blocks there are, 0 to 4. */
  public int sackBlocks() {
    return sackBlocks;
  }

  /** Left edge of a SACK block. */
  public int sackLeft(int block) {
    return sackEdges[2 * block];
  }

  /** Right edge of a SACK block: the number after its last octet. */
  public int sackRight(int block) {
    return sackEdges[2 * block + 1];
  }

  // ---- data ------------------------------------------------------------------------------------

  /** Octets of data. */
  public int payloadOctets() {
    return payloadOctets;
  }

  /** The buffer the segment lies in. */
  public ByteBuffer packet() {
    return packet;
  }

  /** Where the data begins in {@link #packet}. */
  public int payloadOffset() {
    return start + headerOctets;
  }

  @Override
  public String toString() {
    return describe(0, 0);
  }

  /**
   * Packetdrill's notation with relative numbers, as in {@code P. 1:6(5) ack 1 win 257 <TS val 3
   * ecr 2>}. Reserved and urgent parts are left out but for the flag.
   *
   * @param isn what to subtract from the sequence number
   * @param peerIsn what to subtract from the acknowledgment number and the SACK blocks
   */
  public String describe(int isn, int peerIsn) {
    var from = Integer.toUnsignedLong(seq - isn);
    var text = new StringBuilder();
    if ((flags & ~(CWR | ECE | URG)) == 0) {
      text.append('-');
    }
    append(text, SYN, 'S');
    append(text, FIN, 'F');
    append(text, RST, 'R');
    append(text, PSH, 'P');
    append(text, ACK, '.');
    append(text, URG, 'U');
    append(text, ECE, 'E');
    append(text, CWR, 'W');
    text.append(' ').append(from).append(':').append((from + payloadOctets) & 0xFFFF_FFFFL);
    text.append('(').append(payloadOctets).append(')');
    if (has(ACK)) {
      text.append(" ack ").append(Integer.toUnsignedLong(ack - peerIsn));
    }
    text.append(" win ").append(window);
    describeOptions(text, peerIsn);
    return text.toString();
  }

  private void append(StringBuilder text, int flag, char letter) {
    if (has(flag)) {
      text.append(letter);
    }
  }

  private void describeOptions(StringBuilder text, int peerIsn) {
    var options = new StringBuilder();
    if (mss >= 0) {
      options.append(",mss ").append(mss);
    }
    if (sackPermitted) {
      options.append(",sackOK");
    }
    if (timestamps) {
      options.append(",TS val ").append(Integer.toUnsignedLong(tsVal));
      options.append(" ecr ").append(Integer.toUnsignedLong(tsEcr));
    }
    if (windowScale >= 0) {
      options.append(",wscale ").append(windowScale);
    }
    if (sackBlocks > 0) {
      options.append(",sack");
      for (var i = 0; i < sackBlocks; i++) {
        options.append(' ').append(Integer.toUnsignedLong(sackLeft(i) - peerIsn));
        options.append(':').append(Integer.toUnsignedLong(sackRight(i) - peerIsn));
      }
    }
    if (options.length() > 0) {
      text.append(" <").append(options, 1, options.length()).append('>');
    }
  }
}

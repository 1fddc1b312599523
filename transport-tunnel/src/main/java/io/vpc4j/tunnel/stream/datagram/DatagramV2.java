package io.vpc4j.tunnel.stream.datagram;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.vpc4j.tunnel.octets.Malformed;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A datagram of version 2: a payload, and behind it what it is. [T] 4.9
 *
 * <pre>
 *   payload ... | session id 16      | 00     UDP
 *   packet  ...                      | 01     IP
 *   packet  ... | trace identity 25  | 02     IP with a trace
 *   spans   ... | trace identity 25  | 03     the spans of a trace; from a connector only
 * </pre>
 */
public sealed interface DatagramV2 extends Datagram {

  /** The largest UDP payload that is carried. */
  int MAX_PAYLOAD_OCTETS = 1280;

  /** The largest datagram. */
  int MAX_OCTETS = 1350;

  /** What a payload has behind it: the session and the type. */
  int UDP_OVERHEAD_OCTETS = 16 + 1;

  /** What an edge may send: the fourth kind ends a connector's connection. [T] 9, trap 17 */
  sealed interface ForConnector extends DatagramV2 {}

  /**
   * A UDP payload of a session, either way.
   *
   * @param sessionId as registered
   * @param payload 0 to 1,280 octets
   */
  record Udp(UUID sessionId, ByteBuffer payload) implements ForConnector {
    /** Checks the length. */
    public Udp {
      requireLength(payload, 0, MAX_PAYLOAD_OCTETS);
    }

    @Override
    public int octets() {
      return payload.remaining() + SESSION + 1;
    }

    @Override
    public void write(ByteBuffer out) {
      out.order(BIG_ENDIAN)
          .put(payload.duplicate())
          .putLong(sessionId.getMostSignificantBits())
          .putLong(sessionId.getLeastSignificantBits())
          .put(UDP);
    }
  }

  /**
   * An IP packet that holds ICMP, either way.
   *
   * @param packet the whole of it, 1 octet or more
   */
  record Ip(ByteBuffer packet) implements ForConnector {
    /** Checks the length. */
    public Ip {
      requireLength(packet, 1, MAX_OCTETS - 1);
    }

    @Override
    public int octets() {
      return packet.remaining() + 1;
    }

    @Override
    public void write(ByteBuffer out) {
      out.put(packet.duplicate()).put(IP);
    }
  }

  /**
   * An IP packet that holds ICMP and belongs to a trace.
   *
   * @param packet the whole of it, 1 octet or more
   * @param trace which trace
   */
  record TracedIp(ByteBuffer packet, TraceIdentity trace) implements ForConnector {
    /** Checks the length. */
    public TracedIp {
      requireLength(packet, 1, MAX_OCTETS - TraceIdentity.OCTETS - 1);
    }

    @Override
    public int octets() {
      return packet.remaining() + TraceIdentity.OCTETS + 1;
    }

    @Override
    public void write(ByteBuffer out) {
      out.order(BIG_ENDIAN).put(packet.duplicate());
      trace.write(out);
      out.put(TRACED_IP);
    }
  }

  /**
   * The spans of a trace, from a connector.
   *
   * @param spans OTLP protobuf
   * @param trace which trace
   */
  record Spans(ByteBuffer spans, TraceIdentity trace) implements DatagramV2 {
    /** Checks the length. */
    public Spans {
      requireLength(spans, 0, MAX_OCTETS - TraceIdentity.OCTETS - 1);
    }

    @Override
    public int octets() {
      return spans.remaining() + TraceIdentity.OCTETS + 1;
    }

    @Override
    public void write(ByteBuffer out) {
      out.order(BIG_ENDIAN).put(spans.duplicate());
      trace.write(out);
      out.put(SPANS);
    }
  }

  /** The type of {@link Udp}. */
  byte UDP = 0;

  /** The type of {@link Ip}. */
  byte IP = 1;

  /** The type of {@link TracedIp}. */
  byte TRACED_IP = 2;

  /** The type of {@link Spans}. */
  byte SPANS = 3;

  /** Octets of a session id. */
  int SESSION = 16;

  /**
   * Reads a whole datagram; its payload is a view of it, and its position stays.
   *
   * @throws Malformed if it is none: it is to be dropped, and the connection goes on
   */
  static DatagramV2 read(ByteBuffer datagram) throws Malformed {
    var in = datagram.slice().order(BIG_ENDIAN);
    var length = in.limit();
    if (length == 0 || length > MAX_OCTETS) {
      throw new Malformed(Malformed.Reason.LENGTH, length + " octets");
    }
    var type = in.get(length - 1);
    var body = length - 1 - suffix(type);
    if (body < (type == IP || type == TRACED_IP ? 1 : 0)) {
      throw new Malformed(Malformed.Reason.LENGTH, length + " octets of type " + type);
    }
    if (type == UDP && body > MAX_PAYLOAD_OCTETS) {
      throw new Malformed(Malformed.Reason.SIZE, body + " octets of payload");
    }
    var payload = in.slice(0, body);
    return switch (type) {
      case UDP -> new Udp(new UUID(in.getLong(body), in.getLong(body + 8)), payload);
      case IP -> new Ip(payload);
      case TRACED_IP -> new TracedIp(payload, TraceIdentity.read(in, body));
      default -> new Spans(payload, TraceIdentity.read(in, body));
    };
  }

  private static int suffix(byte type) throws Malformed {
    return switch (type) {
      case UDP -> SESSION;
      case IP -> 0;
      case TRACED_IP, SPANS -> TraceIdentity.OCTETS;
      default -> throw new Malformed(Malformed.Reason.TYPE, "datagram v2 of type " + (type & 0xff));
    };
  }

  private static void requireLength(ByteBuffer octets, int least, int most) {
    if (octets.remaining() < least || octets.remaining() > most) {
      throw new IllegalArgumentException(
          least + " to " + most + " octets, not " + octets.remaining());
    }
  }
}

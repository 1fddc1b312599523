package io.vpc4j.tunnel.stream.datagram;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.octets.Malformed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * A datagram of version 3: what it is, and behind that the payload. Big-endian. [T] 4.10
 *
 * <pre>
 *   00 | flags 1 | port 2 | idle seconds 2 | request id 16 | address 4 or 16     registration
 *   01 | request id 16 | payload ...                                             payload
 *   02 | packet ...                                                              ICMP
 *   03 | code 1 | request id 16 | length 2 | text ...                            response
 *
 *   flags: bit 0 IPv6, bit 1 traced, bit 2 a payload follows the address
 * </pre>
 */
public sealed interface DatagramV3 extends Datagram {

  /** The largest UDP payload or IP packet that is carried. */
  int MAX_PAYLOAD_OCTETS = 1280;

  /** What a payload has before it: the type and the session. */
  int PAYLOAD_OVERHEAD_OCTETS = 1 + 16;

  /** What an edge may send. */
  sealed interface ForConnector extends DatagramV3 {}

  /** What a connector may send. */
  sealed interface ForEdge extends DatagramV3 {}

  /**
   * The edge opens a session, and says it again until there is a {@link Response}.
   *
   * <p>Always whole, with its address: on a shorter one a connector goes down ([T] 9, trap 17).
   * Never with a payload: the reference implementation throws that away ([T] 9, trap 16), and so
   * does {@link #read}.
   *
   * @param requestId names the session; 16 octets of the edge's choice
   * @param address where to
   * @param port 0 to 65,535
   * @param idleSeconds 0 to 65,535: when an idle session ends; 0 for the connector's 210 s
   */
  record Registration(UUID requestId, IpAddress address, int port, int idleSeconds)
      implements ForConnector {
    /** Checks the ranges. */
    public Registration {
      if ((port & ~0xffff) != 0 || (idleSeconds & ~0xffff) != 0) {
        throw new IllegalArgumentException("port " + port + ", idle " + idleSeconds + " s");
      }
    }

    private boolean isV6() {
      return address.family() == IpAddress.Family.V6;
    }

    @Override
    public int octets() {
      return ADDRESS + (isV6() ? 16 : 4);
    }

    @Override
    public void write(ByteBuffer out) {
      out.order(BIG_ENDIAN)
          .put(REGISTRATION)
          .put((byte) (isV6() ? V6_FLAG : 0))
          .putShort((short) port)
          .putShort((short) idleSeconds)
          .putLong(requestId.getMostSignificantBits())
          .putLong(requestId.getLeastSignificantBits())
          .put(address.octets());
    }
  }

  /**
   * A UDP payload of a session, either way.
   *
   * @param requestId of the session's registration
   * @param payload 0 to 1,280 octets
   */
  record Payload(UUID requestId, ByteBuffer payload) implements ForConnector, ForEdge {
    /** Checks the length. */
    public Payload {
      if (payload.remaining() > MAX_PAYLOAD_OCTETS) {
        throw new IllegalArgumentException(payload.remaining() + " octets of payload");
      }
    }

    @Override
    public int octets() {
      return 1 + REQUEST_ID + payload.remaining();
    }

    @Override
    public void write(ByteBuffer out) {
      out.order(BIG_ENDIAN)
          .put(PAYLOAD)
          .putLong(requestId.getMostSignificantBits())
          .putLong(requestId.getLeastSignificantBits())
          .put(payload.duplicate());
    }
  }

  /**
   * An IP packet that holds ICMP, either way.
   *
   * @param packet 1 to 1,280 octets
   */
  record Icmp(ByteBuffer packet) implements ForConnector, ForEdge {
    /** Checks the length. */
    public Icmp {
      if (!packet.hasRemaining() || packet.remaining() > MAX_PAYLOAD_OCTETS) {
        throw new IllegalArgumentException(packet.remaining() + " octets of packet");
      }
    }

    @Override
    public int octets() {
      return 1 + packet.remaining();
    }

    @Override
    public void write(ByteBuffer out) {
      out.put(ICMP).put(packet.duplicate());
    }
  }

  /**
   * A connector's answer to a registration.
   *
   * @param requestId of the registration
   * @param code how it went
   * @param message why, for people; mostly empty. Its UTF-8 has 1,280 octets at most
   */
  record Response(UUID requestId, Code code, String message) implements ForEdge {

    /** How a registration went, with the numbers of the wire. */
    public enum Code {
      /** The session is there. */
      OK(0),
      /** The destination cannot be reached. */
      DESTINATION_UNREACHABLE(1),
      /** There is no socket for it; what real connectors say of every failure. */
      UNABLE_TO_BIND(2),
      /** There are as many flows as there may be. */
      TOO_MANY_FLOWS(3),
      /** Another error: the message says which. */
      OTHER(0xff);

      private final int wire;

      Code(int wire) {
        this.wire = wire;
      }

      /** A code from a newer peer is {@link #OTHER}: not there, for a reason we do not know. */
      private static Code of(int wire) {
        return Arrays.stream(values()).filter(code -> code.wire == wire).findAny().orElse(OTHER);
      }
    }

    /** Checks the length. */
    public Response {
      if (utf8(message).length > MAX_PAYLOAD_OCTETS) {
        throw new IllegalArgumentException("a message of " + message.length() + " characters");
      }
    }

    private static byte[] utf8(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int octets() {
      return TEXT + utf8(message).length;
    }

    @Override
    public void write(ByteBuffer out) {
      var text = utf8(message);
      out.order(BIG_ENDIAN)
          .put(RESPONSE)
          .put((byte) code.wire)
          .putLong(requestId.getMostSignificantBits())
          .putLong(requestId.getLeastSignificantBits())
          .putShort((short) text.length)
          .put(text);
    }
  }

  /** The type of {@link Registration}. */
  byte REGISTRATION = 0;

  /** The type of {@link Payload}. */
  byte PAYLOAD = 1;

  /** The type of {@link Icmp}. */
  byte ICMP = 2;

  /** The type of {@link Response}. */
  byte RESPONSE = 3;

  /** Octets of a request id. */
  int REQUEST_ID = 16;

  /** Where a registration has its address. */
  int ADDRESS = 22;

  /** Where a response has its text. */
  int TEXT = 20;

  /** The flag of a registration with an IPv6 address. */
  int V6_FLAG = 1;

  /**
   * Reads a whole datagram; its payload is a view of it, and its position stays.
   *
   * @throws Malformed if it is none: it is to be dropped, and the connection goes on
   */
  static DatagramV3 read(ByteBuffer datagram) throws Malformed {
    var in = datagram.slice().order(BIG_ENDIAN);
    requireAtLeast(in, 1);
    var type = in.get(0);
    return switch (type) {
      case REGISTRATION -> registration(in);
      case PAYLOAD -> payload(in);
      case ICMP -> icmp(in);
      case RESPONSE -> response(in);
      default -> throw new Malformed(Malformed.Reason.TYPE, "datagram v3 of type " + (type & 0xff));
    };
  }

  private static DatagramV3 registration(ByteBuffer in) throws Malformed {
    requireAtLeast(in, ADDRESS + 4);
    var address = new byte[(in.get(1) & V6_FLAG) != 0 ? 16 : 4];
    requireAtLeast(in, ADDRESS + address.length);
    in.get(ADDRESS, address);
    return new Registration(
        id(in, 6), IpAddress.ofOctets(address), in.getShort(2) & 0xffff, in.getShort(4) & 0xffff);
  }

  private static DatagramV3 payload(ByteBuffer in) throws Malformed {
    requireAtLeast(in, 1 + REQUEST_ID);
    return new Payload(id(in, 1), rest(in, 1 + REQUEST_ID));
  }

  private static DatagramV3 icmp(ByteBuffer in) throws Malformed {
    requireAtLeast(in, 2);
    return new Icmp(rest(in, 1));
  }

  private static DatagramV3 response(ByteBuffer in) throws Malformed {
    requireAtLeast(in, TEXT);
    var text = new byte[in.getShort(18) & 0xffff];
    if (text.length > MAX_PAYLOAD_OCTETS) {
      throw new Malformed(Malformed.Reason.SIZE, text.length + " octets of text");
    }
    requireAtLeast(in, TEXT + text.length);
    in.get(TEXT, text);
    return new Response(id(in, 2), Response.Code.of(in.get(1) & 0xff), decoded(text));
  }

  /** What is not UTF-8 becomes question marks, an octet each, so that the text keeps its bound. */
  private static String decoded(byte[] text) {
    var utf8 = new String(text, StandardCharsets.UTF_8);
    if (utf8.indexOf('\ufffd') < 0) {
      return utf8;
    }
    for (var i = 0; i < text.length; i++) {
      text[i] = text[i] < 0 ? (byte) '?' : text[i];
    }
    return new String(text, StandardCharsets.US_ASCII);
  }

  private static UUID id(ByteBuffer in, int at) {
    return new UUID(in.getLong(at), in.getLong(at + 8));
  }

  private static ByteBuffer rest(ByteBuffer in, int from) throws Malformed {
    var length = in.limit() - from;
    if (length > MAX_PAYLOAD_OCTETS) {
      throw new Malformed(Malformed.Reason.SIZE, length + " octets of payload");
    }
    return in.slice(from, length);
  }

  private static void requireAtLeast(ByteBuffer in, int octets) throws Malformed {
    if (in.limit() < octets) {
      throw new Malformed(
          Malformed.Reason.LENGTH, in.limit() + " octets, and " + octets + " were to come");
    }
  }
}

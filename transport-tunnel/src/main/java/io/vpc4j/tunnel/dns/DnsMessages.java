package io.vpc4j.tunnel.dns;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordEncoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.octets.Malformed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Queries to octets, octets to replies. RFC 1035 4.1; names and records are Netty's.
 *
 * <pre>
 *  octet
 *     0  id                2
 *     2  flags             2    QR 8000, opcode 7800, TC 0200, RD 0100, rcode 000F
 *     4  questions         2
 *     6  answers           2
 *     8  authorities       2
 *    10  additionals       2
 *    12  the question, then the records; integers are big-endian
 * </pre>
 */
final class DnsMessages {

  private static final int HEADER_OCTETS = 12;
  private static final int RESPONSE = 0x8000;
  private static final int OPCODE = 0x7800;
  private static final int TRUNCATED = 0x0200;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RCODE = 0x000f;

  private static final int MAX_NAME = 253;
  private static final int MAX_LABEL = 63;

  /** More records than any name has that leads to addresses. */
  private static final int MAX_RECORDS = 512;

  private static final int SOA_TAIL_OCTETS = 20; // serial, refresh, retry, expire, minimum

  private DnsMessages() {}

  /**
   * The name as it is compared: in lower case, without a final dot.
   *
   * @throws IllegalArgumentException if it cannot be asked for. RFC 1035 2.3.4
   */
  static String name(String text) {
    var name = text.toLowerCase(Locale.ROOT);
    name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (name.isEmpty() || name.length() > MAX_NAME || !US_ASCII.newEncoder().canEncode(name)) {
      throw new IllegalArgumentException("a name has 1 to 253 characters of ASCII");
    }
    for (var label : name.split("\\.", -1)) {
      if (label.isEmpty() || label.length() > MAX_LABEL) {
        throw new IllegalArgumentException("a label has 1 to 63 characters");
      }
    }
    return name;
  }

  /** A query for one name and type, recursion desired. */
  static ByteBuffer query(int id, String name, AddressType type) {
    var out = Unpooled.buffer(HEADER_OCTETS + name.length() + 6);
    try {
      out.writeShort(id).writeShort(RECURSION_DESIRED).writeShort(1);
      out.writeShort(0).writeShort(0).writeShort(0);
      DnsRecordEncoder.DEFAULT.encodeQuestion(new DefaultDnsQuestion(name, type.record()), out);
      var octets = new byte[out.readableBytes()];
      out.readBytes(octets);
      return ByteBuffer.wrap(octets);
    } catch (Exception e) { // the interface declares it, for codecs other than Netty's own
      throw new IllegalStateException("a query for " + name, e);
    } finally {
      out.release();
    }
  }

  /**
   * Reads a reply.
   *
   * @throws Malformed if it is none
   */
  static DnsReply read(ByteBuffer message) throws Malformed {
    if (message.remaining() < HEADER_OCTETS) {
      throw new Malformed(Malformed.Reason.LENGTH, message.remaining() + " octets of DNS");
    }
    var in = Unpooled.wrappedBuffer(message);
    try {
      return read(in);
    } catch (Malformed e) {
      throw e;
    } catch (Exception e) { // Netty's decoder: CorruptedFrameException, IndexOutOfBounds and more
      throw new Malformed(Malformed.Reason.VALUE, "a message of DNS, " + e);
    } finally {
      in.release();
    }
  }

  private static DnsReply read(ByteBuf in) throws Exception {
    var id = in.readUnsignedShort();
    var flags = in.readUnsignedShort();
    var questions = in.readUnsignedShort();
    var answers = in.readUnsignedShort();
    var authorities = in.readUnsignedShort();
    in.skipBytes(2); // additional records tell us nothing
    if ((flags & RESPONSE) == 0 || (flags & OPCODE) != 0 || questions != 1) {
      throw new Malformed(Malformed.Reason.TYPE, "not the reply to a query");
    }
    if (answers + authorities > MAX_RECORDS) {
      throw new Malformed(Malformed.Reason.LIMIT, answers + authorities + " records");
    }
    var question = DnsRecordDecoder.DEFAULT.decodeQuestion(in);
    var truncated = (flags & TRUNCATED) != 0;
    var records = new Records();
    if (!truncated) { // what is cut off is asked for again, and not read
      for (var i = 0; i < answers; i++) {
        records.answer(next(in));
      }
      for (var i = 0; i < authorities; i++) {
        records.authority(next(in));
      }
    }
    return reply(id, flags, question, records);
  }

  private static DnsReply reply(int id, int flags, DnsQuestion question, Records records) {
    return new DnsReply(
        id,
        canonical(question.name()),
        question.type().intValue(),
        flags & RCODE,
        (flags & TRUNCATED) != 0 ? DnsReply.Extent.TRUNCATED : DnsReply.Extent.WHOLE,
        records.addresses,
        records.aliases,
        records.negativeTtl);
  }

  private static DnsRecord next(ByteBuf in) throws Exception {
    DnsRecord record = DnsRecordDecoder.DEFAULT.decodeRecord(in);
    if (record == null) {
      throw new Malformed(Malformed.Reason.LENGTH, "a record is cut off");
    }
    return record;
  }

  private static String canonical(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /** What the records of a reply say to us. */
  private static final class Records {
    private final List<DnsReply.Address> addresses = new ArrayList<>();
    private final List<DnsReply.Alias> aliases = new ArrayList<>();
    private OptionalLong negativeTtl = OptionalLong.empty();

    void answer(DnsRecord record) throws Malformed {
      try {
        if (record instanceof DnsRawRecord raw && record.dnsClass() == DnsRecord.CLASS_IN) {
          answer(raw);
        }
      } finally {
        ReferenceCountUtil.release(record);
      }
    }

    private void answer(DnsRawRecord record) throws Malformed {
      var owner = canonical(record.name());
      if (record.type().equals(DnsRecordType.CNAME)) {
        var target = canonical(DefaultDnsRecordDecoder.decodeName(record.content()));
        aliases.add(new DnsReply.Alias(owner, target, ttl(record)));
      }
      for (var type : AddressType.values()) {
        if (record.type().equals(type.record())) {
          addresses.add(new DnsReply.Address(owner, address(record, type), ttl(record)));
        }
      }
    }

    private static IpAddress address(DnsRawRecord record, AddressType type) throws Malformed {
      if (record.content().readableBytes() != type.octets()) {
        throw new Malformed(
            Malformed.Reason.VALUE, type + " of " + record.content().readableBytes() + " octets");
      }
      var octets = new byte[type.octets()];
      record.content().getBytes(record.content().readerIndex(), octets);
      return IpAddress.ofOctets(octets);
    }

    /** The lesser of the SOA's own time and its MINIMUM field. RFC 2308 5 */
    void authority(DnsRecord record) {
      try {
        if (record instanceof DnsRawRecord raw
            && record.type().equals(DnsRecordType.SOA)
            && raw.content().readableBytes() >= SOA_TAIL_OCTETS) {
          var minimum = raw.content().getUnsignedInt(raw.content().writerIndex() - 4);
          negativeTtl = OptionalLong.of(Math.min(ttl(record), minimum));
        }
      } finally {
        ReferenceCountUtil.release(record);
      }
    }

    /** With the highest bit set it is zero. RFC 2181 8 */
    private static long ttl(DnsRecord record) {
      return record.timeToLive() > Integer.MAX_VALUE ? 0 : record.timeToLive();
    }
  }
}

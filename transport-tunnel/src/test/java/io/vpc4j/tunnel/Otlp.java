package io.vpc4j.tunnel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Reads an ExportTraceServiceRequest; another reading of the wire than the writer's. */
final class Otlp {

  record Span(
      String trace,
      String id,
      String parent,
      String name,
      long beginNs,
      long endNs,
      Map<String, String> attributes) {}

  /** One field: a number, or octets. */
  private record Field(int number, long value, ByteBuffer message) {
    byte[] octets() {
      var copy = new byte[message.remaining()];
      message.duplicate().get(copy);
      return copy;
    }
  }

  private Otlp() {}

  static List<Span> read(byte[] request) {
    var spans = new ArrayList<Span>();
    for (var resourceSpans : all(fields(request), 1)) {
      for (var scopeSpans : all(fields(resourceSpans), 2)) {
        for (var span : all(fields(scopeSpans), 2)) {
          spans.add(span(fields(span)));
        }
      }
    }
    return spans;
  }

  private static Span span(List<Field> fields) {
    var hex = HexFormat.of();
    var attributes = new HashMap<String, String>();
    for (var attribute : all(fields, 9)) {
      var pair = fields(attribute);
      var value = fields(all(pair, 2).get(0)).get(0);
      attributes.put(
          text(all(pair, 1).get(0)),
          value.number() == 1 ? text(value.octets()) : Long.toString(value.value()));
    }
    return new Span(
        hex.formatHex(all(fields, 1).get(0)),
        hex.formatHex(all(fields, 2).get(0)),
        hex.formatHex(all(fields, 4).get(0)),
        text(all(fields, 5).get(0)),
        number(fields, 7),
        number(fields, 8),
        attributes);
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }

  private static long number(List<Field> fields, int number) {
    return fields.stream().filter(it -> it.number() == number).findFirst().orElseThrow().value();
  }

  private static List<byte[]> all(List<Field> fields, int number) {
    return fields.stream().filter(it -> it.number() == number).map(Field::octets).toList();
  }

  private static List<Field> fields(byte[] message) {
    var in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    var fields = new ArrayList<Field>();
    while (in.hasRemaining()) {
      var tag = varint(in);
      var number = (int) (tag >>> 3);
      switch ((int) (tag & 7)) {
        case 0 -> fields.add(new Field(number, varint(in), ByteBuffer.allocate(0)));
        case 1 -> fields.add(new Field(number, in.getLong(), ByteBuffer.allocate(0)));
        case 2 -> {
          var octets = new byte[(int) varint(in)];
          in.get(octets);
          fields.add(new Field(number, 0, ByteBuffer.wrap(octets)));
        }
        default -> throw new AssertionError("type " + (tag & 7));
      }
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    var value = 0L;
    for (var shift = 0; ; shift += 7) {
      var octet = in.get();
      value |= (long) (octet & 0x7f) << shift;
      if (octet >= 0) {
        return value;
      }
    }
  }
}

package io.vpc4j.tunnel.carrier.http2;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.stream.Metadata;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A list of header fields inside the value of one. [T] 3.5
 *
 * <pre>
 * serialized = pair *( ";" pair )
 * pair       = base64(name) ":" base64(value)      standard alphabet, no padding
 * </pre>
 */
final class SerializedHeaders {

  private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getDecoder();

  private SerializedHeaders() {}

  static String write(List<Metadata> fields) {
    return fields.stream()
        .map(field -> encode(field.key()) + ":" + encode(field.value()))
        .collect(Collectors.joining(";"));
  }

  /** Empty parts are skipped, as the connector's own reader does. */
  static List<Metadata> read(String text) throws Malformed {
    var fields = new ArrayList<Metadata>();
    for (var pair : text.split(";", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      var colon = pair.indexOf(':');
      if (colon < 0 || pair.indexOf(':', colon + 1) >= 0) {
        throw new Malformed(Malformed.Reason.VALUE, "a serialized header without just one colon");
      }
      fields.add(new Metadata(decode(pair.substring(0, colon)), decode(pair.substring(colon + 1))));
    }
    return List.copyOf(fields);
  }

  private static String encode(String text) {
    return ENCODER.encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String decode(String text) throws Malformed {
    try {
      return new String(DECODER.decode(text), StandardCharsets.ISO_8859_1);
    } catch (IllegalArgumentException e) {
      throw new Malformed(Malformed.Reason.VALUE, "a serialized header that is not base64");
    }
  }
}

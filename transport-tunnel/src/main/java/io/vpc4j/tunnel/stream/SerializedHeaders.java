package io.vpc4j.tunnel.stream;

import io.vpc4j.tunnel.octets.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All fields of an origin's response inside one field, as a connector sends them over HTTP/2. [T]
 * 3.5
 *
 * <pre>
 *   serialized = [ pair *( ";" pair ) ]
 *   pair       = base64(name) ":" base64(value)      standard alphabet, no padding
 * </pre>
 */
public final class SerializedHeaders {

  /** The field that carries them. */
  public static final String FIELD = "cf-cloudflared-response-headers";

  /** How long a text is read at most: what a connector's HTTP/2 lets pass. [T] 3.1 */
  public static final int MAX_CHARACTERS = 1_048_896;

  /** How many fields are read at most. */
  public static final int MAX_FIELDS = 4096;

  private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getDecoder();

  private SerializedHeaders() {}

  /**
   * Writes fields in their order; none give an empty text.
   *
   * @throws IllegalArgumentException if a character is beyond U+00FF
   */
  public static String write(List<HeaderField> fields) {
    return fields.stream()
        .map(field -> encode(field.name()) + ":" + encode(field.value()))
        .collect(Collectors.joining(";"));
  }

  /**
   * Reads fields in their order, which means nothing between different names. Empty pairs are
   * passed over.
   *
   * @throws Malformed if a pair is not one, a name is empty, or there is more than the limits
   */
  public static List<HeaderField> read(String text) throws Malformed {
    if (text.length() > MAX_CHARACTERS) {
      throw new Malformed(Malformed.Reason.SIZE, text.length() + " characters of headers");
    }
    var fields = new ArrayList<HeaderField>();
    for (var from = 0; from < text.length(); ) {
      var to = text.indexOf(';', from);
      to = to < 0 ? text.length() : to;
      if (to > from) {
        fields.add(pair(text, from, to));
      }
      if (fields.size() > MAX_FIELDS) {
        throw new Malformed(Malformed.Reason.LIMIT, "more than " + MAX_FIELDS + " headers");
      }
      from = to + 1;
    }
    return List.copyOf(fields);
  }

  private static HeaderField pair(String text, int from, int to) throws Malformed {
    var colon = text.indexOf(':', from);
    if (colon <= from || colon >= to || text.lastIndexOf(':', to - 1) != colon) {
      throw new Malformed(Malformed.Reason.VALUE, "a header is not name:value");
    }
    return new HeaderField(decode(text, from, colon), decode(text, colon + 1, to));
  }

  private static String encode(String text) {
    for (var i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xff) {
        throw new IllegalArgumentException("a character is more than an octet: " + text);
      }
    }
    return ENCODER.encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String decode(String text, int from, int to) throws Malformed {
    if (text.indexOf('=', from) >= 0 && text.indexOf('=', from) < to) {
      throw new Malformed(Malformed.Reason.VALUE, "a header with padding");
    }
    try {
      var octets = text.substring(from, to).getBytes(StandardCharsets.UTF_8);
      return new String(DECODER.decode(octets), StandardCharsets.ISO_8859_1);
    } catch (IllegalArgumentException e) {
      throw new Malformed(Malformed.Reason.VALUE, "a header is not base64");
    }
  }
}

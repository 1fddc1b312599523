package io.vpc4j.core.fetch.http2;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.ConnectionFields;
import io.vpc4j.core.fetch.exchange.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Locale;

/** Fields from and to their HTTP/2 form. RFC 9113 8.2 and 8.3 */
final class Http2Fields {

  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");

  private Http2Fields() {}

  /**
   * The request's fields: pseudo-fields first, names in lower case, nothing of the connection's.
   */
  static Http2Headers request(Exchange exchange) {
    var fields = new DefaultHttp2Headers(false, 8 + 2 * exchange.headers().size());
    fields.method(exchange.method());
    fields.scheme(exchange.url().scheme());
    fields.authority(exchange.url().authority());
    fields.path(exchange.url().pathAndQuery());
    exchange
        .headers()
        .forEach(
            (name, value) -> {
              if (!ConnectionFields.isOurs(name, false)) {
                fields.add(name.toLowerCase(Locale.ROOT), encoded(value));
              }
            });
    var upload = exchange.upload();
    if (upload != null && upload.length() >= 0) {
      fields.set(CONTENT_LENGTH, Long.toString(upload.length()));
    } else if (upload == null && wantsLength(exchange.method())) {
      fields.set(CONTENT_LENGTH, "0");
    }
    return fields;
  }

  private static boolean wantsLength(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  /**
   * The status of a response.
   *
   * @throws VpcException if it is not a number of three digits
   */
  static int status(Http2Headers fields) throws VpcException {
    var status = fields.status();
    if (status == null || status.length() != 3) {
      throw malformed("it has no status");
    }
    var number = 0;
    for (var i = 0; i < 3; i++) {
      var digit = status.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw malformed("its status is not a number");
      }
      number = 10 * number + digit;
    }
    if (number < 100) {
      throw malformed("its status is below 100");
    }
    return number;
  }

  /** Whether a response with this head is malformed without a body. RFC 9113 8.1.1 */
  static boolean promisesOctets(Http2Headers fields, int status, String method) {
    var length = fields.get(CONTENT_LENGTH);
    return length != null
        && !AsciiString.contentEquals(length, "0")
        && status != 304
        && !method.equals("HEAD"); // RFC 9110 8.6: theirs is another response's
  }

  /**
   * The fields but the pseudo-fields.
   *
   * @throws VpcException if a value holds what would end it in HTTP/1.1. RFC 9113 8.2.1
   */
  static Headers received(Http2Headers fields) throws VpcException {
    var pairs = new ArrayList<String>(2 * fields.size());
    for (var field : fields) {
      if (field.getKey().length() > 0 && field.getKey().charAt(0) != ':') {
        pairs.add(field.getKey().toString());
        pairs.add(decoded(field.getValue()));
      }
    }
    return Headers.ofChecked(pairs.toArray(String[]::new));
  }

  static VpcException malformed(String why) {
    return new VpcException(
        ErrorCode.HTTP_PROTOCOL_ERROR, Stage.RESPONSE, "The response is not HTTP/2: " + why + ".");
  }

  /** As octets of UTF-8, which HPACK carries as they are. */
  private static CharSequence encoded(String value) {
    for (var i = 0; i < value.length(); i++) {
      if (value.charAt(i) > 0x7f) {
        return new AsciiString(value.getBytes(StandardCharsets.UTF_8), false);
      }
    }
    return value;
  }

  /** Octets as UTF-8; malformed ones become U+FFFD. */
  private static String decoded(CharSequence value) throws VpcException {
    var ascii = true;
    for (var i = 0; i < value.length(); i++) {
      var octet = value.charAt(i);
      if (octet == 0 || octet == '\r' || octet == '\n') {
        throw malformed("a field's value holds a line's end or a zero");
      }
      ascii &= octet < 0x80;
    }
    if (!ascii && value instanceof AsciiString octets) {
      return new String(
          octets.array(), octets.arrayOffset(), octets.length(), StandardCharsets.UTF_8);
    }
    return value.toString();
  }
}

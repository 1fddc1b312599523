package io.vpc4j.core.fetch.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.ConnectionFields;
import io.vpc4j.core.fetch.exchange.Exchange;
import java.nio.charset.StandardCharsets;

/**
 * Writes the head of a request, straight into one buffer. RFC 9112 3
 *
 * <p>Host first and always from the URL; then the application's fields in their order, without
 * those that {@link ConnectionFields} claims; then what frames the body. Nothing is added that
 * nobody asked for: no User-Agent, no Accept, no Accept-Encoding.
 */
final class RequestWriter {

  private static final byte[] VERSION_AND_HOST = ascii(" HTTP/1.1\r\nHost: ");
  private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");

  private RequestWriter() {}

  /**
   * Writes the head.
   *
   * @throws VpcException {@code HTTP_REQUEST_ERROR} if the URL holds an octet that cannot stand on
   *     the request line
   */
  static void writeHead(ByteBuf out, Exchange exchange) throws VpcException {
    var url = exchange.url();
    ByteBufUtil.writeAscii(out, exchange.method());
    out.writeByte(' ');
    writeVisible(out, url.pathAndQuery());
    out.writeBytes(VERSION_AND_HOST);
    writeVisible(out, url.authority());
    crlf(out);
    var headers = exchange.headers();
    for (int i = 0, size = headers.size(); i < size; i++) {
      var name = headers.name(i);
      if (!ConnectionFields.isOurs(name, exchange.upgrade())) {
        ByteBufUtil.writeAscii(out, name);
        out.writeByte(':').writeByte(' ');
        ByteBufUtil.writeUtf8(out, headers.value(i));
        crlf(out);
      }
    }
    writeFraming(out, exchange);
    crlf(out);
  }

  private static void writeFraming(ByteBuf out, Exchange exchange) {
    var upload = exchange.upload();
    if (upload == null) {
      if (expectsBody(exchange.method())) {
        out.writeBytes(CONTENT_LENGTH).writeByte('0'); // RFC 9110 8.6
        crlf(out);
      }
    } else if (upload.length() >= 0) {
      out.writeBytes(CONTENT_LENGTH);
      writeDecimal(out, upload.length());
      crlf(out);
    } else {
      out.writeBytes(CHUNKED);
    }
  }

  private static boolean expectsBody(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  private static void writeVisible(ByteBuf out, String text) throws VpcException {
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        throw new VpcException(
            ErrorCode.HTTP_REQUEST_ERROR,
            Stage.REQUEST,
            "The URL holds a character that cannot be sent; percent-encode it.");
      }
    }
    ByteBufUtil.writeAscii(out, text);
  }

  /** The head of a chunk: its size in hexadecimal. RFC 9112 7.1 */
  static void writeChunkSize(ByteBuf out, int octets) {
    var shift = 28;
    while (shift > 0 && octets >>> shift == 0) {
      shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
      out.writeByte(Character.forDigit(octets >>> shift & 0xf, 16));
    }
    crlf(out);
  }

  private static void writeDecimal(ByteBuf out, long value) {
    ByteBufUtil.writeAscii(out, Long.toString(value));
  }

  private static void crlf(ByteBuf out) {
    out.writeShort('\r' << 8 | '\n');
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

package io.vpc4j.core.fetch.coding;

import io.vpc4j.Headers;
import io.vpc4j.core.fetch.exchange.ContentDecoder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Picks the decoder for a response: gzip, deflate, and several of them in turn. RFC 9110 8.4.1
 *
 * <p>A coding we do not read leaves the whole body as it is: half-decoded octets are of no use.
 * Brotli is one of those: the only well-kept reader on the JVM is a native library of a platform's
 * own.
 */
public final class ContentDecoders implements ContentDecoder.Factory {

  /** How many codings a response may have: more is a way to make us work. */
  static final int MAX_CODINGS = 4;

  /** Reads gzip and deflate. */
  public ContentDecoders() {}

  @Override
  public @Nullable ContentDecoder decoderFor(Headers response) {
    var codings = response.get("content-encoding").orElse("");
    if (codings.isBlank()) {
      return null;
    }
    ContentDecoder decoder = null;
    var names = codings.split(",", -1);
    if (names.length > MAX_CODINGS) {
      return null;
    }
    // They are listed in the order they were applied; the last is undone first.
    for (var i = names.length - 1; i >= 0; i--) {
      var next = decoderOf(names[i].strip().toLowerCase(Locale.ROOT));
      if (next == null) {
        if (decoder != null) {
          decoder.close();
        }
        return null;
      }
      decoder = decoder == null ? next : new InTurn(decoder, next);
    }
    return decoder;
  }

  private static @Nullable ContentDecoder decoderOf(String coding) {
    return switch (coding) {
      case "gzip", "x-gzip" -> new GzipDecoder();
      case "deflate" -> new DeflateDecoder();
      default -> null;
    };
  }
}

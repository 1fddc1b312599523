package io.vpc4j.tunnel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Collectors;

/** The recorded octets among the test resources; {@code vectors/README.md} says where from. */
public final class Vectors {

  private Vectors() {}

  /** All of a file's octets: hex digits, in lines; lines that begin with # are comments. */
  public static byte[] octets(String name) {
    try (var in = Vectors.class.getResourceAsStream("vectors/" + name + ".hex")) {
      if (in == null) {
        throw new IllegalArgumentException("no vector " + name);
      }
      var hex =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .collect(Collectors.joining());
      return HexFormat.of().parseHex(hex);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #octets}, to be read. */
  public static ByteBuffer buffer(String name) {
    return ByteBuffer.wrap(octets(name));
  }

  /** In hex, for comparisons that print well. */
  public static String hex(String name) {
    return HexFormat.of().formatHex(octets(name));
  }

  /** What is left of a buffer, in hex; its position stays. */
  public static String hex(ByteBuffer buffer) {
    var octets = new byte[buffer.remaining()];
    buffer.duplicate().get(octets);
    return HexFormat.of().formatHex(octets);
  }
}

package io.vpc4j.tunnel.edge;

import io.vpc4j.tunnel.octets.Octets;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON of a connector's configuration. [T] 1.7, 4.8
 *
 * <p>What is pushed always has warp-routing enabled: releases before 2025.7.0 refuse every TCP
 * stream without it, later ones pass over it.
 */
final class ConfigurationText {

  private static final JsonFactory JSON = new JsonFactory();
  private static final String WARP_ROUTING = "warp-routing";

  private ConfigurationText() {}

  /** What the directory says, to be pushed. */
  static byte[] of(Map<String, Object> config) {
    var out = new ByteArrayOutputStream();
    try (var generator = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      generator.writeStartObject();
      config.forEach(
          (name, value) -> {
            if (!name.equals(WARP_ROUTING)) {
              generator.writeName(name);
              write(generator, value);
            }
          });
      generator.writeName(WARP_ROUTING);
      generator.writeStartObject();
      if (config.get(WARP_ROUTING) instanceof Map<?, ?> routing) {
        routing.forEach(
            (name, value) -> {
              if (!"enabled".equals(name)) {
                generator.writeName(String.valueOf(name));
                write(generator, value);
              }
            });
      }
      generator.writeBooleanProperty("enabled", true);
      generator.writeEndObject();
      generator.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator generator, Object value) {
    if (value instanceof Map<?, ?> map) {
      generator.writeStartObject();
      map.forEach(
          (name, member) -> {
            generator.writeName(String.valueOf(name));
            write(generator, member);
          });
      generator.writeEndObject();
    } else if (value instanceof List<?> list) {
      generator.writeStartArray();
      list.forEach(element -> write(generator, element));
      generator.writeEndArray();
    } else if (value instanceof Integer number) {
      generator.writeNumber(number);
    } else if (value instanceof Long number) {
      generator.writeNumber(number);
    } else if (value instanceof Number number) {
      generator.writeNumber(number.doubleValue());
    } else if (value instanceof Boolean flag) {
      generator.writeBoolean(flag);
    } else {
      generator.writeString(String.valueOf(value));
    }
  }

  /** Whether a connector's own configuration says {@code warp-routing: enabled}. */
  static boolean hasWarpRouting(Octets local) {
    try (var parser = JSON.createParser(ObjectReadContext.empty(), local.toArray())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = parser.currentName();
        parser.nextToken();
        if (name.equals(WARP_ROUTING)) {
          return isEnabled(parser);
        }
        parser.skipChildren();
      }
    } catch (JacksonException e) {
      return false; // what cannot be read says nothing
    }
    return false;
  }

  private static boolean isEnabled(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return false;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = parser.currentName();
      var value = parser.nextToken();
      if (name.equals("enabled")) {
        return value == JsonToken.VALUE_TRUE;
      }
      parser.skipChildren();
    }
    return false;
  }

  /** A connector's own configuration, to be pushed back with warp-routing enabled. */
  static byte[] withWarpRouting(Octets local) {
    var out = new ByteArrayOutputStream();
    try (var parser = JSON.createParser(ObjectReadContext.empty(), local.toArray());
        var generator = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      generator.writeStartObject();
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = parser.currentName();
        var value = parser.nextToken();
        if ((name.equals("ingress") || name.equals("originRequest"))
            && value != JsonToken.VALUE_NULL) {
          generator.writeName(name);
          generator.copyCurrentStructure(parser);
        } else {
          parser.skipChildren();
        }
      }
      generator.writeName(WARP_ROUTING);
      generator.writeStartObject();
      generator.writeBooleanProperty("enabled", true);
      generator.writeEndObject();
      generator.writeEndObject();
    }
    return out.toByteArray();
  }
}

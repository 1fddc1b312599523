package io.vpc4j.tunnel.connector.config;

import io.vpc4j.tunnel.connector.config.ConfigNode.Fields;
import io.vpc4j.tunnel.connector.config.ConfigNode.Items;
import io.vpc4j.tunnel.connector.config.ConfigNode.Kind;
import io.vpc4j.tunnel.connector.config.ConfigNode.Scalar;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads JSON, RFC 8259, into {@link ConfigNode}s.
 *
 * <p>Bounds: {@value #MAX_OCTETS} octets, {@value #MAX_DEPTH} levels.
 */
final class JsonDocument {

  static final int MAX_OCTETS = 4 << 20;
  static final int MAX_DEPTH = 50;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxDocumentLength(MAX_OCTETS)
                  .maxNumberLength(100)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final String name;
  private final JsonParser parser;

  private JsonDocument(String name, JsonParser parser) {
    this.name = name;
    this.parser = parser;
  }

  /** The document's root. */
  static ConfigNode read(String name, byte[] octets) throws ConfigException {
    if (octets.length > MAX_OCTETS) {
      throw new ConfigException(name, "is larger than " + MAX_OCTETS + " octets");
    }
    try (var parser = JSON.createParser(ObjectReadContext.empty(), octets)) {
      var first = parser.nextToken();
      if (first == null) {
        throw new ConfigException(name, "not valid JSON: it is empty");
      }
      var root = new JsonDocument(name, parser).node(first);
      if (parser.nextToken() != null) {
        throw new ConfigException(name, "not valid JSON: something follows its one value");
      }
      return root;
    } catch (JacksonException e) {
      var at = e.getLocation();
      var place = at == null ? name : name + ":" + at.getLineNr() + ":" + at.getColumnNr();
      throw new ConfigException(place, "not valid JSON: " + e.getOriginalMessage());
    }
  }

  private ConfigNode node(JsonToken token) throws ConfigException {
    var at = parser.currentTokenLocation();
    var place = name + ":" + at.getLineNr() + ":" + at.getColumnNr();
    return switch (token) {
      case START_OBJECT -> fields(place);
      case START_ARRAY -> items(place);
      case VALUE_NUMBER_INT -> new Scalar(parser.getString(), Kind.INTEGER, place);
      case VALUE_NUMBER_FLOAT -> new Scalar(parser.getString(), Kind.DECIMAL, place);
      case VALUE_TRUE, VALUE_FALSE -> new Scalar(parser.getString(), Kind.BOOLEAN, place);
      case VALUE_NULL -> new Scalar("", Kind.NULL, place);
      case VALUE_STRING -> new Scalar(parser.getString(), Kind.TEXT, place);
      default -> throw new ConfigException(place, "not valid JSON: " + token);
    };
  }

  private Fields fields(String place) throws ConfigException {
    var fields = new LinkedHashMap<String, ConfigNode>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var key = parser.currentName();
      fields.put(key, node(parser.nextToken()));
    }
    return new Fields(Collections.unmodifiableMap(fields), place);
  }

  private Items items(String place) throws ConfigException {
    var elements = new ArrayList<ConfigNode>();
    for (var next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
      elements.add(node(next));
    }
    return new Items(elements, place);
  }
}

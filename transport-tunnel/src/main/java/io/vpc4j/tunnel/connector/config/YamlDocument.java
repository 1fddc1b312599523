package io.vpc4j.tunnel.connector.config;

import io.vpc4j.tunnel.connector.config.ConfigNode.Fields;
import io.vpc4j.tunnel.connector.config.ConfigNode.Items;
import io.vpc4j.tunnel.connector.config.ConfigNode.Kind;
import io.vpc4j.tunnel.connector.config.ConfigNode.Scalar;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Reads YAML 1.2 into {@link ConfigNode}s. One document; aliases are followed within bounds.
 *
 * <p>Bounds: {@value #MAX_CHARACTERS} characters, {@value #MAX_DEPTH} levels, {@value #MAX_NODES}
 * values once aliases are followed.
 */
final class YamlDocument {

  static final int MAX_CHARACTERS = 4 << 20;
  static final int MAX_DEPTH = 50;
  static final int MAX_NODES = 200_000;

  private final String name;
  private int nodes;

  private YamlDocument(String name) {
    this.name = name;
  }

  /** The document's root; empty for a document with nothing in it. */
  static Optional<ConfigNode> read(String name, String text) throws ConfigException {
    if (text.length() > MAX_CHARACTERS) {
      throw new ConfigException(name, "is larger than " + MAX_CHARACTERS + " characters");
    }
    var settings =
        LoadSettings.builder()
            .setLabel(name)
            .setCodePointLimit(MAX_CHARACTERS)
            .setMaxAliasesForCollections(50)
            .setAllowDuplicateKeys(false)
            .setAllowRecursiveKeys(false)
            .setUseMarks(true)
            .build();
    try {
      var root =
          new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text)))
              .getSingleNode();
      return root.isEmpty()
          ? Optional.empty()
          : Optional.of(new YamlDocument(name).node(root.get(), 0));
    } catch (MarkedYamlEngineException e) {
      var place = e.getProblemMark().map(mark -> place(name, mark)).orElse(name);
      var problem = e.getProblem() == null ? "not YAML" : e.getProblem();
      throw new ConfigException(place, "not valid YAML: " + problem);
    } catch (YamlEngineException e) {
      throw new ConfigException(name, "not valid YAML: " + e.getMessage());
    }
  }

  private ConfigNode node(Node node, int depth) throws ConfigException {
    var place = node.getStartMark().map(mark -> place(name, mark)).orElse(name);
    if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
      throw new ConfigException(place, "the document is nested or repeated beyond its bounds");
    }
    if (node instanceof ScalarNode scalar) {
      return new Scalar(scalar.getValue(), type(scalar.getTag()), place);
    }
    if (node instanceof SequenceNode sequence) {
      var elements = new ArrayList<ConfigNode>();
      for (var element : sequence.getValue()) {
        elements.add(node(element, depth + 1));
      }
      return new Items(elements, place);
    }
    if (node instanceof MappingNode mapping) {
      return mapping(mapping, place, depth);
    }
    throw new ConfigException(place, "neither text, a list nor a mapping");
  }

  private Fields mapping(MappingNode mapping, String place, int depth) throws ConfigException {
    var fields = new LinkedHashMap<String, ConfigNode>();
    for (var tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new ConfigException(place, "a key must be text");
      }
      var value = node(tuple.getValueNode(), depth + 1);
      if (fields.put(key.getValue(), value) != null) {
        var where = key.getStartMark().map(mark -> place(name, mark)).orElse(place);
        throw new ConfigException(where, "\"" + key.getValue() + "\" is given twice");
      }
    }
    return new Fields(Collections.unmodifiableMap(fields), place);
  }

  private static Kind type(Tag tag) {
    if (tag.equals(Tag.INT)) {
      return Kind.INTEGER;
    }
    if (tag.equals(Tag.FLOAT)) {
      return Kind.DECIMAL;
    }
    if (tag.equals(Tag.BOOL)) {
      return Kind.BOOLEAN;
    }
    return tag.equals(Tag.NULL) ? Kind.NULL : Kind.TEXT;
  }

  private static String place(String name, Mark mark) {
    return name + ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
  }
}

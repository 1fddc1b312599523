package io.vpc4j.core.config;

import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.BooleanValue;
import io.vpc4j.core.config.ConfigValue.Member;
import io.vpc4j.core.config.ConfigValue.NullValue;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * JSON with comments and trailing commas, over Jackson's tokens.
 *
 * <p>Accepts what jsonc-parser 3.2 accepts. No recursion: the depth of the document costs no stack.
 * The only class that sees Jackson.
 */
final class JsoncReader {

  // Names are neither interned nor pooled: a configuration is read once, and a shared table of
  // names
  // is one more thing a hostile file could fill.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(ConfigDocument.MAX_DEPTH + 1) // ours is checked first
                  .maxNumberLength(ConfigDocument.MAX_NUMBER_LENGTH)
                  .maxStringLength(ConfigDocument.MAX_OCTETS)
                  .maxNameLength(ConfigDocument.MAX_OCTETS)
                  .build())
          .build();

  private final String fileName;
  private final String text;
  private final DuplicateKeys duplicates;
  private final ReadBudget budget;

  JsoncReader(String fileName, String text, DuplicateKeys duplicates) {
    this.fileName = fileName;
    this.text = JsoncFault.withHarmlessComments(text);
    this.duplicates = duplicates;
    this.budget = new ReadBudget(fileName);
  }

  /** An object or array that has begun: what it holds so far. */
  private static final class Open {
    final int line;
    final int column;
    final @Nullable List<ConfigValue> elements; // null in an object
    final Map<String, Member> members; // empty in an array
    String key = "";
    int keyLine;
    int keyColumn;

    Open(boolean object, TokenStreamLocation at) {
      this.line = at.getLineNr();
      this.column = at.getColumnNr();
      this.elements = object ? null : new ArrayList<>(4);
      this.members = object ? new LinkedHashMap<>(8) : Map.of();
    }

    ConfigValue close() {
      if (elements != null) {
        return new ArrayValue(Collections.unmodifiableList(elements), line, column);
      }
      return new ObjectValue(
          members.isEmpty() ? Map.of() : Collections.unmodifiableMap(members), line, column);
    }
  }

  /** The whole document: exactly one value. */
  ConfigValue read() throws ConfigDocumentException {
    var open = new ArrayDeque<Open>();
    ConfigValue root = null;
    try (var parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      try {
        for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
          var at = parser.currentTokenLocation();
          ConfigValue done = null;
          switch (token) {
            case START_OBJECT, START_ARRAY -> {
              budget.value(at.getLineNr(), at.getColumnNr());
              budget.depth(open.size() + 1, at.getLineNr(), at.getColumnNr());
              refuseSecondRoot(root, at);
              open.push(new Open(token == JsonToken.START_OBJECT, at));
            }
            case END_OBJECT, END_ARRAY -> done = open.pop().close();
            case PROPERTY_NAME -> key(open.element(), parser.currentName(), at);
            default -> {
              budget.value(at.getLineNr(), at.getColumnNr());
              refuseSecondRoot(root, at);
              done = scalar(parser, token, at);
            }
          }
          if (done != null) {
            if (open.isEmpty()) {
              root = done;
            } else {
              add(open.element(), done);
            }
          }
        }
      } catch (JacksonException e) {
        throw refused(e, parser, root);
      }
    }
    if (root == null) {
      int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
      throw new ConfigDocumentException(
          fileName,
          line,
          text.length() - text.lastIndexOf('\n'),
          "ValueExpected: the document holds no value");
    }
    return root;
  }

  private void refuseSecondRoot(@Nullable ConfigValue root, TokenStreamLocation at)
      throws ConfigDocumentException {
    if (root != null) {
      throw new ConfigDocumentException(
          fileName,
          at.getLineNr(),
          at.getColumnNr(),
          "EndOfFileExpected: something follows the document's one value");
    }
  }

  private void key(Open object, String key, TokenStreamLocation at) throws ConfigDocumentException {
    object.key = key;
    object.keyLine = at.getLineNr();
    object.keyColumn = at.getColumnNr();
    var first = object.members.get(key);
    if (first != null && duplicates == DuplicateKeys.REFUSED) {
      throw new ConfigDocumentException(
          fileName,
          object.keyLine,
          object.keyColumn,
          "the key "
              + JsonText.quote(key)
              + " is already set at line "
              + first.line()
              + ", column "
              + first.column());
    }
  }

  private static void add(Open parent, ConfigValue value) {
    if (parent.elements != null) {
      parent.elements.add(value);
    } else {
      // A key that is set again keeps its place in the order, as in JavaScript.
      parent.members.put(
          parent.key, new Member(parent.key, parent.keyLine, parent.keyColumn, value));
    }
  }

  private static ConfigValue scalar(JsonParser parser, JsonToken token, TokenStreamLocation at) {
    int line = at.getLineNr();
    int column = at.getColumnNr();
    return switch (token) {
      case VALUE_STRING -> new StringValue(parser.getString(), line, column);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          new NumberValue(Double.parseDouble(parser.getString()), line, column);
      case VALUE_TRUE, VALUE_FALSE -> new BooleanValue(token == JsonToken.VALUE_TRUE, line, column);
      case VALUE_NULL -> new NullValue(line, column);
      default -> throw new AssertionError("no such token in a JSON document: " + token);
    };
  }

  private ConfigDocumentException refused(
      JacksonException e, JsonParser parser, @Nullable ConfigValue root) {
    var location = e.getLocation();
    int offset = location == null ? text.length() : (int) location.getCharOffset();
    var context = parser.streamReadContext();
    var last = parser.currentToken();
    var before =
        root != null
            ? JsoncFault.Before.END
            : last == JsonToken.PROPERTY_NAME
                ? JsoncFault.Before.MEMBER_VALUE
                : last == null || last == JsonToken.START_ARRAY
                    ? JsoncFault.Before.VALUE
                    : last == JsonToken.START_OBJECT
                        ? JsoncFault.Before.KEY
                        : context.inObject()
                            ? JsoncFault.Before.NEXT_MEMBER
                            : JsoncFault.Before.NEXT_ELEMENT;
    boolean tooLong = e instanceof StreamConstraintsException;
    var reason =
        tooLong
            ? "a number is longer than " + ConfigDocument.MAX_NUMBER_LENGTH + " characters"
            : JsoncFault.describe(text, offset, before, context.inArray(), e.getOriginalMessage());
    int line = location == null ? 1 : location.getLineNr();
    int column = location == null ? 1 : location.getColumnNr();
    if (reason.startsWith(JsoncFault.SYMBOL)) {
      column -= offset - JsoncFault.startOfSymbol(text, offset);
    }
    var refused = new ConfigDocumentException(fileName, line, column, reason);
    refused.initCause(e);
    return refused;
  }
}

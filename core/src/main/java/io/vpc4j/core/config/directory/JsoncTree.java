package io.vpc4j.core.config.directory;

import io.vpc4j.Problem.Severity;
import io.vpc4j.core.config.directory.Value.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * JSON with comments and trailing commas, RFC 8259 otherwise.
 *
 * <p>The parser's own messages quote the file, which may hold secrets, so they are put in other
 * words.
 */
final class JsoncTree {

  private static final JsonFactory JSONC =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(DirectoryText.MAX_DEPTH).build())
          .build();

  private final JsonParser parser;
  private final Problems problems;

  private JsoncTree(JsonParser parser, Problems problems) {
    this.parser = parser;
    this.problems = problems;
  }

  static Optional<Value> read(String text, Problems problems) {
    try (var parser = JSONC.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        problems.add(Severity.ERROR, 0, 0, "", "is empty; an object is wanted, {} at least");
        return Optional.empty();
      }
      var value = new JsoncTree(parser, problems).value();
      if (parser.nextToken() != null) {
        var place = parser.currentTokenLocation();
        problems.add(
            Severity.ERROR,
            place.getLineNr(),
            place.getColumnNr(),
            "",
            "nothing may follow the object");
      }
      return Optional.of(value);
    } catch (StreamConstraintsException e) {
      note(problems, e, "is nested too deeply, or holds a name or number that is too long");
    } catch (StreamReadException e) {
      note(problems, e, inOtherWords(String.valueOf(e.getOriginalMessage())));
    }
    return Optional.empty();
  }

  private static void note(Problems problems, JacksonException e, String message) {
    var place = e.getLocation();
    problems.add(
        Severity.ERROR,
        place == null ? 0 : Math.max(0, place.getLineNr()),
        place == null ? 0 : Math.max(0, place.getColumnNr()),
        "",
        message);
  }

  private static String inOtherWords(String message) {
    if (message.startsWith("Unexpected end")) {
      return "the file ends before what it began";
    }
    if (message.startsWith("Illegal unquoted character")) {
      return "a string must not hold a line end or a control character; write it as an escape";
    }
    if (message.startsWith("Unrecognized character escape")) {
      return "no such escape in a string";
    }
    if (message.contains("was expecting comma")) {
      return "a comma is wanted here";
    }
    if (message.contains("was expecting double-quote to start property name")) {
      return "a name in double quotes is wanted here";
    }
    if (message.contains("was expecting a colon")) {
      return "a colon is wanted here";
    }
    if (message.startsWith("Unrecognized token") || message.contains("expected a value")) {
      return "a value is wanted here: a string in double quotes, a number, true, false, null, a list"
          + " or an object";
    }
    return "not valid JSON here";
  }

  private Value value() {
    var place = parser.currentTokenLocation();
    var line = place.getLineNr();
    var column = place.getColumnNr();
    return switch (parser.currentToken()) {
      case START_OBJECT -> table(line, column);
      case START_ARRAY -> {
        var items = new ArrayList<Value>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value());
        }
        yield new Value.Sequence(items, line, column);
      }
      case VALUE_STRING -> new Value.Text(parser.getString(), line, column);
      case VALUE_TRUE, VALUE_FALSE -> new Value.Flag(parser.getBooleanValue(), line, column);
      case VALUE_NULL -> new Value.Other("null", "null", line, column);
      default -> new Value.Amount(parser.getNumberValue(), line, column);
    };
  }

  private Value table(int line, int column) {
    var members = new LinkedHashMap<String, Member>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var place = parser.currentTokenLocation();
      var name = parser.currentName();
      parser.nextToken();
      var member = new Member(value(), place.getLineNr(), place.getColumnNr());
      var first = members.putIfAbsent(name, member);
      if (first != null) {
        problems.add(
            Severity.ERROR,
            member.line(),
            member.column(),
            "",
            "the field \""
                + Item.shortened(name)
                + "\" is there already (line "
                + first.line()
                + ")");
      }
    }
    return new Value.Table(members, line, column);
  }
}

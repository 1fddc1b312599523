package io.vpc4j.core.config.directory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * As much of JSON Schema 2020-12 as the directory's schema uses. A keyword it does not know is a
 * failure, so that none is passed over in silence.
 */
final class JsonSchema {

  private static final Set<String> ANNOTATIONS = Set.of("description", "default", "title");

  private final Map<String, Object> root;

  private JsonSchema(Map<String, Object> root) {
    this.root = root;
  }

  static JsonSchema shipped() {
    return new JsonSchema(object(plain(Path.of("..", "docs", "schema", "directory.schema.json"))));
  }

  Set<String> definitions() {
    return object(root, "$defs").keySet();
  }

  Map<String, Object> definition(String name) {
    return object(object(root, "$defs"), name);
  }

  Map<String, Object> property(String definition, String name) {
    return object(object(definition(definition), "properties"), name);
  }

  /** What is wrong with a JSONC or TOML file; nothing if it is valid. */
  List<String> complaints(Path file) {
    var complaints = new ArrayList<String>();
    check(definition("directory"), plain(file), "", complaints);
    return complaints;
  }

  private void check(Map<String, Object> schema, Object value, String at, List<String> complaints) {
    schema.forEach(
        (keyword, argument) -> {
          if (!ANNOTATIONS.contains(keyword)
              && !checkAny(keyword, argument, value, at, complaints)
              && !checkText(keyword, argument, value, at, complaints)
              && !checkNumber(keyword, argument, value, at, complaints)
              && !checkList(keyword, argument, value, at, complaints)
              && !checkObject(schema, keyword, argument, value, at, complaints)) {
            throw new AssertionError("unknown keyword " + keyword);
          }
        });
  }

  private boolean checkAny(
      String keyword, Object argument, Object value, String at, List<String> complaints) {
    switch (keyword) {
      case "$ref" ->
          check(
              definition(((String) argument).substring("#/$defs/".length())),
              value,
              at,
              complaints);
      case "type" -> require(isOfType((String) argument, value), at, keyword, complaints);
      case "enum" -> require(((List<?>) argument).contains(value), at, keyword, complaints);
      case "anyOf" -> require(matches(argument, value) > 0, at, keyword, complaints);
      case "oneOf" -> require(matches(argument, value) == 1, at, keyword, complaints);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean checkText(
      String keyword, Object argument, Object value, String at, List<String> complaints) {
    if (!Set.of("pattern", "minLength", "maxLength").contains(keyword)) {
      return false;
    }
    if (value instanceof String text) {
      var fits =
          switch (keyword) {
            case "pattern" -> Pattern.compile((String) argument).matcher(text).find();
            case "minLength" -> text.length() >= number(argument);
            default -> text.length() <= number(argument);
          };
      require(fits, at, keyword, complaints);
    }
    return true;
  }

  private boolean checkNumber(
      String keyword, Object argument, Object value, String at, List<String> complaints) {
    if (!Set.of("minimum", "maximum").contains(keyword)) {
      return false;
    }
    if (value instanceof Number number) {
      var fits =
          keyword.equals("minimum")
              ? number.longValue() >= number(argument)
              : number.longValue() <= number(argument);
      require(fits, at, keyword, complaints);
    }
    return true;
  }

  private boolean checkList(
      String keyword, Object argument, Object value, String at, List<String> complaints) {
    if (!Set.of("items", "minItems", "maxItems").contains(keyword)) {
      return false;
    }
    if (value instanceof List<?> list) {
      switch (keyword) {
        case "items" -> {
          for (var i = 0; i < list.size(); i++) {
            check(object(argument), list.get(i), at + "[" + i + "]", complaints);
          }
        }
        case "minItems" -> require(list.size() >= number(argument), at, keyword, complaints);
        default -> require(list.size() <= number(argument), at, keyword, complaints);
      }
    }
    return true;
  }

  private boolean checkObject(
      Map<String, Object> schema,
      String keyword,
      Object argument,
      Object value,
      String at,
      List<String> complaints) {
    if (!(value instanceof Map<?, ?>)) {
      return Set.of(
              "properties",
              "additionalProperties",
              "required",
              "propertyNames",
              "dependentRequired")
          .contains(keyword);
    }
    var members = object(value);
    switch (keyword) {
      case "properties" ->
          object(argument)
              .forEach(
                  (name, inner) -> {
                    if (members.containsKey(name)) {
                      check(object(inner), members.get(name), at + "." + name, complaints);
                    }
                  });
      case "additionalProperties" ->
          members.forEach(
              (name, member) -> {
                if (!schema.containsKey("properties")
                    || !object(schema, "properties").containsKey(name)) {
                  if (argument instanceof Boolean allowed) {
                    require(allowed, at + "." + name, keyword, complaints);
                  } else {
                    check(object(argument), member, at + "." + name, complaints);
                  }
                }
              });
      case "required" ->
          require(members.keySet().containsAll((List<?>) argument), at, keyword, complaints);
      case "propertyNames" ->
          members.keySet().forEach(name -> check(object(argument), name, at, complaints));
      case "dependentRequired" ->
          object(argument)
              .forEach(
                  (name, others) ->
                      require(
                          !members.containsKey(name)
                              || members.keySet().containsAll((List<?>) others),
                          at,
                          keyword,
                          complaints));
      default -> {
        return false;
      }
    }
    return true;
  }

  private long matches(Object schemas, Object value) {
    return ((List<?>) schemas)
        .stream()
            .filter(
                schema -> {
                  var complaints = new ArrayList<String>();
                  check(object(schema), value, "", complaints);
                  return complaints.isEmpty();
                })
            .count();
  }

  private static boolean isOfType(String type, Object value) {
    return switch (type) {
      case "string" -> value instanceof String;
      case "integer" -> value instanceof Integer || value instanceof Long;
      case "boolean" -> value instanceof Boolean;
      case "array" -> value instanceof List;
      case "object" -> value instanceof Map;
      default -> throw new AssertionError("unknown type " + type);
    };
  }

  private static void require(boolean fits, String at, String keyword, List<String> complaints) {
    if (!fits) {
      complaints.add(at + ": " + keyword);
    }
  }

  private static long number(Object argument) {
    return ((Number) argument).longValue();
  }

  static Set<String> names(Object value) {
    return object(value).keySet();
  }

  static Map<String, Object> object(Map<String, Object> owner, String name) {
    return object(owner.get(name));
  }

  @SuppressWarnings("unchecked") // every key of a JSON object is a string
  private static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  private static Object plain(Path file) {
    var problems = new Problems(file.toString());
    return DirectoryText.read(file, problems)
        .map(Plain::of)
        .orElseThrow(() -> new AssertionError(problems.inOrder()));
  }
}

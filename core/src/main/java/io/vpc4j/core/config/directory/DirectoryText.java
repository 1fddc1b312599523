package io.vpc4j.core.config.directory;

import io.vpc4j.Problem.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** Temporary. */
final class DirectoryText {
  private DirectoryText() {}

  static Optional<ConfigValue> read(Path file, Problems problems) {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        problems.add(Severity.ERROR, 0, 0, "", "not a file");
        return Optional.empty();
      }
      byte[] octets;
      try (var in = Files.newInputStream(file)) {
        octets = in.readNBytes(DirectoryReader.MAX_FILE_OCTETS + 1);
      }
      var factory =
          JsonFactory.builder()
              .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
              .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
              .build();
      try (var p = factory.createParser(ObjectReadContext.empty(), octets)) {
        p.nextToken();
        return Optional.of(value(p));
      }
    } catch (StreamReadException e) {
      problems.add(
          Severity.ERROR,
          e.getLocation().getLineNr(),
          e.getLocation().getColumnNr(),
          "",
          "bad JSON");
    } catch (NoSuchFileException e) {
      problems.add(Severity.ERROR, 0, 0, "", "there is no such file");
    } catch (IOException e) {
      problems.add(Severity.ERROR, 0, 0, "", "cannot be read");
    }
    return Optional.empty();
  }

  private static ConfigValue value(JsonParser p) {
    var l = p.currentTokenLocation();
    int line = l.getLineNr();
    int col = l.getColumnNr();
    switch (p.currentToken()) {
      case START_OBJECT -> {
        var m = new LinkedHashMap<String, ConfigValue>();
        while (p.nextToken() != JsonToken.END_OBJECT) {
          var k = p.currentName();
          p.nextToken();
          m.put(k, value(p));
        }
        return new ConfigValue.Table(m, line, col);
      }
      case START_ARRAY -> {
        var a = new ArrayList<ConfigValue>();
        while (p.nextToken() != JsonToken.END_ARRAY) {
          a.add(value(p));
        }
        return new ConfigValue.Sequence(a, line, col);
      }
      case VALUE_STRING -> {
        return new ConfigValue.Text(p.getString(), line, col);
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return new ConfigValue.Flag(p.getBooleanValue(), line, col);
      }
      case VALUE_NULL -> {
        return new ConfigValue.Null(line, col);
      }
      default -> {
        return new ConfigValue.Num(p.getNumberValue(), line, col);
      }
    }
  }
}

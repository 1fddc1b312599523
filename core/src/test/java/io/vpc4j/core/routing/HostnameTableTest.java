package io.vpc4j.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostnameTableTest {

  @ParameterizedTest
  @CsvSource({
    "a.example,   a.example,       true",
    "a.example,   A.Example.,      true",
    "*.example,   a.example,       true",
    "*.example,   a.b.example,     false",
    "*.example,   example,         false",
    "*.example,   .example,        false",
    "**.example,  a.b.example,     true",
    "**.example,  a.example,       true",
    "**.example,  example,         false",
    "**.example,  notexample,      false",
    "*.example,   a.example.evil,  false"
  })
  void aPatternMatches(String pattern, String name, boolean matches) {
    assertThat(HostnameTable.matches(pattern, name)).isEqualTo(matches);
  }

  @Test
  void anExactNameHidesAWildcard() {
    var table = new HostnameTable<>(Map.of("*.x.internal", "wild", "a.x.internal", "exact"));

    assertThat(table.find("a.x.internal")).isEqualTo("exact");
    assertThat(table.find("B.X.internal.")).isEqualTo("wild");
    assertThat(table.findWildcard("a.x.internal")).isEqualTo("wild");
    assertThat(table.find("x.internal")).isNull();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void agreesWithTryingEveryPattern(long seed) {
    var random = new Random(seed);
    var names = new HashMap<String, String>();
    for (var i = 0; i < 60; i++) {
      var name = (random.nextInt(3) == 0 ? "*." : "") + randomName(random);
      names.put(name, name);
    }
    var table = new HostnameTable<>(names);

    for (var step = 0; step < 5_000; step++) {
      var asked = randomName(random);
      var expected =
          names.containsKey(asked)
              ? asked
              : names.keySet().stream()
                  .filter(p -> p.startsWith("*.") && HostnameTable.matches(p, asked))
                  .findFirst()
                  .orElse(null);
      assertThat(table.find(asked)).as("seed %d, name %s", seed, asked).isEqualTo(expected);
    }
  }

  private static String randomName(Random random) {
    var labels = new String[] {"a", "b", "c", "internal"};
    var name = new StringBuilder(labels[random.nextInt(4)]);
    for (var i = random.nextInt(3); i > 0; i--) {
      name.append('.').append(labels[random.nextInt(4)]);
    }
    return name.toString();
  }
}

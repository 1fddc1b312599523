package io.vpc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {

  @Test
  void namesAreComparedWithoutCaseAndKeptAsTheyWere() {
    var headers = Headers.of("X-One", "1", "x-one", "2", "Y", "3");

    assertThat(headers.get("X-ONE")).contains("1, 2");
    assertThat(headers.all("x-One")).containsExactly("1", "2");
    assertThat(headers.name(1)).isEqualTo("x-one");
    assertThat(headers.size()).isEqualTo(3);
    assertThat(headers.has("y")).isTrue();
    assertThat(headers.get("z")).isEmpty();
    assertThat(headers).isEqualTo(Headers.of("x-ONE", "1", "X-one", "2", "y", "3"));
    assertThat(headers).hasSameHashCodeAs(Headers.of("x-ONE", "1", "X-one", "2", "y", "3"));
    assertThat(headers).isNotEqualTo(Headers.of("Y", "3", "X-One", "1", "x-one", "2"));
  }

  @Test
  void setCookieStaysMultiple() {
    var headers = Headers.of("Set-Cookie", "a=1; Expires=Wed, 21 Oct", "set-cookie", "b=2");

    assertThat(headers.setCookie()).containsExactly("a=1; Expires=Wed, 21 Oct", "b=2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "a:", "ä", "a\n", "(x)", "a/b", "a@b", "\u0000", "x\u007f"})
  void aNameMustBeAToken(String name) {
    assertThatThrownBy(() -> Headers.of(name, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid header name.");
    assertThatThrownBy(() -> Headers.builder().set(name, "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\r\nInjected: 1", "a\u0000b"})
  void aValueHoldsNoLineEnds(String value) {
    assertThatThrownBy(() -> Headers.of("x", value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid header value.");
  }

  @Test
  void whiteSpaceAroundAValueIsDropped() {
    assertThat(Headers.of("x", " \t a b \r\n").get("x")).contains("a b");
    assertThat(Headers.of("x", "  ").get("x")).contains("");
  }

  @Test
  void aValueIsMissing() {
    assertThatThrownBy(() -> Headers.of("x")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void settingReplacesInThePlaceOfTheFirst() {
    var headers =
        Headers.of("a", "1", "b", "2", "A", "3", "c", "4").toBuilder().set("a", "5").build();

    assertThat(headers).isEqualTo(Headers.of("a", "5", "b", "2", "c", "4"));
    assertThat(headers.toBuilder().remove("B").set("d", "6").build())
        .isEqualTo(Headers.of("a", "5", "c", "4", "d", "6"));
  }

  @Test
  void theyAreReadInOrder() {
    var headers = Headers.of("a", "1", "b", "2");
    var seen = new ArrayList<String>();
    headers.forEach((name, value) -> seen.add(name + value));

    assertThat(seen).containsExactly("a1", "b2");
    assertThat(headers).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
    var past = Headers.empty().iterator();
    assertThatThrownBy(past::next).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(() -> headers.value(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void credentialsAreNotShown() {
    assertThat(Headers.of("Authorization", "Bearer x", "Cookie", "c", "X", "1").toString())
        .isEqualTo("Authorization: ***\nCookie: ***\nX: 1\n");
  }

  /** The slow twin: a list of pairs. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void anySequenceOfChangesGivesWhatAListWouldGive(long seed) {
    var random = new Random(seed);
    var builder = Headers.builder();
    var twin = new ArrayList<Map.Entry<String, String>>();
    for (var i = 0; i < 500; i++) {
      var name = List.of("a", "A", "b", "B", "c").get(random.nextInt(5));
      var value = "v" + i;
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          builder.add(name, value);
          twin.add(Map.entry(name, value));
        }
        case 2 -> {
          builder.set(name, value);
          var first = indexOf(twin, name);
          if (first < 0) {
            twin.add(Map.entry(name, value));
          } else {
            var later = twin.subList(first + 1, twin.size());
            later.removeIf(entry -> entry.getKey().equalsIgnoreCase(name));
            twin.set(first, Map.entry(name, value));
          }
        }
        default -> {
          builder.remove(name);
          twin.removeIf(entry -> lower(entry.getKey()).equals(lower(name)));
        }
      }
      assertThat(builder.build()).as("seed %d, step %d", seed, i).containsExactlyElementsOf(twin);
    }
  }

  private static int indexOf(List<Map.Entry<String, String>> pairs, String name) {
    for (var i = 0; i < pairs.size(); i++) {
      if (lower(pairs.get(i).getKey()).equals(lower(name))) {
        return i;
      }
    }
    return -1;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}

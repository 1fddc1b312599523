package io.vpc4j.tunnel.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.tunnel.octets.Malformed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SerializedHeadersTest {

  /** Seen from a real connector. [T] 3.5 */
  private static final String SEEN = "WC1PcmlnaW4:eWVz;U2V0LUNvb2tpZQ:YT0x;U2V0LUNvb2tpZQ:Yj0y";

  private static final List<HeaderField> FIELDS =
      List.of(
          new HeaderField("X-Origin", "yes"),
          new HeaderField("Set-Cookie", "a=1"),
          new HeaderField("Set-Cookie", "b=2"));

  @Test
  void readsAndWritesWhatAConnectorSends() throws Malformed {
    assertThat(SerializedHeaders.read(SEEN)).isEqualTo(FIELDS);
    assertThat(SerializedHeaders.write(FIELDS)).isEqualTo(SEEN);
  }

  @Test
  void noFieldsAreAnEmptyText() throws Malformed {
    assertThat(SerializedHeaders.read("")).isEmpty();
    assertThat(SerializedHeaders.write(List.of())).isEmpty();
  }

  @Test
  void emptyPairsArePassedOverAndEmptyValuesAreNot() throws Malformed {
    assertThat(SerializedHeaders.read(";;eA:;")).containsExactly(new HeaderField("x", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eA",
        "eA:eA:eA",
        ":eA",
        ":",
        "eA==:eA",
        "eA:eA==",
        "e-A:eA",
        "eA:e A",
        "\u0101A:eA",
        "eA:e"
      })
  void whatIsNoPairIsRefused(String text) {
    assertThatThrownBy(() -> SerializedHeaders.read(text))
        .isInstanceOfSatisfying(
            Malformed.class, e -> assertThat(e.reason()).isEqualTo(Malformed.Reason.VALUE));
  }

  @Test
  void tooManyFieldsAreRefused() {
    assertThatThrownBy(
            () -> SerializedHeaders.read("eA:eA;".repeat(SerializedHeaders.MAX_FIELDS + 1)))
        .isInstanceOfSatisfying(
            Malformed.class, e -> assertThat(e.reason()).isEqualTo(Malformed.Reason.LIMIT));
  }

  @Test
  void aCharacterThatIsNoOctetCannotBeWritten() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SerializedHeaders.write(List.of(new HeaderField("x", "\u0100"))));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void anyOctetsPassUnchanged(long seed) throws Malformed {
    var random = new Random(seed);
    for (var round = 0; round < 500; round++) {
      var fields = new ArrayList<HeaderField>();
      for (var i = random.nextInt(8); i > 0; i--) {
        fields.add(new HeaderField("n" + octets(random), octets(random)));
      }
      assertThat(SerializedHeaders.read(SerializedHeaders.write(fields)))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(fields);
    }
  }

  private static String octets(Random random) {
    var text = new StringBuilder();
    for (var i = random.nextInt(20); i > 0; i--) {
      text.append((char) random.nextInt(256));
    }
    return text.toString();
  }
}

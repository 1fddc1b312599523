package io.vpc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmallTypesTest {

  // ---- addresses

  @ParameterizedTest
  @CsvSource({
    "10.0.5.42:6379, 10.0.5.42, 6379",
    "db.internal:5432, db.internal, 5432",
    "[fd00::1]:80, fd00::1, 80",
    "a_b:0, a_b, 0"
  })
  void anAddressIsHostAndPort(String text, String host, int port) {
    var address = ConnectAddress.parse(text);

    assertThat(address).isEqualTo(new ConnectAddress(host, port));
    assertThat(address).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'empty string, contains unsupported characters or is too long.'",
    ":80, is missing hostname.",
    "host, is missing port.",
    "host:, is missing port.",
    "host:65536, could not be parsed.",
    "host:8x, could not be parsed.",
    "host:+80, could not be parsed.",
    "host:000080, could not be parsed.",
    "fd00::1:80, could not be parsed.",
    "'[fd00::1', could not be parsed.",
    "a/b:80, 'empty string, contains unsupported characters or is too long.'"
  })
  void anAddressThatIsNoneIsRefusedInTheProductsWords(String text, String why) {
    assertThatThrownBy(() -> ConnectAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(why);
  }

  // ---- aborting

  @Test
  void anAbortTellsEveryListenerOnce() {
    var controller = new AbortController();
    var told = new AtomicInteger();
    var undo = controller.signal().onAbort(told::incrementAndGet);
    controller.signal().onAbort(told::incrementAndGet);
    undo.run();

    assertThat(controller.signal().aborted()).isFalse();
    controller.abort();
    controller.abort();

    assertThat(controller.signal().aborted()).isTrue();
    assertThat(told).hasValue(1);
    controller.signal().onAbort(told::incrementAndGet);
    assertThat(told).hasValue(2);
  }

  // ---- errors

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void aCodeIsItsWordOnTheWire(ErrorCode code) {
    assertThat(code.toString()).isEqualTo(code.name().toLowerCase(java.util.Locale.ROOT));
    assertThat(ErrorCode.of(code.toString())).isEqualTo(code);
    assertThat(code.blame()).isNotNull();
  }

  @Test
  void aWordThatIsNoCodeIsRefused() {
    assertThatThrownBy(() -> ErrorCode.of("nonsense"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nonsense");
  }

  @Test
  void aFailureSaysWhereAndHowLong() {
    var cause = new IllegalStateException("underneath");
    var failure =
        new VpcException(
            ErrorCode.CONNECTION_REFUSED, VpcException.Stage.CONNECT, "Refused.", cause);
    var placed = failure.at("10.0.1.50:80", "tunnel:x", Duration.ofMillis(7));

    assertThat(failure.destination()).isEmpty();
    assertThat(placed.code()).isEqualTo(ErrorCode.CONNECTION_REFUSED);
    assertThat(placed.destination()).contains("10.0.1.50:80");
    assertThat(placed.hop()).contains("tunnel:x");
    assertThat(placed.elapsed()).isEqualTo(Duration.ofMillis(7));
    assertThat(placed).hasCause(cause);
    assertThat(placed)
        .hasMessage(
            "connection_refused: Refused. (connect, 10.0.1.50:80 via tunnel:x, after 7 ms)");
    assertThat(placed.retryMayHelp()).isEqualTo(ErrorCode.CONNECTION_REFUSED.retryMayHelp());
  }

  // ---- limits

  @Test
  void limitsAreBuiltUpon() {
    var limits = Limits.defaults().toBuilder().maxConnections(7).build();

    assertThat(limits.maxConnections()).isEqualTo(7);
    assertThat(limits.toBuilder().build()).isEqualTo(limits);
    assertThat(Limits.defaults().toBuilder().build()).isEqualTo(Limits.defaults());
  }

  @Test
  void aLimitOutOfRangeIsNamed() {
    assertThatThrownBy(() -> Limits.defaults().toBuilder().maxConnections(0).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxConnections");
    assertThatThrownBy(
            () -> Limits.defaults().toBuilder().connectTimeout(Duration.ofDays(2)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("connectTimeout");
  }

  // ---- the rest

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void aConnectTimeoutIsPositive(long millis) {
    assertThatThrownBy(
            () -> new ConnectOptions(Duration.ofMillis(millis), ConnectOptions.SecureTransport.OFF))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTargetIsShownWithItsKind() {
    assertThat(new NetworkTarget.Tunnel("x")).hasToString("tunnel:x");
    assertThat(new NetworkTarget.Network("cf1:network").toString()).contains("cf1:network");
  }

  @Test
  void withoutARuntimeOpeningSaysWhatIsMissing() {
    assertThatThrownBy(() -> Vpc.builder().open())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("vpc4j-core");
  }
}

package io.vpc4j.mesh.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TcpStateTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          client closes first | ACTIVE_OPEN RECV_SYN_ACK CLOSE RECV_ACK_OF_FIN RECV_FIN TIMEOUT_2MSL | SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED
          server closes last  | PASSIVE_OPEN RECV_ACK_OF_SYN RECV_FIN CLOSE RECV_ACK_OF_FIN          | SYN_RECEIVED ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED
          both close at once  | ACTIVE_OPEN RECV_SYN_ACK CLOSE RECV_FIN RECV_ACK_OF_FIN TIMEOUT_2MSL | SYN_SENT ESTABLISHED FIN_WAIT_1 CLOSING TIME_WAIT CLOSED
          both open at once   | ACTIVE_OPEN RECV_SYN RECV_ACK_OF_SYN                                 | SYN_SENT SYN_RECEIVED ESTABLISHED
          closed while opening| PASSIVE_OPEN CLOSE RECV_ACK_OF_FIN                                   | SYN_RECEIVED FIN_WAIT_1 FIN_WAIT_2
          reset on the way    | ACTIVE_OPEN RECV_SYN_ACK CLOSE GIVE_UP                               | SYN_SENT ESTABLISHED FIN_WAIT_1 CLOSED
          """)
  void walksTheFigure(String story, String events, String states) {
    var state = TcpState.CLOSED;
    var walked = Stream.<TcpState>builder();
    for (var event : java.util.List.of(events.split(" ", -1))) {
      state = state.after(TcpState.Event.valueOf(event));
      walked.add(state);
    }
    assertThat(walked.build().map(Enum::name).collect(Collectors.joining(" ")))
        .as(story)
        .isEqualTo(states);
  }

  @Test
  void everyStateCanBeGivenUpOnceAndNoStateAfterThat() {
    for (var state : TcpState.values()) {
      assertThat(hasArrow(state, TcpState.Event.GIVE_UP))
          .as("%s", state)
          .isEqualTo(state != TcpState.CLOSED);
    }
  }

  @Test
  void onceTheApplicationClosedItCannotSend() {
    for (var state : TcpState.values()) {
      if (hasArrow(state, TcpState.Event.CLOSE)) {
        assertThat(state.after(TcpState.Event.CLOSE).sends)
            .as("%s", state)
            .isEqualTo(TcpState.Sends.REFUSED);
      }
    }
  }

  @Test
  void thereAreFifteenArrowsBesideGivingUp() {
    var arrows = 0;
    for (var state : TcpState.values()) {
      for (var event : TcpState.Event.values()) {
        arrows += event != TcpState.Event.GIVE_UP && hasArrow(state, event) ? 1 : 0;
      }
    }
    assertThat(arrows).isEqualTo(15);
  }

  private static boolean hasArrow(TcpState state, TcpState.Event event) {
    try {
      return state.after(event) != null;
    } catch (IllegalStateException noArrow) {
      return false;
    }
  }
}

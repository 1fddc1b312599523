package io.vpc4j.tunnel.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialFailuresTest {

  private static final String TUNNEL = "11111111-2222-3333-4444-555555555555";

  private static VpcException of(StreamFailure failure) {
    return DialFailures.of(failure, "10.0.0.1:80", TUNNEL, "cloudflared tunnel run");
  }

  private static VpcException refused(String words) {
    return of(StreamFailure.refused(words, ConnectResponse.failed(words)));
  }

  /** Words of connectors, [T] 7.7, of three operating systems. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connection_refused | dial tcp 10.0.0.1:80: connect: connection refused",
        "connection_refused | unable to dial tcp to origin 10.0.0.1:80: dial tcp 10.0.0.1:80:"
            + " connectex: No connection could be made because the target machine actively refused"
            + " it.",
        "connection_timeout | dial tcp 10.0.0.1:80: i/o timeout",
        "connection_timeout | dial tcp 10.0.0.1:80: connect: connection timed out",
        "connection_timeout | context deadline exceeded",
        "destination_ip_unroutable | dial tcp 10.0.0.1:80: connect: no route to host",
        "destination_ip_unroutable | dial tcp 10.0.0.1:80: connect: network is unreachable",
        "destination_ip_unroutable | dial tcp 224.0.0.1:80: connect: invalid argument",
        "destination_ip_unroutable | connect: cannot assign requested address",
        "dns_error | dial tcp: lookup db.internal on 127.0.0.53:53: no such host",
        "dns_error | lookup db.internal: i/o timeout",
        "destination_ip_prohibited | 10.0.0.1:80 is denied by the rules",
        "destination_unavailable | your configuration has disabled warp-routing",
        "destination_unavailable | something that nobody has heard of",
      })
  void theConnectorsWordsBecomeACode(String code, String words) {
    var failure = refused(words);

    assertThat(failure.code().toString().toLowerCase(Locale.ROOT)).isEqualTo(code);
    assertThat(failure).hasMessageContaining("10.0.0.1:80").hasMessageContaining(words);
    assertThat(failure.stage())
        .isEqualTo(failure.code() == ErrorCode.DNS_ERROR ? Stage.RESOLVE : Stage.CONNECT);
  }

  @Test
  void whereThereAreNoWordsNothingIsGuessed() {
    var silent = ConnectResponse.failed(StreamFailure.NO_REASON);

    var failure = of(StreamFailure.refused(StreamFailure.NO_REASON, silent));

    assertThat(failure.code()).isEqualTo(ErrorCode.DESTINATION_UNAVAILABLE);
    assertThat(failure).hasMessageContaining("Over HTTP/2 it does not say why");
  }

  @Test
  void tooManyFlowsAreTheConnectorsLimitWhateverItsWords() {
    var words = "connection refused: too many active flows";

    var failure = of(StreamFailure.refused(words, ConnectResponse.rateLimited(words)));

    assertThat(failure.code()).isEqualTo(ErrorCode.CONNECTION_LIMIT_REACHED);
    assertThat(failure).hasMessageContaining("max-active-flows");
  }

  @Test
  void whatNeverReachedAConnectorSaysHowToRunOne() {
    var failure = of(StreamFailure.notOpened("the last one left 3 s ago", null));

    assertThat(failure.code()).isEqualTo(ErrorCode.DESTINATION_UNAVAILABLE);
    assertThat(failure)
        .hasMessageContaining(TUNNEL)
        .hasMessageContaining(
            "the last one left 3 s ago. Run one next to the services: cloudflared");
  }

  @Test
  void anAnswerThatDidNotComeIsATimeoutAndOneThatWasLostATermination() {
    assertThat(of(StreamFailure.timedOut("late")).code()).isEqualTo(ErrorCode.CONNECTION_TIMEOUT);
    var lost = of(StreamFailure.lost("nothing was heard for 4 s", null));
    assertThat(lost.code()).isEqualTo(ErrorCode.CONNECTION_TERMINATED);
    assertThat(lost).hasMessageContaining("nothing was heard for 4 s");
  }

  @Test
  void theCauseIsKept() {
    var cause = StreamFailure.timedOut("late");

    assertThat(of(cause)).hasCause(cause);
  }
}

package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import java.net.SocketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExitCodeTest {

  @ParameterizedTest
  @CsvSource({
    "DNS_ERROR, 6",
    "CONNECTION_REFUSED, 7",
    "DESTINATION_NOT_FOUND, 7",
    "CONNECTION_TIMEOUT, 28",
    "REQUEST_TIMEOUT, 28",
    "TLS_PROTOCOL_ERROR, 35",
    "CONNECTION_TERMINATED, 52",
    "TLS_CERTIFICATE_ERROR, 60",
    "REDIRECT_FAILED, 47"
  })
  void isCurlsNumberForTheSameFault(ErrorCode code, int number) {
    assertThat(ExitCode.of(new VpcException(code, Stage.CONNECT, "x"))).isEqualTo(number);
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void isNeverZeroForAFailure(ErrorCode code) {
    assertThat(ExitCode.of(new VpcException(code, Stage.CONNECT, "x"))).isPositive();
  }

  @Test
  void tellsAResetWhileReceivingFromAResponseThatWasCutShort() {
    var cut = new VpcException(ErrorCode.HTTP_RESPONSE_INCOMPLETE, Stage.RESPONSE, "x");
    var reset =
        new VpcException(
            ErrorCode.HTTP_RESPONSE_INCOMPLETE, Stage.RESPONSE, "x", new SocketException("reset"));

    assertThat(ExitCode.of(cut)).isEqualTo(18);
    assertThat(ExitCode.of(reset)).isEqualTo(56);
  }
}

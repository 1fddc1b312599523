package io.vpc4j.tunnel.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Metadata;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpansTest {

  private static ConnectResponse with(Metadata... lines) {
    return new ConnectResponse("", List.of(lines));
  }

  @Test
  void theyAreALineOrAHeader() {
    assertThat(Spans.of(with(new Metadata("Cf-Int-Cloudflared-Tracing", "AQID"))))
        .contains(new byte[] {1, 2, 3});
    assertThat(Spans.of(with(Metadata.header("Cf-Int-Cloudflared-Tracing", "AQID"))))
        .contains(new byte[] {1, 2, 3});
    assertThat(Spans.of(ConnectResponse.connected())).isEmpty();
  }

  @Test
  void whatIsNoneOrTooMuchIsDropped() {
    assertThat(Spans.of(with(new Metadata(Metadata.TRACING, "no base64!")))).isEmpty();
    assertThat(Spans.of(with(new Metadata(Metadata.TRACING, "")))).isEmpty();
    var most = "A".repeat(Spans.MAX_OCTETS / 3 * 4);
    assertThat(Spans.of(with(new Metadata(Metadata.TRACING, most)))).isPresent();
    assertThat(Spans.of(with(new Metadata(Metadata.TRACING, most + "AAAA")))).isEmpty();
  }
}

package io.vpc4j.tunnel.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.tunnel.Vectors;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.ReadLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamVectorsTest {

  private static final ConnectRequest TCP_FLOW =
      new ConnectRequest(
          ConnectRequest.Type.TCP,
          "127.0.0.1:19000",
          List.of(new Metadata(Metadata.FLOW_ID, "abc")));

  private static final ConnectRequest HTTP =
      new ConnectRequest(
          ConnectRequest.Type.HTTP,
          "http://app.example.com/hello?x=1",
          List.of(
              new Metadata(Metadata.HTTP_METHOD, "GET"),
              new Metadata(Metadata.HTTP_HOST, "app.example.com"),
              Metadata.header("X-Test", "1"),
              Metadata.header("User-Agent", "edge")));

  private static final ConnectResponse REFUSED =
      ConnectResponse.failed(
          "unable to dial tcp to origin 127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection"
              + " refused");

  @Test
  void requestsAreWrittenAsRecorded() {
    assertThat(Vectors.hex(TCP_FLOW.encode())).isEqualTo(Vectors.hex("request-tcp-flow"));
    assertThat(Vectors.hex(ConnectRequest.tcp("127.0.0.1:1").encode()))
        .isEqualTo(Vectors.hex("request-tcp"));
    assertThat(Vectors.hex(HTTP.encode())).isEqualTo(Vectors.hex("request-http"));
  }

  @Test
  void requestsAreReadAsRecorded() throws Malformed {
    assertThat(opening("request-tcp-flow")).isEqualTo(new StreamOpening.Data(TCP_FLOW));
    assertThat(opening("request-tcp"))
        .isEqualTo(new StreamOpening.Data(ConnectRequest.tcp("127.0.0.1:1")));
    assertThat(opening("request-http")).isEqualTo(new StreamOpening.Data(HTTP));
    assertThat(HTTP.headers())
        .containsExactly(new HeaderField("X-Test", "1"), new HeaderField("User-Agent", "edge"));
  }

  @Test
  void responsesAreWrittenAndReadAsRecorded() throws Malformed {
    assertThat(Vectors.hex(ConnectResponse.connected().encode()))
        .isEqualTo(Vectors.hex("response-ok"));
    assertThat(Vectors.hex(REFUSED.encode())).isEqualTo(Vectors.hex("response-error"));
    assertThat(response("response-ok")).isEqualTo(ConnectResponse.connected());
    assertThat(response("response-error")).isEqualTo(REFUSED);
  }

  @Test
  void aStreamOfRpcIsToldApart() throws Malformed {
    var in = Vectors.buffer("rpc-update-configuration");

    assertThat(new OpeningDecoder(ReadLimits.CONNECT).poll(in)).isEqualTo(new StreamOpening.Rpc());
    assertThat(in.position()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64})
  void octetsMayComeInAnyPiecesAndWhatFollowsIsLeft(int piece) throws Malformed {
    var octets = Vectors.octets("request-http");
    var raw = "raw".getBytes(StandardCharsets.UTF_8);
    var in = ByteBuffer.allocate(octets.length + raw.length).put(octets).put(raw).flip();
    var decoder = new OpeningDecoder(ReadLimits.CONNECT);
    StreamOpening opening = null;
    while (opening == null) {
      var chunk = in.duplicate().limit(Math.min(in.position() + piece, in.capacity()));
      opening = decoder.poll(chunk);
      in.position(chunk.position());
    }

    assertThat(opening).isEqualTo(new StreamOpening.Data(HTTP));
    assertThat(Vectors.hex(in)).isEqualTo(Vectors.hex(ByteBuffer.wrap(raw)));
  }

  @Test
  void theFirstWrongOctetIsRefused() {
    var decoder = new OpeningDecoder(ReadLimits.CONNECT);

    assertThatThrownBy(() -> decoder.poll(ByteBuffer.wrap(new byte[] {0x0a, 0x37})))
        .isInstanceOfSatisfying(
            Malformed.class, e -> assertThat(e.reason()).isEqualTo(Malformed.Reason.SIGNATURE));
  }

  private static StreamOpening opening(String vector) throws Malformed {
    return new OpeningDecoder(ReadLimits.CONNECT).poll(Vectors.buffer(vector));
  }

  private static ConnectResponse response(String vector) throws Malformed {
    return new ConnectResponseDecoder(ReadLimits.CONNECT).poll(Vectors.buffer(vector));
  }
}

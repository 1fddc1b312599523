package io.vpc4j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.Body;
import io.vpc4j.ConnectOptions;
import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.testkit.Exchange.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class PrivateNetworkTest {

  @RegisterExtension
  static final PrivateNetwork network =
      PrivateNetwork.builder()
          .network("MY_VPC")
          .httpService("PRIVATE_API", "data.internal", 80)
          .tcpService("ECHO", "echo.internal", 7)
          .host(
              "data.internal",
              "10.0.1.50",
              host ->
                  host.http(80, PrivateNetworkTest::answer)
                      .http(
                          81,
                          asked -> {
                            throw new IllegalStateException("the handler's own");
                          }))
          .host("echo.internal", "fd00::7", host -> host.tcp(7, EchoHandler::new))
          .build();

  private static Reply answer(Exchange.Asked asked) {
    return asked.target().equals("/none")
        ? Reply.status(204)
        : Reply.json(asked.method() + " " + asked.target() + " " + asked.text()).with("X-A", "1");
  }

  private static final class EchoHandler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(((ByteBuf) message));
    }
  }

  @Test
  void aHostAnswersByAddressAndByName(VpcNetwork binding) throws Exception {
    try (var byAddress = binding.fetch("http://10.0.1.50/data?x=1")) {
      assertThat(byAddress.headers().get("x-a")).contains("1");
      assertThat(byAddress.text()).isEqualTo("GET /data?x=1 ");
    }
    var post = Request.builder("http://data.internal/items").post(Body.of("body")).build();
    assertThat(binding.fetch(post).text()).isEqualTo("POST /items body");
    assertThat(binding.fetch("http://data.internal/none").status()).isEqualTo(204);
  }

  @Test
  void servicesLeadToTheirHostWhateverTheUrlSays(Vpc vpc) throws Exception {
    assertThat(vpc.service("PRIVATE_API").fetch("http://anything.example/y").text())
        .isEqualTo("GET /y ");
    try (var socket = vpc.service("ECHO").connect(ConnectOptions.defaults())) {
      socket.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
    }
  }

  @Test
  void aHandlerThatThrowsIsA500(VpcNetwork binding) throws Exception {
    var response = binding.fetch("http://10.0.1.50:81/");

    assertThat(response.status()).isEqualTo(500);
    assertThat(response.text()).isEqualTo("the handler's own");
  }

  /** Each fault, and what becomes of a fetch by name. */
  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("http", Fault.refuse(), ErrorCode.CONNECTION_REFUSED),
        Arguments.of("http", Fault.blackHole(), ErrorCode.REQUEST_TIMEOUT),
        Arguments.of("http", Fault.unroutable(), ErrorCode.DESTINATION_IP_UNROUTABLE),
        Arguments.of("http", Fault.unavailable(), ErrorCode.DESTINATION_UNAVAILABLE),
        Arguments.of("http", Fault.nxdomain(), ErrorCode.DNS_ERROR),
        Arguments.of("http", Fault.servfail(), ErrorCode.DNS_ERROR),
        Arguments.of("http", Fault.silentDns(), ErrorCode.REQUEST_TIMEOUT),
        Arguments.of("http", Fault.slow(Duration.ofMinutes(1)), ErrorCode.REQUEST_TIMEOUT),
        Arguments.of("http", Fault.slowDns(Duration.ofMinutes(1)), ErrorCode.REQUEST_TIMEOUT),
        Arguments.of("http", Fault.resetAfter(0), ErrorCode.CONNECTION_TERMINATED),
        Arguments.of("http", Fault.resetAfter(20), ErrorCode.HTTP_RESPONSE_INCOMPLETE),
        Arguments.of("https", Fault.badCertificate(), ErrorCode.TLS_CERTIFICATE_ERROR));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultHoldsUntilItIsHealed(String scheme, Fault fault, ErrorCode code) {
    try (var own =
        PrivateNetwork.builder()
            .network("N")
            .host("data.internal", "10.0.1.50", host -> host.http(82, PrivateNetworkTest::answer))
            .build()) {
      own.fault("data.internal", fault);
      var request =
          Request.builder(scheme + "://data.internal:82/")
              .deadline(Duration.ofMillis(code == ErrorCode.REQUEST_TIMEOUT ? 300 : 20_000))
              .build();

      var failure =
          catchThrowableOfType(
              VpcException.class, () -> own.vpc().network("N").fetch(request).close());

      assertThat(failure).isNotNull();
      assertThat(failure.code()).as("%s", failure).isEqualTo(code);
      own.heal();
      assertThat(healed(own)).isEqualTo(200);
    }
  }

  private static int healed(PrivateNetwork own) {
    try (var response = own.vpc().network("N").fetch("http://data.internal:82/")) {
      return response.status();
    } catch (VpcException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsNotDeclaredIsNotThere(VpcNetwork binding) {
    assertThat(
            catchThrowableOfType(VpcException.class, () -> binding.fetch("http://10.0.1.51/"))
                .code())
        .isEqualTo(ErrorCode.DESTINATION_NOT_FOUND);
    assertThatThrownBy(() -> network.fault("nobody", Fault.refuse()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data.internal");
  }

  @Test
  void whatIsDeclaredTwiceIsRefused() {
    var builder = PrivateNetwork.builder().network("A").host("h", "10.0.0.1", host -> {});

    assertThatThrownBy(() -> builder.network("A")).hasMessageContaining("\"A\"");
    assertThatThrownBy(() -> builder.host("h", "10.0.0.2", host -> {}))
        .hasMessageContaining("\"h\"");
    assertThatThrownBy(() -> builder.host("i", "10.0.0.1", host -> {}))
        .hasMessageContaining("10.0.0.1");
    assertThatThrownBy(() -> builder.host("j", "10.0.0.3", host -> host.local(0, 1)))
        .hasMessageContaining("port");
    builder.build().close();
  }

  @Test
  void aClosedNetworkStaysClosed() {
    var closed = PrivateNetwork.builder().network("A").build();
    closed.close();
    closed.close();

    assertThatThrownBy(closed::vpc).isInstanceOf(IllegalStateException.class);
  }
}

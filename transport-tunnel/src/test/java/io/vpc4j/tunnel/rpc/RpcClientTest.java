package io.vpc4j.tunnel.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.vpc4j.tunnel.Vectors;
import io.vpc4j.tunnel.rpc.message.Fault;
import io.vpc4j.tunnel.rpc.message.Outbound;
import io.vpc4j.tunnel.rpc.message.Outbound.Content;
import io.vpc4j.tunnel.rpc.message.Outbound.ParamCapabilities;
import io.vpc4j.tunnel.rpc.message.Outbound.ResultCapabilities;
import org.junit.jupiter.api.Test;

class RpcClientTest {

  private static final RpcCall UNREGISTER = new RpcCall.UnregisterConnection();
  private static final Fault BUSY = new Fault(Fault.Kind.OVERLOADED, "busy");

  private final RpcClient client = new RpcClient(RpcLimits.DEFAULT);

  /** A client that has the object; questions 0 and 1 are finished. */
  private RpcClient bootstrapped() {
    client.call(UNREGISTER);
    client.onOctets(Vectors.buffer("bootstrap-return"));
    client.onOctets(Vectors.buffer("done"));
    Scripts.spoken(client);
    Scripts.events(client);
    return client;
  }

  @Test
  void nothingIsSaidBeforeTheFirstCall() {
    assertThat(client.pollOctets()).isNull();
    client.close();
    assertThat(Scripts.spoken(client)).isEqualTo(Vectors.hex("farewell").substring(80));
  }

  @Test
  void anExceptionFailsItsCallAndLetsItsCapabilitiesGo() {
    var call = bootstrapped().call(UNREGISTER);
    Scripts.spoken(client);
    client.onOctets(Outbound.failed(0, ParamCapabilities.KEPT, BUSY));

    assertThat(Scripts.events(client)).containsExactly(new ClientEvent.Failed(call, BUSY));
    assertThat(Scripts.spoken(client))
        .isEqualTo(Vectors.hex(Outbound.finish(0, ResultCapabilities.RELEASED)));
  }

  @Test
  void anExceptionInTheRealLibrarysOwnEncodingIsRead() {
    bootstrapped();
    for (var question = 0; question < 6; question++) {
      client.call(UNREGISTER);
    }
    client.onOctets(Vectors.buffer("message-failed")); // answers 5

    assertThat(Scripts.events(client))
        .singleElement()
        .isInstanceOfSatisfying(
            ClientEvent.Failed.class,
            failed -> assertThat(failed.fault()).isEqualTo(new Fault(Fault.Kind.OVERLOADED, "no")));
  }

  @Test
  void anAnswerOfAnotherLevelFailsItsCall() {
    bootstrapped();
    for (var question = 0; question < 6; question++) {
      client.call(UNREGISTER);
    }
    client.onOctets(Vectors.buffer("message-elsewhere"));

    assertThat(Scripts.events(client)).singleElement().isInstanceOf(ClientEvent.Failed.class);
    assertThat(client.isEnded()).isFalse();
  }

  @Test
  void noObjectFailsEveryCall() {
    var first = client.call(UNREGISTER);
    var second = client.call(UNREGISTER);
    client.onOctets(Outbound.failed(0, ParamCapabilities.KEPT, BUSY));
    var third = client.call(UNREGISTER);

    assertThat(Scripts.events(client))
        .containsExactly(
            new ClientEvent.Failed(first, BUSY),
            new ClientEvent.Failed(second, BUSY),
            new ClientEvent.Failed(third, BUSY));
    client.onOctets(Outbound.failed(1, ParamCapabilities.KEPT, BUSY));
    client.onOctets(Outbound.failed(2, ParamCapabilities.KEPT, BUSY));
    assertThat(Scripts.events(client)).isEmpty();
    assertThat(client.isEnded()).isFalse();
  }

  @Test
  void anAnswerWithoutAnObjectIsNone() {
    var call = client.call(UNREGISTER);
    client.onOctets(Outbound.results(0, ParamCapabilities.KEPT, Content.EMPTY));

    assertThat(Scripts.events(client))
        .singleElement()
        .isInstanceOfSatisfying(
            ClientEvent.Failed.class, failed -> assertThat(failed.token()).isSameAs(call));
  }

  @Test
  void whatIsGivenUpIsNotHeardOfAndKeepsItsNumberUntilItsAnswer() {
    var call = bootstrapped().call(UNREGISTER); // question 0
    Scripts.spoken(client);
    client.giveUp(call);
    client.giveUp(call);
    assertThat(Scripts.spoken(client))
        .isEqualTo(Vectors.hex(Outbound.finish(0, ResultCapabilities.RELEASED)));

    client.call(UNREGISTER); // question 1
    assertThat(Scripts.spoken(client)).isEqualTo(Vectors.hex("unregister-connection"));
    client.onOctets(Outbound.canceled(0, ParamCapabilities.KEPT));
    assertThat(Scripts.events(client)).isEmpty();
    assertThat(client.pollOctets()).isNull();
    client.call(UNREGISTER);
    assertThat(Scripts.spoken(client)).contains("0300030000000000"); // question 0 again
  }

  @Test
  void resultsThatCannotBeReadFailTheirCallAlone() {
    var call = bootstrapped().call(Scripts.REGISTER);
    var uuidOfThree =
        new Content(
            0,
            1,
            out -> out.struct(0, 1, 1).u16(0, 1).struct(0, 1, 2).data(0, new byte[] {1, 2, 3}));
    client.onOctets(Outbound.results(0, ParamCapabilities.KEPT, uuidOfThree));

    assertThat(Scripts.events(client))
        .singleElement()
        .isInstanceOfSatisfying(
            ClientEvent.Failed.class,
            failed -> {
              assertThat(failed.token()).isSameAs(call);
              assertThat(failed.fault().reason()).contains("uuid must be 16 octets");
            });
    assertThat(client.isEnded()).isFalse();
  }

  @Test
  void questionsAreLimited() {
    for (var i = 0; i < 15; i++) {
      client.call(UNREGISTER); // and the bootstrap
    }

    assertThatIllegalStateException()
        .isThrownBy(() -> client.call(UNREGISTER))
        .withMessageContaining("16 questions");
  }

  @Test
  void anAnswerToNothingEndsTheStreamAndFailsWhatIsOpen() {
    var call = client.call(UNREGISTER);
    client.onOctets(Outbound.canceled(9, ParamCapabilities.KEPT));

    assertThat(Scripts.events(client))
        .satisfiesExactly(
            failed ->
                assertThat(failed)
                    .isInstanceOfSatisfying(
                        ClientEvent.Failed.class,
                        it -> {
                          assertThat(it.token()).isSameAs(call);
                          assertThat(it.fault().kind()).isEqualTo(Fault.Kind.DISCONNECTED);
                        }),
            ended ->
                assertThat(ended)
                    .isInstanceOfSatisfying(
                        ClientEvent.Ended.class,
                        it -> assertThat(it.end().cause()).isEqualTo(RpcEnd.Cause.PEER_MALFORMED)));
    assertThatIllegalStateException().isThrownBy(() -> client.call(UNREGISTER));
  }

  @Test
  void nothingIsServedHere() {
    client.onOctets(Vectors.buffer("bootstrap"));

    var refusal =
        Outbound.failed(
            0,
            ParamCapabilities.RELEASED,
            new Fault(Fault.Kind.UNIMPLEMENTED, "nothing is served here"));
    assertThat(Scripts.spoken(client)).isEqualTo(Vectors.hex(refusal));
  }

  @Test
  void theEndOfTheStreamFailsWhatIsOpen() {
    var call = bootstrapped().call(UNREGISTER);
    client.onEnd();

    assertThat(Scripts.events(client))
        .containsExactly(
            new ClientEvent.Failed(call, new Fault(Fault.Kind.DISCONNECTED, "end of stream")),
            new ClientEvent.Ended(new RpcEnd(RpcEnd.Cause.PEER_ENDED, "end of stream")));
  }
}

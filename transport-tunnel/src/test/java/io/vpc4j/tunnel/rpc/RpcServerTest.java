package io.vpc4j.tunnel.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vpc4j.tunnel.Vectors;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.capnp.MessageBuilder;
import io.vpc4j.tunnel.rpc.capnp.MessageFramer;
import io.vpc4j.tunnel.rpc.capnp.MessageReader;
import io.vpc4j.tunnel.rpc.capnp.ReadLimits;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import io.vpc4j.tunnel.rpc.message.CallTarget;
import io.vpc4j.tunnel.rpc.message.Fault;
import io.vpc4j.tunnel.rpc.message.Inbound;
import io.vpc4j.tunnel.rpc.message.Inbound.Outcome;
import io.vpc4j.tunnel.rpc.message.Outbound;
import io.vpc4j.tunnel.rpc.message.Outbound.ResultCapabilities;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RpcServerTest {

  private final RpcServer edge = new RpcServer(RpcServer.EDGE_CONTROL, RpcLimits.DEFAULT);

  @Nested
  class AfterABootstrap {

    AfterABootstrap() {
      edge.onOctets(Outbound.bootstrap(0));
      heard();
    }

    @Test
    void octetsMayComeOneByOne() {
      for (var octet : Vectors.octets("register-connection")) {
        edge.onOctets(ByteBuffer.wrap(new byte[] {octet}));
      }

      assertThat(Scripts.called(edge).call()).isEqualTo(Scripts.REGISTER);
    }

    @Test
    void theObjectCanBeCalledByItsNumberAndByItsPromise() {
      edge.onOctets(unregister(1, new CallTarget.ImportedCap(0)));
      edge.onOctets(Vectors.buffer("message-call-of-noop"));
      edge.onOctets(unregister(3, promise(0)));

      assertThat(outcomes()).isEmpty();
      assertThat(Scripts.events(edge))
          .hasSize(3)
          .allMatch(event -> event instanceof ServerEvent.Called);
    }

    @Test
    void aPromiseIsGoodUntilItsQuestionIsFinished() {
      edge.onOctets(Outbound.finish(0, ResultCapabilities.KEPT));
      edge.onOctets(unregister(1, promise(0)));
      edge.onOctets(unregister(2, new CallTarget.ImportedCap(0)));

      assertThat(outcomes())
          .singleElement()
          .satisfies(outcome -> failed(outcome, "no such object"));
      assertThat(Scripts.called(edge).call()).isEqualTo(new RpcCall.UnregisterConnection());
    }

    @Test
    void numbersOfQuestionsAreUsedAgainOnceFinished() {
      for (var round = 0; round < 1000; round++) {
        edge.onOctets(unregister(1, promise(0)));
        assertThat(edge.reply(Scripts.called(edge).token(), new RpcReply.Done())).isTrue();
        edge.onOctets(Outbound.finish(1, ResultCapabilities.KEPT));
        assertThat(outcomes()).singleElement().isInstanceOf(Outcome.Results.class);
      }
    }

    @Test
    void aNumberThatIsTakenEndsTheStream() {
      edge.onOctets(unregister(0, promise(0)));

      ended(RpcEnd.Cause.PEER_MALFORMED, "SEQUENCE");
    }

    @Test
    void aPartOfTheObjectIsNoObject() {
      edge.onOctets(Vectors.buffer("message-call-of-field"));

      assertThat(outcomes())
          .singleElement()
          .satisfies(outcome -> failed(outcome, "no such object"));
      assertThat(Scripts.events(edge)).isEmpty();
    }

    @Test
    void resultsGoNowhereElse() {
      edge.onOctets(Vectors.buffer("message-call-to-yourself"));

      assertThat(outcomes()).singleElement().satisfies(outcome -> failed(outcome, "to the caller"));
    }

    @Test
    void capabilitiesThatComeWithACallAreLetGo() {
      edge.onOctets(Vectors.buffer("message-call-with-capability"));
      edge.reply(Scripts.called(edge).token(), new RpcReply.Done());
      var answer = edge.pollOctets();

      assertThat(answer).isNotNull();
      // Return.releaseParamCaps is stored inverted: octet 4 of its data, after 8 + 8 + 16 octets
      assertThat(answer.get(8 + 8 + 16 + 4) & 1).isZero();
    }

    @Test
    void aCallThatIsFinishedFirstIsGivenUp() {
      edge.onOctets(unregister(1, promise(0)));
      var token = Scripts.called(edge).token();
      edge.onOctets(Outbound.finish(1, ResultCapabilities.RELEASED));

      assertThat(Scripts.events(edge)).containsExactly(new ServerEvent.GivenUp(token));
      assertThat(outcomes()).containsExactly(new Outcome.Canceled());
      assertThat(edge.reply(token, new RpcReply.Done())).isFalse();
      assertThat(edge.pollOctets()).isNull();
    }

    @Test
    void aCallIsAnsweredOnce() {
      edge.onOctets(unregister(1, promise(0)));
      var token = Scripts.called(edge).token();

      assertThat(edge.fail(token, new Fault(Fault.Kind.OVERLOADED, "busy"))).isTrue();
      assertThat(edge.reply(token, new RpcReply.Done())).isFalse();
      assertThat(outcomes())
          .containsExactly(new Outcome.Failed(new Fault(Fault.Kind.OVERLOADED, "busy")));
    }

    @Test
    void anAnswerToAnotherMethodIsABug() {
      edge.onOctets(unregister(1, promise(0)));
      var token = Scripts.called(edge).token();

      assertThatIllegalArgumentException()
          .isThrownBy(() -> edge.reply(token, new RpcReply.ConfigurationUpdated(1, "")));
    }

    @Test
    void parametersThatCannotBeReadFailTheirCallAlone() {
      edge.onOctets(
          Outbound.call(
              1,
              promise(0),
              RpcMethod.REGISTER_CONNECTION.interfaceId(),
              0,
              Outbound.Content.EMPTY));

      assertThat(outcomes())
          .singleElement()
          .satisfies(outcome -> failed(outcome, "tunnelId must be 16 octets"));
      assertThat(edge.isEnded()).isFalse();
    }

    @Test
    void anUnknownMethodIsUnimplemented() {
      edge.onOctets(
          Outbound.call(
              1,
              promise(0),
              RpcMethod.UNREGISTER_CONNECTION.interfaceId(),
              3,
              Outbound.Content.EMPTY));

      assertThat(outcomes())
          .singleElement()
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              failed -> assertThat(failed.fault().kind()).isEqualTo(Fault.Kind.UNIMPLEMENTED));
    }

    @Test
    void messagesOfOtherLevelsAreSentBack() throws Malformed {
      edge.onOctets(Vectors.buffer("message-resolve"));

      assertThat(Scripts.spoken(edge)).isEqualTo(Vectors.hex("message-unimplemented"));

      edge.onOctets(Vectors.buffer("message-join"));
      var echo = MessageReader.of(nonNull(edge.pollOctets()), ReadLimits.RPC).root();
      assertThat(echo.u16(0)).isZero();
      assertThat(echo.struct(0).u16(0)).isEqualTo(12);
      assertThat(echo.struct(0).struct(0).i32(0)).isEqualTo(4);
    }

    @Test
    void whatDoesNotMatterIsPassedOver() {
      edge.onOctets(Vectors.buffer("message-release"));
      edge.onOctets(Vectors.buffer("message-disembargo"));
      edge.onOctets(Vectors.buffer("message-unimplemented"));
      edge.onOctets(Vectors.buffer("message-finish"));

      assertThat(edge.pollOctets()).isNull();
      assertThat(edge.pollEvent()).isNull();
      edge.onOctets(unregister(1, new CallTarget.ImportedCap(0)));
      assertThat(Scripts.called(edge)).isNotNull();
    }

    @Test
    void anAnswerToNothingEndsTheStream() {
      edge.onOctets(Vectors.buffer("message-canceled"));

      ended(RpcEnd.Cause.PEER_MALFORMED, "SEQUENCE");
    }

    @Test
    void manyQuestionsAtOnceEndTheStream() {
      for (var question = 1; question < 16; question++) {
        edge.onOctets(unregister(question, promise(0)));
      }
      assertThat(edge.isEnded()).isFalse();
      Scripts.events(edge);
      edge.onOctets(unregister(16, promise(0)));

      ended(RpcEnd.Cause.PEER_OVER_LIMIT, "LIMIT");
    }

    @Test
    void aPeerThatAsksAndDoesNotReadIsGivenUp() {
      for (var round = 0; round < 10_000 && !edge.isEnded(); round++) {
        edge.onOctets(Outbound.bootstrap(1));
        edge.onOctets(Outbound.finish(1, ResultCapabilities.KEPT));
      }

      assertThat(edge.isEnded()).isTrue();
      assertThat(Scripts.spoken(edge).length() / 2).isLessThan((256 << 10) + 1024);
    }

    @Test
    void theEndOfTheStreamIsTold() {
      edge.onEnd();
      edge.onEnd();

      assertThat(Scripts.events(edge))
          .containsExactly(
              new ServerEvent.Ended(new RpcEnd(RpcEnd.Cause.PEER_ENDED, "end of stream")));
    }

    @Test
    void anEndWithinAMessageIsMalformed() {
      edge.onOctets(Vectors.buffer("register-connection").limit(100));
      edge.onEnd();

      ended(RpcEnd.Cause.PEER_MALFORMED, "LENGTH");
    }

    @Test
    void nothingIsReadAfterTheEnd() {
      edge.onOctets(unregister(1, promise(0)));
      var token = Scripts.called(edge).token();
      edge.close();
      var late = unregister(2, promise(0));
      edge.onOctets(late);

      assertThat(late.hasRemaining()).isFalse();
      assertThat(edge.reply(token, new RpcReply.Done())).isFalse();
      assertThat(Scripts.events(edge))
          .containsExactly(new ServerEvent.Ended(new RpcEnd(RpcEnd.Cause.CLOSED, "closed")));
      assertThat(Scripts.spoken(edge)).isEqualTo(Vectors.hex("farewell").substring(80));
    }
  }

  @Test
  void withoutABootstrapThereIsNoObject() {
    edge.onOctets(unregister(1, new CallTarget.ImportedCap(0)));

    assertThat(outcomes()).singleElement().satisfies(outcome -> failed(outcome, "no such object"));
  }

  @Test
  void aMessageTooLargeEndsTheStream() {
    edge.onOctets(ByteBuffer.wrap(Octets.ofHex("00000000ffffff00").toArray()));

    ended(RpcEnd.Cause.PEER_OVER_LIMIT, "SIZE");
  }

  @Test
  void theLargestNumberOfAQuestionIsANumber() {
    edge.onOctets(Vectors.buffer("message-bootstrap"));

    assertThat(edge.isEnded()).isFalse();
    edge.onOctets(unregister(0, promise(-1)));
    assertThat(Scripts.called(edge)).isNotNull();
  }

  @Test
  void anEmptyMessageIsUnimplementedOnTheOtherSideAndIgnored() {
    edge.onOctets(new MessageBuilder().framed()); // a null root: kind 0

    assertThat(edge.isEnded()).isFalse();
    assertThat(edge.pollOctets()).isNull();
  }

  // ---- the other side, message by message

  private static CallTarget promise(int questionId) {
    return new CallTarget.PromisedAnswer(questionId, CallTarget.Part.WHOLE);
  }

  private static ByteBuffer unregister(int questionId, CallTarget target) {
    var method = RpcMethod.UNREGISTER_CONNECTION;
    return Outbound.call(
        questionId, target, method.interfaceId(), method.methodId(), Outbound.Content.EMPTY);
  }

  private List<Inbound> heard() {
    var messages = new ArrayList<Inbound>();
    var framer = new MessageFramer(ReadLimits.RPC);
    try {
      for (var out = edge.pollOctets(); out != null; out = edge.pollOctets()) {
        messages.add(Inbound.read(nonNull(framer.poll(out))));
      }
    } catch (Malformed e) {
      throw new AssertionError(e);
    }
    return messages;
  }

  private List<Outcome> outcomes() {
    return heard().stream()
        .filter(Inbound.Return.class::isInstance)
        .map(message -> ((Inbound.Return) message).outcome())
        .map(outcome -> outcome instanceof Outcome.Results ? RESULTS : outcome)
        .toList();
  }

  private static final Outcome RESULTS = new Outcome.Results(emptyStruct(), List.of());

  private static StructReader emptyStruct() {
    try {
      return MessageReader.of(new MessageBuilder().framed(), ReadLimits.RPC).root();
    } catch (Malformed e) {
      throw new AssertionError(e);
    }
  }

  private static void failed(Outcome outcome, String reason) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Failed.class, failed -> assertThat(failed.fault().reason()).contains(reason));
  }

  private void ended(RpcEnd.Cause cause, String detail) {
    assertThat(heard())
        .last()
        .isInstanceOfSatisfying(
            Inbound.Abort.class, abort -> assertThat(abort.fault().reason()).contains(detail));
    assertThat(Scripts.events(edge))
        .last()
        .isInstanceOfSatisfying(
            ServerEvent.Ended.class,
            ended -> {
              assertThat(ended.end().cause()).isEqualTo(cause);
              assertThat(ended.end().detail()).contains(detail);
            });
  }

  private static <T> T nonNull(T value) {
    assertThat(value).isNotNull();
    return value;
  }
}

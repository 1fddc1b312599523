package io.vpc4j.tunnel.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.tunnel.octets.Octets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The two machines with a wire between them that delivers when chance wants, in pieces of any size;
 * and beside them a plain account of what was asked and what must come of it.
 */
final class RpcConversationSim {

  private final Random random;
  private final RpcClient client = new RpcClient(RpcLimits.DEFAULT);
  private final RpcServer server = new RpcServer(RpcServer.CONNECTOR_STREAM, RpcLimits.DEFAULT);
  private final Wire toServer = new Wire();
  private final Wire toClient = new Wire();

  /** What every call that is open must be answered with: its own number. */
  private final Map<CallToken, Integer> asked = new HashMap<>();

  private final List<ServerEvent.Called> unanswered = new ArrayList<>();
  private int number;
  private int answered;
  private int givenUp;

  RpcConversationSim(Random random) {
    this.random = random;
  }

  /** Octets on their way. */
  private static final class Wire {
    private byte[] octets = new byte[0];

    void put(@Nullable ByteBuffer message) {
      if (message != null) {
        var longer = Arrays.copyOf(octets, octets.length + message.remaining());
        message.get(longer, octets.length, message.remaining());
        octets = longer;
      }
    }

    ByteBuffer take(int most) {
      var count = Math.min(most, octets.length);
      var piece = ByteBuffer.wrap(Arrays.copyOf(octets, count));
      octets = Arrays.copyOfRange(octets, count, octets.length);
      return piece;
    }
  }

  void run(int steps) {
    for (var step = 0; step < steps; step++) {
      switch (random.nextInt(5)) {
        case 0 -> ask();
        case 1 -> answer();
        case 2 -> server.onOctets(toServer.take(random.nextInt(400)));
        case 3 -> client.onOctets(toClient.take(random.nextInt(400)));
        default -> giveUp();
      }
      exchange();
    }
    while (toServer.octets.length + toClient.octets.length + unanswered.size() > 0) {
      server.onOctets(toServer.take(Integer.MAX_VALUE));
      client.onOctets(toClient.take(Integer.MAX_VALUE));
      exchange();
      answer();
      exchange();
    }
    assertThat(asked).as("calls that were never answered").isEmpty();
    assertThat(answered + givenUp).isEqualTo(number);
    assertThat(client.isEnded() || server.isEnded()).isFalse();
  }

  int answered() {
    return answered;
  }

  int givenUp() {
    return givenUp;
  }

  private void ask() {
    if (asked.size() < 6) { // those given up keep their questions for a while
      asked.put(
          client.call(
              new RpcCall.UpdateConfiguration(number, Octets.of(new byte[random.nextInt(300)]))),
          number);
      number++;
    }
  }

  private void answer() {
    if (!unanswered.isEmpty()) {
      var called = unanswered.remove(random.nextInt(unanswered.size()));
      var call = (RpcCall.UpdateConfiguration) called.call();
      server.reply(called.token(), new RpcReply.ConfigurationUpdated(call.version(), ""));
    }
  }

  private void giveUp() {
    if (!asked.isEmpty() && random.nextInt(8) == 0) {
      var token = asked.keySet().iterator().next();
      client.giveUp(token);
      asked.remove(token);
      givenUp++;
    }
  }

  private void exchange() {
    for (var out = client.pollOctets(); out != null; out = client.pollOctets()) {
      toServer.put(out);
    }
    for (var out = server.pollOctets(); out != null; out = server.pollOctets()) {
      toClient.put(out);
    }
    for (var event : Scripts.events(server)) {
      if (event instanceof ServerEvent.Called called) {
        unanswered.add(called);
      } else if (event instanceof ServerEvent.GivenUp given) {
        unanswered.removeIf(called -> called.token() == given.token());
      } else {
        throw new AssertionError(event);
      }
    }
    for (var event : Scripts.events(client)) {
      if (event instanceof ClientEvent.Replied replied) {
        assertThat(replied.reply())
            .isEqualTo(new RpcReply.ConfigurationUpdated(asked.remove(replied.token()), ""));
        answered++;
      } else {
        throw new AssertionError(event);
      }
    }
  }
}

package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuicCarrierTest {

  private final QuicPair pair = new QuicPair();

  @AfterEach
  void end() {
    pair.close();
  }

  @Test
  void aStreamIsOpenedAnsweredAndEchoed() throws Exception {
    var edge = pair.connect();
    var near = new Recorder();

    var channel = pair.open(edge, "echo", near);
    channel.writeAndFlush(QuicPair.octets("hello"));
    near.awaitOctets(5);

    assertThat(near.text()).isEqualTo("hello");
    assertThat(edge.openStreams()).isEqualTo(1);
    channel.close().sync();
    near.awaitInactive();
    assertThat(near.events).containsExactly("active", "inactive");
  }
}

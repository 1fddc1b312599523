package io.vpc4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.testkit.Exchange.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The example of docs/testing.md. */
class GreetingTest {

  @RegisterExtension
  static final PrivateNetwork network =
      PrivateNetwork.builder()
          .network("MY_VPC")
          .host("data.internal", "10.0.1.50", host -> host.http(80, asked -> Reply.text("hello")))
          .build();

  @Test
  void greets(VpcNetwork vpc) throws Exception {
    assertEquals("hello", vpc.fetch("http://10.0.1.50/data").text());
    assertEquals("hello", vpc.fetch("http://data.internal/data").text());
  }

  @Test
  void saysWhyItCannot(VpcNetwork vpc) {
    network.fault("data.internal", Fault.refuse());

    var failure = assertThrows(VpcException.class, () -> vpc.fetch("http://10.0.1.50/data"));

    assertEquals(ErrorCode.CONNECTION_REFUSED, failure.code());
  }
}

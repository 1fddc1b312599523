package io.vpc4j.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names are asked of a resolver behind a node: by UDP, and by TCP where that is not enough. */
@Timeout(60)
class MeshNamesTest {

  private static final IpAddress US = IpAddress.require("100.96.0.1");
  private static final IpAddress FAR = IpAddress.require("100.96.0.2");
  private static final Cidr BEHIND = Cidr.require("10.0.53.0/24");
  private static final String NAME = "db.example";
  private static final byte[] ADDRESS = {10, 0, 5, 42};

  private MeshNode far;
  private MeshNode us;

  @BeforeEach
  void begin() throws Exception {
    far =
        MeshNode.builder()
            .privateKey(TestKey.of(2).secret())
            .address(FAR)
            .route(BEHIND, Cidr.require("127.0.0.0/24"))
            .peer(TestKey.node("us", TestKey.of(1), Optional.empty(), US))
            .start();
    us =
        MeshNode.builder()
            .privateKey(TestKey.of(1).secret())
            .address(US)
            .peer(
                TestKey.node(
                    "far",
                    TestKey.of(2),
                    Optional.of("127.0.0.1:" + far.listenPort()),
                    FAR,
                    IpAddress.require("10.0.53.1")))
            .start();
  }

  @AfterEach
  void end() {
    us.close();
    far.close();
  }

  private List<IpAddress> resolve(int port) throws Exception {
    var resolver = new InetSocketAddress("10.0.53.1", port);
    return us.resolve(NAME, "", List.of(resolver)).get(30, TimeUnit.SECONDS);
  }

  /** The name has an address of IPv4 alone. */
  private static byte[] right(byte[] query) {
    return ScriptedResolver.type(query) == ScriptedResolver.TYPE_A
        ? ScriptedResolver.answer(query, 0, ADDRESS)
        : ScriptedResolver.answer(query, 0);
  }

  private static ScriptedResolver resolver(Function<byte[], List<byte[]>> datagrams)
      throws Exception {
    return new ScriptedResolver(datagrams, MeshNamesTest::right);
  }

  @Test
  void anAnswerByUdpIsEnough() throws Exception {
    try (var resolver = resolver(query -> List.of(right(query)))) {
      assertThat(resolve(resolver.port())).containsExactly(IpAddress.ofOctets(ADDRESS));
      assertThat(resolver.askedByTcp()).isZero();
    }
  }

  @Test
  void whatIsCutShortIsAskedForByTcp() throws Exception {
    var many =
        IntStream.range(0, 50)
            .mapToObj(i -> new byte[] {10, 0, 6, (byte) i})
            .toArray(byte[][]::new);
    try (var resolver =
        new ScriptedResolver(
            query -> List.of(ScriptedResolver.answer(query, 0x200, ADDRESS)),
            query ->
                ScriptedResolver.type(query) == ScriptedResolver.TYPE_A
                    ? ScriptedResolver.answer(query, 0, many)
                    : ScriptedResolver.answer(query, 0))) {
      assertThat(resolve(resolver.port()))
          .as("the whole, and nothing of what was cut short")
          .hasSize(50)
          .startsWith(IpAddress.require("10.0.6.0"))
          .doesNotContain(IpAddress.ofOctets(ADDRESS));
      assertThat(resolver.askedByTcp()).as("for each family").isEqualTo(2);
    }
  }

  @Test
  void anAnswerToAnotherQuestionIsNone() throws Exception {
    try (var resolver =
        resolver(
            query -> {
              var otherId = query.clone();
              otherId[0] ^= 1;
              var otherName = query.clone();
              otherName[13] ^= 1;
              var elsewhere = new byte[] {6, 6, 6, 6};
              return List.of(
                  ScriptedResolver.answer(otherId, 0, elsewhere),
                  ScriptedResolver.answer(otherName, 0, elsewhere),
                  new byte[] {1, 2, 3},
                  right(query));
            })) {
      assertThat(resolve(resolver.port())).containsExactly(IpAddress.ofOctets(ADDRESS));
    }
  }

  @Test
  void aNameThatIsNotThereIsSaidToBeSo() throws Exception {
    try (var resolver = resolver(query -> List.of(ScriptedResolver.answer(query, 3)))) {
      assertThatThrownBy(() -> resolve(resolver.port()))
          .hasCauseInstanceOf(UnknownHostException.class)
          .hasMessageContaining(NAME + ": there is no such name");
    }
  }

  @Test
  void whereNoWayLeadsToOneResolverTheNextIsAsked() throws Exception {
    try (var resolver = resolver(query -> List.of(right(query)))) {
      var resolvers =
          List.of(
              new InetSocketAddress("10.0.54.1", 53),
              new InetSocketAddress("10.0.53.1", resolver.port()));

      assertThat(us.resolve(NAME, "", resolvers).get(30, TimeUnit.SECONDS))
          .containsExactly(IpAddress.ofOctets(ADDRESS));
    }
  }
}

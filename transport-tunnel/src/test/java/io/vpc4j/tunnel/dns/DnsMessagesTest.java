package io.vpc4j.tunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.testkit.Seeds;
import io.vpc4j.tunnel.Mutations;
import io.vpc4j.tunnel.Vectors;
import io.vpc4j.tunnel.dns.DnsReply.Absence;
import io.vpc4j.tunnel.dns.DnsReply.Finding;
import io.vpc4j.tunnel.octets.Malformed;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsMessagesTest {

  private static final ByteBuffer QUERY = DnsMessages.query(0x1234, "db.internal", AddressType.A);
  private static final IpAddress HOST = IpAddress.require("10.0.1.50");

  @Test
  void aQueryIsTheOctetsOfTheStandard() {
    assertThat(Vectors.hex(QUERY))
        .isEqualTo(
            "1234" + "0100" + "0001000000000000" + "02646208696e7465726e616c00" + "00010001");
    assertThat(Vectors.hex(DnsMessages.query(0xffff, "x", AddressType.AAAA)))
        .isEqualTo("ffff" + "0100" + "0001000000000000" + "017800" + "001c0001");
  }

  @Test
  void anAddressIsFound() throws Malformed {
    var reply = read(ReplyBuilder.to(QUERY).address(300, 10, 0, 1, 50).address(60, 10, 0, 1, 50));

    assertThat(reply.id()).isEqualTo(0x1234);
    assertThat(reply.name()).isEqualTo("db.internal");
    assertThat(reply.finding(AddressType.A, 0)).isEqualTo(new Finding.Found(List.of(HOST), 60));
    assertThat(reply.finding(AddressType.AAAA, 0))
        .isEqualTo(new Finding.Nothing(Absence.NO_ADDRESS, 0));
  }

  @Test
  void aliasesAreFollowedInAnyOrderAndTheShortestTimeCounts() throws Malformed {
    var reply =
        read(
            ReplyBuilder.to(QUERY)
                .address("c.internal", 300, 10, 0, 1, 50)
                .alias("b.internal", "C.Internal", 20)
                .alias("db.internal", "b.internal", 100));

    assertThat(reply.finding(AddressType.A, 0)).isEqualTo(new Finding.Found(List.of(HOST), 20));
  }

  @Test
  void compressedNamesAreRead() throws Malformed {
    // the target is "x" and then, by a pointer, the second label of the question: x.internal
    var reply =
        read(
            ReplyBuilder.to(QUERY)
                .aliasWithPointer("x", 10, 12 + 3)
                .address("x.internal", 300, 10, 0, 1, 50));

    assertThat(reply.finding(AddressType.A, 0)).isEqualTo(new Finding.Found(List.of(HOST), 10));
  }

  @Test
  void anAliasAloneLeadsElsewhere() throws Malformed {
    var reply = read(ReplyBuilder.to(QUERY).alias("db.internal", "b.internal", 20));

    assertThat(reply.finding(AddressType.A, 0))
        .isEqualTo(new Finding.Elsewhere("b.internal", 1, 20));
    assertThat(reply.finding(AddressType.A, 8)).isInstanceOf(Finding.Unanswered.class);
  }

  @Test
  void anAliasWhoseTargetHasNoAddressIsNothing() throws Malformed {
    var reply =
        read(
            ReplyBuilder.to(QUERY)
                .alias("db.internal", "b.internal", 20)
                .soa("internal", 600, 300));

    assertThat(reply.finding(AddressType.A, 0))
        .isEqualTo(new Finding.Nothing(Absence.NO_ADDRESS, 20));
  }

  @Test
  void aRingOfAliasesEnds() throws Malformed {
    var reply =
        read(
            ReplyBuilder.to(QUERY)
                .alias("db.internal", "b.internal", 20)
                .alias("b.internal", "db.internal", 20));

    assertThat(reply.finding(AddressType.A, 0))
        .isEqualTo(new Finding.Unanswered("more than 8 aliases"));
  }

  @Test
  void absenceIsKeptForTheLesserOfTheTwoTimes() throws Malformed {
    var gone = read(ReplyBuilder.to(QUERY).code(3).soa("internal", 600, 30));
    var empty = read(ReplyBuilder.to(QUERY).soa("internal", 20, 30));

    assertThat(gone.finding(AddressType.A, 0))
        .isEqualTo(new Finding.Nothing(Absence.NO_SUCH_NAME, 30));
    assertThat(empty.finding(AddressType.A, 0))
        .isEqualTo(new Finding.Nothing(Absence.NO_ADDRESS, 20));
  }

  @Test
  void aTimeWithItsHighestBitSetIsNone() throws Malformed {
    var reply = read(ReplyBuilder.to(QUERY).address(0x8000_0001, 10, 0, 1, 50));

    assertThat(reply.finding(AddressType.A, 0)).isEqualTo(new Finding.Found(List.of(HOST), 0));
  }

  @Test
  void otherCodesAreNoAnswer() throws Malformed {
    assertThat(read(ReplyBuilder.to(QUERY).code(2)).finding(AddressType.A, 0))
        .isEqualTo(new Finding.Unanswered("SERVFAIL"));
    assertThat(read(ReplyBuilder.to(QUERY).code(5)).finding(AddressType.A, 0))
        .isEqualTo(new Finding.Unanswered("REFUSED"));
  }

  @Test
  void aMappedAddressIsNoIpv6Address() throws Malformed {
    var query = DnsMessages.query(1, "db.internal", AddressType.AAAA);
    var reply =
        read(
            ReplyBuilder.to(query)
                .address(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 1, 50));

    assertThat(reply.finding(AddressType.AAAA, 0))
        .isEqualTo(new Finding.Nothing(Absence.NO_ADDRESS, 0));
  }

  @Test
  void whatIsNoReplyIsRefused() {
    refused(ReplyBuilder.to(QUERY).flags(0x0100).build()); // a query
    refused(ReplyBuilder.to(QUERY).flags(0x8800).build()); // another operation
    refused(ByteBuffer.allocate(11));
    refused(ReplyBuilder.to(QUERY).address(1, 10, 0, 1, 50).build().limit(40)); // cut off
    refused(ReplyBuilder.to(QUERY).aliasWithPointer("x", 1, 12 + 17 + 12).build()); // to itself
    var many = ReplyBuilder.to(QUERY);
    for (var i = 0; i < 513; i++) {
      many.address(1, 10, 0, 1, 50);
    }
    refused(many.build());
  }

  private static void refused(ByteBuffer message) {
    assertThatThrownBy(() -> DnsMessages.read(message)).isInstanceOf(Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a..b", ".a", "a..", "h\u00f6st", "\u0130"})
  void whatIsNoNameIsRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> DnsMessages.name(name));
  }

  @Test
  void aNameHasItsLengths() {
    assertThat(DnsMessages.name("x.".repeat(127))).hasSize(253);
    assertThatIllegalArgumentException().isThrownBy(() -> DnsMessages.name("x.".repeat(128)));
    assertThat(DnsMessages.name("x".repeat(63))).hasSize(63);
    assertThatIllegalArgumentException().isThrownBy(() -> DnsMessages.name("x".repeat(64)));
  }

  @Test
  void aNameIsComparedWithoutCaseAndWithoutItsFinalDot() {
    assertThat(DnsMessages.name("DB.Internal.")).isEqualTo("db.internal");
    assertThat(DnsMessages.name("_srv.x")).isEqualTo("_srv.x");
  }

  @Test
  void anyOctetsAreReadOrRefused() {
    var seed =
        ReplyBuilder.to(QUERY)
            .aliasWithPointer("x", 10, 12 + 3)
            .address("x.internal", 300, 10, 0, 1, 50)
            .soa("internal", 600, 300)
            .build()
            .array();
    Seeds.forEach(
        0xD45,
        Integer.getInteger("vpc4j.fuzz.rounds", 20_000),
        random -> {
          try {
            DnsMessages.read(ByteBuffer.wrap(Mutations.mutate(seed, seed, random)))
                .finding(AddressType.A, 0);
          } catch (Malformed e) {
            assertThat(e.reason())
                .isIn(
                    Malformed.Reason.LENGTH,
                    Malformed.Reason.TYPE,
                    Malformed.Reason.VALUE,
                    Malformed.Reason.LIMIT);
          }
        });
  }

  private static DnsReply read(ReplyBuilder reply) throws Malformed {
    return DnsMessages.read(reply.build());
  }
}

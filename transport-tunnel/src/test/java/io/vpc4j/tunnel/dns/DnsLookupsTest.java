package io.vpc4j.tunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.dns.DnsEffect.Path;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DnsLookupsTest {

  private static final DnsName DB = new DnsName("t1", List.of(), "db.internal");
  private static final IpAddress V4 = IpAddress.require("10.0.1.50");
  private static final IpAddress V6 = IpAddress.require("fd00::50");
  private static final int[] V6_OCTETS = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x50};
  private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);

  private int lastId = 0x100;
  private long nowNs = Long.MAX_VALUE - 5; // shows who compares where they should subtract
  private DnsLookups lookups = new DnsLookups(DnsLimits.DEFAULT, Path.STREAM, () -> lastId++);
  private final List<DnsEffect> effects = new ArrayList<>();

  @Test
  void bothTypesAreAskedInOneExchangeOfTheVirtualService() {
    lookup();
    var open = opened();

    assertThat(open.path()).isEqualTo(Path.STREAM);
    assertThat(open.tunnelId()).isEqualTo("t1");
    assertThat(open.dest()).isEqualTo("[2606:4700:cf1:2000::1]:53");
    assertThat(open.deadlineNs() - nowNs).isEqualTo(3_000_000_000L);
    assertThat(open.messages())
        .containsExactly(
            DnsMessages.query(0x100, "db.internal", AddressType.AAAA),
            DnsMessages.query(0x101, "db.internal", AddressType.A));
  }

  @Test
  void addressesOfBothTypesAreGivenTogether() {
    var ticket = lookup();
    var open = opened();
    answer(open, 1, reply -> reply.address(60, 10, 0, 1, 50));
    assertThat(drained()).isEmpty();
    answer(open, 0, reply -> reply.address(60, V6_OCTETS));

    assertThat(drained())
        .containsExactly(
            new DnsEffect.Close(open.exchangeId()),
            new DnsEffect.Resolved(ticket, List.of(V6, V4)));
    assertThat(lookups.waitNs(nowNs)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void oneTypeWaitsFiftyMillisecondsForTheOther() {
    var ticket = lookup();
    var open = opened();
    answer(open, 1, reply -> reply.address(60, 10, 0, 1, 50));

    assertThat(lookups.waitNs(nowNs)).isEqualTo(50_000_000L);
    pass(49_999_999L);
    assertThat(drained()).isEmpty();
    pass(1);
    assertThat(drained())
        .containsExactly(
            new DnsEffect.Close(open.exchangeId()), new DnsEffect.Resolved(ticket, List.of(V4)));
  }

  @Test
  void theTypeThatDidNotComeIsNotWaitedForAgainForAWhile() {
    lookup();
    answer(opened(), 1, reply -> reply.address(60, 10, 0, 1, 50));
    pass(50_000_000L);
    drained();
    var second = lookup();

    assertThat(drained()).containsExactly(new DnsEffect.Resolved(second, List.of(V4)));
    pass(TimeUnit.SECONDS.toNanos(10));
    lookup();
    assertThat(opened().messages()).hasSize(1); // AAAA alone; A is known
    assertThat(lookups.waitNs(nowNs)).isEqualTo(50_000_000L);
  }

  @Test
  void aServersFailureToAnswerOneTypeDoesNotHideTheOther() {
    var ticket = lookup();
    var open = opened();
    answer(open, 0, reply -> reply.code(2));
    answer(open, 1, reply -> reply.address(60, 10, 0, 1, 50));
    assertThat(opened().messages()).hasSize(1);
    pass(50_000_000L);

    assertThat(drained()).contains(new DnsEffect.Resolved(ticket, List.of(V4)));
  }

  // ---- the cache

  @Test
  void answersAreKeptForTheirTime() {
    resolved(60);
    pass(TimeUnit.SECONDS.toNanos(60) - 1);
    var second = lookup();

    assertThat(drained()).containsExactly(new DnsEffect.Resolved(second, List.of(V6, V4)));
    pass(1);
    lookup();
    assertThat(opened().messages()).hasSize(2);
  }

  @Test
  void answersAreKeptForAnHourAtMostAndThoseWithoutTimeAreNot() {
    resolved(Integer.MAX_VALUE);
    pass(TimeUnit.HOURS.toNanos(1));
    lookup();
    var open = opened();
    answer(open, 0, reply -> reply.address(0, V6_OCTETS));
    answer(open, 1, reply -> reply.address(0, 10, 0, 1, 50));
    drained();
    lookup();
    assertThat(opened().messages()).hasSize(2);
  }

  @Test
  void absenceIsKeptForItsTimeWhereAnSoaSaysSo() {
    absent(30);
    pass(TimeUnit.SECONDS.toNanos(30) - 1);
    var second = lookup();
    failed(second, ErrorCode.DNS_ERROR, "db.internal does not exist (NXDOMAIN)");
    pass(1);
    lookup();
    assertThat(opened()).isNotNull();
  }

  @Test
  void absenceIsKeptForAMinuteAtMost() {
    absent(86_400);
    pass(TimeUnit.SECONDS.toNanos(60));
    lookup();
    assertThat(opened()).isNotNull();
  }

  @Test
  void absenceWithoutAnSoaIsNotKept() {
    var ticket = lookup();
    var open = opened();
    answer(open, 0, reply -> reply.code(3));
    answer(open, 1, reply -> reply.code(3));
    failed(ticket, ErrorCode.DNS_ERROR, "does not exist");
    lookup();
    assertThat(opened()).isNotNull();
  }

  @Test
  void aNameWithoutAddressesHasNone() {
    var ticket = lookup();
    var open = opened();
    answer(open, 0, reply -> reply.soa("internal", 60, 60));
    answer(open, 1, reply -> reply.soa("internal", 60, 60));

    failed(
        ticket,
        ErrorCode.DNS_ERROR,
        "db.internal has no address; the connector's resolver was asked through tunnel t1.");
  }

  @Test
  void theCacheHasItsBound() {
    var limits = new DnsLimits(1024, 8192, 10, 3600, 60, 3, 3_000_000_000L, 50_000_000L);
    lookups = new DnsLookups(limits, Path.STREAM, () -> lastId++);
    for (var i = 0; i < 100; i++) {
      lookups.lookup(new DnsName("t1", List.of(), "h" + i), nowNs + DEADLINE_NS, nowNs);
      var open = opened();
      answer(open, 0, reply -> reply.soa("x", 60, 60));
      answer(open, 1, reply -> reply.address(60, 10, 0, 1, 50));
      drained();
    }

    assertThat(lookups.cached()).isEqualTo(10);
  }

  @Test
  void whatOneTunnelKnowsTheOtherDoesNot() {
    resolved(60);
    lookups.lookup(new DnsName("t2", List.of(), "db.internal"), nowNs + DEADLINE_NS, nowNs);

    assertThat(opened().tunnelId()).isEqualTo("t2");
  }

  // ---- many at once

  @Test
  void lookupsOfOneNameShareTheQuestion() {
    var first = lookup();
    var open = opened();
    var second = lookup();
    var third = lookups.lookup(new DnsName("t1", List.of(), "DB.internal."), deadline(), nowNs);
    assertThat(drained()).isEmpty();
    answer(open, 0, reply -> reply.address(60, V6_OCTETS));
    answer(open, 1, reply -> reply.address(60, 10, 0, 1, 50));

    assertThat(drained())
        .containsExactly(
            new DnsEffect.Close(open.exchangeId()),
            new DnsEffect.Resolved(first, List.of(V6, V4)),
            new DnsEffect.Resolved(second, List.of(V6, V4)),
            new DnsEffect.Resolved(third, List.of(V6, V4)));
  }

  @Test
  void eachHasItsOwnDeadline() {
    var early = lookups.lookup(DB, nowNs + 1000, nowNs);
    var late = lookup();
    var open = opened();
    assertThat(lookups.waitNs(nowNs)).isEqualTo(1000);
    pass(1000);
    failed(early, ErrorCode.DNS_TIMEOUT, "was not resolved in time");
    answer(open, 0, reply -> reply.address(60, V6_OCTETS));
    answer(open, 1, reply -> reply.address(60, 10, 0, 1, 50));

    assertThat(drained()).contains(new DnsEffect.Resolved(late, List.of(V6, V4)));
  }

  @Test
  void whatNobodyWaitsForIsNotAskedFor() {
    var first = lookup();
    var second = lookup();
    var open = opened();
    lookups.giveUp(first);
    lookups.giveUp(first);
    assertThat(drained()).isEmpty();
    lookups.giveUp(second);

    assertThat(drained()).containsExactly(new DnsEffect.Close(open.exchangeId()));
    answer(open, 0, reply -> reply.address(60, V6_OCTETS));
    assertThat(drained()).isEmpty();
    assertThat(lookups.waitNs(nowNs)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void thereAreNoMoreThanTheBounds() {
    var limits = new DnsLimits(2, 3, 10, 3600, 60, 3, 3_000_000_000L, 50_000_000L);
    lookups = new DnsLookups(limits, Path.STREAM, () -> lastId++);
    for (var name : List.of("a", "b")) {
      lookups.lookup(new DnsName("t1", List.of(), name), deadline(), nowNs);
    }
    drained();
    var third = lookups.lookup(new DnsName("t1", List.of(), "c"), deadline(), nowNs);
    failed(third, ErrorCode.DNS_ERROR, "too many at once");
    lookups.lookup(new DnsName("t1", List.of(), "a"), deadline(), nowNs);
    assertThat(drained()).isEmpty();
    var fourth = lookups.lookup(new DnsName("t1", List.of(), "a"), deadline(), nowNs);
    failed(fourth, ErrorCode.DNS_ERROR, "too many at once");
  }

  // ---- what goes wrong

  @Nested
  class WhenTheResolverIsInTrouble {

    @Test
    void itIsAskedThreeTimesThreeSecondsEach() {
      var ticket = lookup();
      for (var attempt = 0; attempt < 3; attempt++) {
        assertThat(opened().exchangeId()).isEqualTo(attempt + 1);
        pass(2_999_999_999L);
        assertThat(drained()).isEmpty();
        pass(1);
      }

      failed(ticket, ErrorCode.DNS_TIMEOUT, "was not resolved in time");
    }

    @Test
    void itsFailureIsAnErrorAndIsNotKept() {
      var ticket = lookup();
      for (var attempt = 0; attempt < 3; attempt++) {
        var open = opened();
        answer(open, 0, reply -> reply.code(2));
        answer(open, 1, reply -> reply.code(2));
      }
      failed(ticket, ErrorCode.DNS_ERROR, "db.internal was not resolved: SERVFAIL");
      lookup();
      assertThat(opened()).isNotNull();
    }

    @Test
    void aStreamThatCannotBeOpenedIsOpenedAgain() {
      var ticket = lookup();
      for (var attempt = 0; attempt < 3; attempt++) {
        lookups.onFailed(opened().exchangeId(), "no connector", nowNs);
      }

      failed(ticket, ErrorCode.DNS_ERROR, "db.internal was not resolved: no connector");
    }

    @Test
    void whatWasAnsweredBeforeItsEndIsNotAskedAgain() {
      var ticket = lookup();
      var open = opened();
      answer(open, 1, reply -> reply.soa("internal", 60, 60));
      lookups.onFailed(open.exchangeId(), "closed", nowNs);
      var second = opened();
      assertThat(second.messages()).hasSize(1);
      answer(second, 0, reply -> reply.address(60, V6_OCTETS));

      assertThat(drained()).contains(new DnsEffect.Resolved(ticket, List.of(V6)));
    }

    @Test
    void anAnswerWithAnotherIdOrAnotherQuestionIsPassedOver() {
      var ticket = lookup();
      var open = opened();
      lookups.onMessage(
          open.exchangeId(),
          ReplyBuilder.to(DnsMessages.query(0x999, "db.internal", AddressType.A)).code(3).build(),
          nowNs);
      lookups.onMessage(
          open.exchangeId(),
          ReplyBuilder.to(DnsMessages.query(0x101, "other", AddressType.A)).code(3).build(),
          nowNs);
      lookups.onMessage(
          open.exchangeId(),
          ReplyBuilder.to(DnsMessages.query(0x101, "db.internal", AddressType.AAAA))
              .code(3)
              .build(),
          nowNs);
      assertThat(drained()).isEmpty();
      answer(open, 0, reply -> reply.soa("internal", 60, 60));
      answer(open, 1, reply -> reply.address(60, 10, 0, 1, 50));

      assertThat(drained()).contains(new DnsEffect.Resolved(ticket, List.of(V4)));
    }

    @Test
    void anAnswerThatIsNoneEndsTheExchange() {
      lookup();
      var open = opened();
      lookups.onMessage(open.exchangeId(), ByteBuffer.allocate(3), nowNs);

      assertThat(drained()).first().isEqualTo(new DnsEffect.Close(open.exchangeId()));
      assertThat(effects).last().isInstanceOf(DnsEffect.Open.class);
    }

    @Test
    void theNextServerIsAskedNext() {
      lookups.lookup(
          new DnsName(
              "t1",
              List.of(
                  new InetSocketAddress("10.0.0.53", 53), new InetSocketAddress("fd00::53", 5353)),
              "db.internal"),
          deadline(),
          nowNs);
      var dests = new ArrayList<String>();
      for (var attempt = 0; attempt < 3; attempt++) {
        var open = opened();
        dests.add(open.dest());
        lookups.onFailed(open.exchangeId(), "refused", nowNs);
      }

      assertThat(dests).containsExactly("10.0.0.53:53", "[fd00::53]:5353", "10.0.0.53:53");
      assertThat(drained())
          .last()
          .isInstanceOfSatisfying(
              DnsEffect.Failed.class,
              failed ->
                  assertThat(failed.failure())
                      .hasMessageContaining("10.0.0.53")
                      .hasMessageContaining("behind it"));
    }
  }

  // ---- aliases

  @Test
  void anAliasThatTheResolverDidNotFollowIsFollowed() {
    var ticket = lookup();
    var open = opened();
    answer(open, 0, reply -> reply.soa("internal", 60, 60));
    answer(open, 1, reply -> reply.alias("db.internal", "b.internal", 5));
    var second = opened();
    assertThat(second.messages())
        .containsExactly(DnsMessages.query(0x102, "b.internal", AddressType.A));
    answer(second, 0, reply -> reply.address(60, 10, 0, 1, 50));

    assertThat(drained()).contains(new DnsEffect.Resolved(ticket, List.of(V4)));
    pass(TimeUnit.SECONDS.toNanos(5)); // the alias has the shorter time
    lookup();
    assertThat(opened().messages())
        .containsExactly(DnsMessages.query(0x103, "db.internal", AddressType.A));
  }

  @Test
  void aliasesWithoutEndAreNotFollowedForEver() {
    var ticket = lookup();
    var exchanges = 0;
    for (var open = openedOrNull(); open != null; open = openedOrNull()) {
      exchanges++;
      for (var i = 0; i < open.messages().size(); i++) {
        var from = questionOf(open.messages().get(i));
        answer(open, i, reply -> reply.alias(from, "x" + from, 5));
      }
    }

    assertThat(exchanges).isLessThanOrEqualTo(3 + 8 + 1);
    failed(ticket, ErrorCode.DNS_ERROR, "more than 8 aliases");
  }

  // ---- datagrams

  @Test
  void aResolverThatTakesNoStreamIsAskedByDatagramsAndThenAgain() {
    var ticket = lookup();
    lookups.onFailed(opened().exchangeId(), "refused", nowNs);
    var datagrams = opened();
    assertThat(datagrams.path()).isEqualTo(Path.DATAGRAMS);
    lookups.onFailed(datagrams.exchangeId(), "no datagrams over HTTP/2", nowNs);
    var stream = opened();
    assertThat(stream.path()).isEqualTo(Path.STREAM);
    lookups.onFailed(stream.exchangeId(), "refused again", nowNs);

    failed(ticket, ErrorCode.DNS_ERROR, "refused again");
  }

  @Test
  void aResolverThatTakesNoStreamAndCutsItsDatagramsIsAskedABoundedNumberOfTimes() {
    var ticket = lookup();
    var exchanges = 0;
    for (var open = opened(); open != null; open = openedOrNull()) {
      exchanges++;
      if (open.path() == Path.STREAM) {
        lookups.onFailed(open.exchangeId(), "refused", nowNs);
      } else {
        answer(open, 0, ReplyBuilder::truncated);
        answer(open, 1, ReplyBuilder::truncated);
      }
    }

    assertThat(exchanges).isLessThanOrEqualTo(2 * DnsLimits.DEFAULT.maxAttempts());
    failed(ticket, ErrorCode.DNS_ERROR, "refused");
  }

  @Nested
  class WithDatagramsFirst {

    WithDatagramsFirst() {
      lookups = new DnsLookups(DnsLimits.DEFAULT, Path.DATAGRAMS, () -> lastId++);
    }

    @Test
    void aTruncatedAnswerIsAskedForAgainOverAStream() {
      var ticket = lookup();
      var datagrams = opened();
      assertThat(datagrams.path()).isEqualTo(Path.DATAGRAMS);
      answer(datagrams, 0, reply -> reply.soa("internal", 60, 60));
      answer(datagrams, 1, ReplyBuilder::truncated);
      var stream = opened();

      assertThat(stream.path()).isEqualTo(Path.STREAM);
      assertThat(stream.messages()).hasSize(1);
      answer(stream, 0, reply -> reply.address(60, 10, 0, 1, 50));
      assertThat(drained()).contains(new DnsEffect.Resolved(ticket, List.of(V4)));
    }

    @Test
    void aSessionThatCannotBeOpenedIsAStream() {
      lookup();
      lookups.onFailed(opened().exchangeId(), "no datagrams over HTTP/2", nowNs);

      assertThat(opened().path()).isEqualTo(Path.STREAM);
    }

    @Test
    void aLostDatagramIsAskedForAgainOverAStream() {
      lookup();
      opened();
      pass(3_000_000_000L);

      assertThat(opened().path()).isEqualTo(Path.STREAM);
    }
  }

  // ---- the page's versions

  @Test
  void releasesSinceJuly2025HaveTheService() {
    assertThat(List.of("2025.7.0", "2026.8.2", "2026.3.0-rc1", "2025.10.1", "DEV", ""))
        .allMatch(VirtualDns::isServedBy);
    assertThat(List.of("2023.7.3", "2025.6.1", "2024.12.2")).noneMatch(VirtualDns::isServedBy);
  }

  // ---- the world around

  private long deadline() {
    return nowNs + DEADLINE_NS;
  }

  private DnsTicket lookup() {
    return lookups.lookup(DB, deadline(), nowNs);
  }

  private void pass(long ns) {
    nowNs += ns;
    lookups.onTime(nowNs);
  }

  private List<DnsEffect> drained() {
    effects.clear();
    for (var effect = lookups.poll(); effect != null; effect = lookups.poll()) {
      effects.add(effect);
    }
    return effects;
  }

  /** The one exchange that is to be opened now. */
  private DnsEffect.Open opened() {
    var open = openedOrNull();
    assertThat(open).as("an exchange among %s", effects).isNotNull();
    return open;
  }

  private DnsEffect.Open openedOrNull() {
    return drained().stream()
        .filter(DnsEffect.Open.class::isInstance)
        .map(DnsEffect.Open.class::cast)
        .reduce(
            (first, second) -> {
              throw new AssertionError("two exchanges at once: " + effects);
            })
        .orElse(null);
  }

  private void answer(DnsEffect.Open open, int message, UnaryOperator<ReplyBuilder> reply) {
    var built = reply.apply(ReplyBuilder.to(open.messages().get(message))).build();
    lookups.onMessage(open.exchangeId(), built, nowNs);
  }

  private static String questionOf(ByteBuffer query) {
    var name = new StringBuilder();
    for (var at = 12; query.get(at) != 0; at += query.get(at) + 1) {
      name.append(name.length() == 0 ? "" : ".");
      for (var i = 1; i <= query.get(at); i++) {
        name.append((char) query.get(at + i));
      }
    }
    return name.toString();
  }

  /** Both addresses, kept for so long. */
  private void resolved(int ttlSeconds) {
    lookup();
    var open = opened();
    answer(open, 0, reply -> reply.address(ttlSeconds, V6_OCTETS));
    answer(open, 1, reply -> reply.address(ttlSeconds, 10, 0, 1, 50));
    drained();
  }

  /** No such name, for so long. */
  private void absent(int seconds) {
    lookup();
    var open = opened();
    answer(open, 0, reply -> reply.code(3).soa("internal", 86_400, seconds));
    answer(open, 1, reply -> reply.code(3).soa("internal", 86_400, seconds));
    drained();
    effects.clear();
  }

  private void failed(DnsTicket ticket, ErrorCode code, String message) {
    if (effects.stream().noneMatch(DnsEffect.Failed.class::isInstance)) {
      drained();
    }
    assertThat(effects)
        .filteredOn(DnsEffect.Failed.class::isInstance)
        .last()
        .isInstanceOfSatisfying(
            DnsEffect.Failed.class,
            failed -> {
              assertThat(failed.ticket()).isSameAs(ticket);
              assertThat(failed.failure().code()).isEqualTo(code);
              assertThat(failed.failure().stage()).isEqualTo(VpcException.Stage.RESOLVE);
              assertThat(failed.failure()).hasMessageContaining(message);
            });
  }
}

package io.vpc4j.tunnel.dns;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.dns.DnsEffect.Path;
import io.vpc4j.tunnel.dns.DnsReply.Absence;
import io.vpc4j.tunnel.dns.DnsReply.Finding;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One name that is being asked for: both types of address, attempt by attempt, for everybody who
 * waits for it.
 *
 * <p>An attempt is an exchange that asks all that is not settled. It ends when each of its
 * questions is answered, well or badly, or when its time is over; then the next one asks the rest
 * of the next server, until nothing is left or there have been enough.
 */
final class Resolution {

  /** An attempt under way. */
  private record Exchange(long id, Path path, long deadlineNs) {}

  private static final String TIMED_OUT = "no answer in time";

  private final DnsName name;
  private final DnsLimits limits;
  private final List<Question> questions;
  private final List<DnsTicket> tickets = new ArrayList<>();
  private Path path;
  private int attempts;
  private @Nullable Exchange exchange;

  /** When to make do with one type of address, once there is one. RFC 8305 3 */
  private long resolutionDelayEndsNs;

  private boolean isDelaying;

  /** Whether an answer did not go into a datagram: none is asked for by datagrams any more. */
  private boolean isTooLong;

  Resolution(DnsName name, List<Question> questions, Path firstPath, DnsLimits limits) {
    this.name = name;
    this.questions = questions;
    this.path = firstPath;
    this.limits = limits;
  }

  DnsName name() {
    return name;
  }

  List<DnsTicket> tickets() {
    return tickets;
  }

  // ---- attempts

  /** Whether all that was asked is answered, and something is left to ask. */
  boolean needsAttempt() {
    return questions.stream().noneMatch(Question::isAsked)
        && questions.stream().anyMatch(question -> !question.isSettled());
  }

  boolean mayTryAgain() {
    return attempts < limits.maxAttempts();
  }

  DnsEffect.Open attempt(long exchangeId, IntSupplier ids, long nowNs) {
    var messages = new ArrayList<ByteBuffer>();
    for (var question : questions) {
      if (!question.isSettled()) {
        messages.add(question.ask(ids.getAsInt() & 0xffff));
      }
    }
    var deadlineNs = nowNs + limits.attemptNs();
    exchange = new Exchange(exchangeId, path, deadlineNs);
    return new DnsEffect.Open(exchangeId, path, name.tunnelId(), dest(), messages, deadlineNs);
  }

  private String dest() {
    var servers = name.servers();
    var attempt = attempts++;
    return servers.isEmpty()
        ? VirtualDns.DESTINATION
        : destination(servers.get(attempt % servers.size()));
  }

  private static String destination(InetSocketAddress server) {
    var address = server.getAddress();
    var host = address == null ? server.getHostString() : IpAddress.of(address).toUrlHost();
    return host + ":" + server.getPort();
  }

  /** The exchange under way, which is under way no longer; -1 if there is none. */
  long endExchange() {
    var ended = exchange;
    exchange = null;
    return ended == null ? -1 : ended.id();
  }

  // ---- answers

  /** Takes a message of the exchange under way; says whether it was an answer. */
  boolean onReply(DnsReply reply, long nowNs) {
    for (var question : questions) {
      if (question.isAnsweredBy(reply)) {
        on(question, reply);
        delayIfFound(nowNs);
        return true;
      }
    }
    return false;
  }

  private void on(Question question, DnsReply reply) {
    if (reply.extent() == DnsReply.Extent.WHOLE) {
      var before = question.aliases();
      question.on(reply.finding(question.type(), before));
      if (question.aliases() > before) {
        attempts = 0; // another question than before; how many there may be is bounded by itself
      }
      return;
    }
    question.again("a truncated answer");
    if (!isTooLong && exchange != null && exchange.path() == Path.DATAGRAMS) {
      isTooLong = true;
      path = Path.STREAM;
      attempts--; // not the server's fault, and now it is asked as it wants
    }
  }

  /**
   * The exchange under way gave no more: what it was asked is to be asked again, the other way.
   * Resolvers should serve both (RFC 7766 5), and some serve one.
   */
  void onTrouble(String why) {
    if (exchange != null && !isTooLong) {
      path = exchange.path() == Path.DATAGRAMS ? Path.STREAM : Path.DATAGRAMS;
    }
    for (var question : questions) {
      if (question.isAsked()) {
        question.again(why);
      }
    }
  }

  /** Nothing more is asked; what is not settled has failed. */
  void giveUp() {
    for (var question : questions) {
      if (!question.isSettled()) {
        var why = question.isAsked() ? TIMED_OUT : question.trouble();
        question.settle(new Finding.Unanswered(why));
      }
    }
  }

  // ---- time

  /** From the first type found, or known before, the other has so long. */
  void delayIfFound(long nowNs) {
    if (!isDelaying && questions.stream().anyMatch(Question::isFound)) {
      isDelaying = true;
      resolutionDelayEndsNs = nowNs + limits.resolutionDelayNs();
    }
  }

  boolean isExchangeOver(long nowNs) {
    return exchange != null && nowNs - exchange.deadlineNs() >= 0;
  }

  void onExchangeOver() {
    onTrouble(TIMED_OUT);
  }

  /** Whether one type of address has waited long enough for the other. */
  boolean isDelayOver(long nowNs) {
    return isDelaying && nowNs - resolutionDelayEndsNs >= 0;
  }

  /** The least time from {@code nowNs} until something is to be done here. */
  long waitNs(long nowNs) {
    var wait = Long.MAX_VALUE;
    if (exchange != null) {
      wait = exchange.deadlineNs() - nowNs;
    }
    if (isDelaying) {
      wait = Math.min(wait, resolutionDelayEndsNs - nowNs);
    }
    for (var ticket : tickets) {
      wait = Math.min(wait, ticket.deadlineNs() - nowNs);
    }
    return wait;
  }

  // ---- the end

  boolean isSettled() {
    return questions.stream().allMatch(Question::isSettled);
  }

  List<Question> questions() {
    return questions;
  }

  /** IPv6 before IPv4, each as the resolver had them; empty if nothing was found. */
  List<IpAddress> addresses() {
    var addresses = new ArrayList<IpAddress>();
    for (var question : questions) {
      if (question.state() instanceof Question.State.Settled settled
          && settled.finding() instanceof Finding.Found found) {
        addresses.addAll(found.addresses());
      }
    }
    return List.copyOf(addresses);
  }

  /** Why nothing was found, for whoever asks; a new one each time, since each is thrown. */
  VpcException failure() {
    var absent = false;
    var trouble = "";
    for (var question : questions) {
      if (question.state() instanceof Question.State.Settled settled) {
        if (settled.finding() instanceof Finding.Unanswered unanswered) {
          trouble = unanswered.why();
        } else if (settled.finding() instanceof Finding.Nothing nothing) {
          absent |= nothing.absence() == Absence.NO_SUCH_NAME;
        }
      }
    }
    if (absent) { // NXDOMAIN is said of the name, whatever the type. RFC 8020 2
      return failure(ErrorCode.DNS_ERROR, "does not exist (NXDOMAIN)");
    }
    if (trouble.equals(TIMED_OUT)) {
      return failure(ErrorCode.DNS_TIMEOUT, "was not resolved in time");
    }
    return trouble.isEmpty()
        ? failure(ErrorCode.DNS_ERROR, "has no address")
        : failure(ErrorCode.DNS_ERROR, "was not resolved: " + trouble);
  }

  VpcException failure(ErrorCode code, String what) {
    var whom =
        name.servers().isEmpty() ? "the connector's resolver" : name.servers() + " behind it";
    return new VpcException(
        code,
        Stage.RESOLVE,
        "%s %s; %s was asked through tunnel %s."
            .formatted(name.name(), what, whom, name.tunnelId()));
  }
}

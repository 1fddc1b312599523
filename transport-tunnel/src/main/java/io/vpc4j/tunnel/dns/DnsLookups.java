package io.vpc4j.tunnel.dns;

import io.vpc4j.ErrorCode;
import io.vpc4j.tunnel.dns.DnsEffect.Path;
import io.vpc4j.tunnel.octets.Malformed;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks names up: lookups, replies and the time go in; exchanges to be opened, addresses and
 * failures come out. No I/O, no clock.
 *
 * <p>Both types of address are asked for at once, in one exchange. Lookups of one name share it. An
 * answer is kept for its time, and so is that there is none (RFC 2308); a resolver's failure is
 * not. A truncated answer is asked for again over a stream; what was lost on the way, or could not
 * be asked, the other way than before.
 *
 * <p>After any {@code on...}, {@link #lookup} or {@link #giveUp}, poll effects until null, and come
 * back no later than {@link #waitNs} from then. Not safe for use by many threads.
 */
public final class DnsLookups {

  private final DnsLimits limits;
  private final Path firstPath;
  private final IntSupplier ids;
  private final DnsCache cache;
  private final Map<DnsName, Resolution> resolutions = new HashMap<>();
  private final Map<Long, Resolution> exchanges = new HashMap<>();
  private final ArrayDeque<DnsEffect> effects = new ArrayDeque<>();
  private long lastExchangeId;
  private int waiters;

  /**
   * Begins with nothing known.
   *
   * @param firstPath how a question is asked first; over a stream works on every carrier
   * @param ids chance: the low 16 bits are a query's id, which an answer must know. RFC 5452 9.2
   */
  public DnsLookups(DnsLimits limits, Path firstPath, IntSupplier ids) {
    this.limits = limits;
    this.firstPath = firstPath;
    this.ids = ids;
    this.cache = new DnsCache(limits);
  }

  // ---- inputs

  /**
   * Wants the addresses of a name.
   *
   * @param deadlineNs when there must be an answer
   * @return what the answer will be known by: {@link DnsEffect.Resolved} or {@link
   *     DnsEffect.Failed}, once, unless it is given up
   */
  public DnsTicket lookup(DnsName name, long deadlineNs, long nowNs) {
    var ticket = new DnsTicket(name, deadlineNs);
    var resolution = resolutions.get(name);
    var isNew = resolution == null;
    if (resolution == null) {
      resolution = new Resolution(name, questions(name, nowNs), firstPath, limits);
    }
    var needsRoom = isNew && !resolution.isSettled();
    if (waiters >= limits.maxWaiters()
        || (needsRoom && resolutions.size() >= limits.maxLookups())) {
      effects.add(
          new DnsEffect.Failed(
              ticket, resolution.failure(ErrorCode.DNS_ERROR, "is one name too many at once")));
      return ticket;
    }
    resolution.tickets().add(ticket);
    waiters++;
    if (isNew) {
      resolutions.put(name, resolution);
      resolution.delayIfFound(nowNs);
      goOn(resolution, nowNs);
    }
    return ticket;
  }

  /** Needs an answer no more. */
  public void giveUp(DnsTicket ticket) {
    var resolution = resolutions.get(ticket.name());
    if (resolution != null && resolution.tickets().remove(ticket)) {
      waiters--;
      abandonIfAlone(resolution);
    }
  }

  /** A message has come in an exchange. */
  public void onMessage(long exchangeId, ByteBuffer message, long nowNs) {
    var resolution = exchanges.get(exchangeId);
    if (resolution == null) {
      return; // it came after its close
    }
    try {
      if (resolution.onReply(DnsMessages.read(message), nowNs)) {
        goOn(resolution, nowNs);
      }
      // else it answers nothing that was asked: forged, or late. RFC 5452 9.1
    } catch (Malformed e) {
      onFailed(exchangeId, "an answer that is none, " + e.getMessage(), nowNs);
    }
  }

  /** An exchange cannot be opened, or has ended. */
  public void onFailed(long exchangeId, String why, long nowNs) {
    var resolution = exchanges.get(exchangeId);
    if (resolution != null) {
      resolution.onTrouble(why);
      goOn(resolution, nowNs);
    }
  }

  /** Time has passed. */
  public void onTime(long nowNs) {
    for (var resolution : List.copyOf(resolutions.values())) {
      if (resolution.isExchangeOver(nowNs)) {
        resolution.onExchangeOver();
      }
      if (resolution.isDelayOver(nowNs)) {
        finish(resolution, nowNs);
      } else {
        expire(resolution, nowNs);
        goOn(resolution, nowNs);
      }
    }
  }

  // ---- outputs

  /** What is to be done, in this order; null if nothing more is. */
  public @Nullable DnsEffect poll() {
    return effects.poll();
  }

  /** How long {@link #onTime} may be put off; {@link Long#MAX_VALUE} if nothing waits. */
  public long waitNs(long nowNs) {
    var wait = Long.MAX_VALUE;
    for (var resolution : resolutions.values()) {
      wait = Math.min(wait, resolution.waitNs(nowNs));
    }
    return Math.max(0, wait);
  }

  /** Answers that are kept. */
  public int cached() {
    return cache.size();
  }

  // ---- one name

  private List<Question> questions(DnsName name, long nowNs) {
    var questions = new ArrayList<Question>();
    for (var type : AddressType.values()) {
      var question = new Question(name.name(), type);
      known(name, type, nowNs).ifPresent(question::settle);
      questions.add(question);
    }
    return questions;
  }

  private Optional<DnsReply.Finding> known(DnsName name, AddressType type, long nowNs) {
    return cache.get(new DnsCache.Key(name, type), nowNs);
  }

  /** The one place where a resolution takes its next step. */
  private void goOn(Resolution resolution, long nowNs) {
    if (!resolutions.containsKey(resolution.name())) {
      return;
    }
    if (resolution.needsAttempt()) {
      closeExchange(resolution);
      if (resolution.mayTryAgain()) {
        var open = resolution.attempt(++lastExchangeId, ids, nowNs);
        exchanges.put(open.exchangeId(), resolution);
        effects.add(open);
        return;
      }
      resolution.giveUp();
    }
    if (resolution.isSettled()) {
      finish(resolution, nowNs);
    }
  }

  private void finish(Resolution resolution, long nowNs) {
    closeExchange(resolution);
    resolution.giveUp();
    var addresses = resolution.addresses();
    keep(
        resolution,
        addresses.isEmpty() ? DnsCache.Failures.FORGOTTEN : DnsCache.Failures.KEPT,
        nowNs);
    for (var ticket : resolution.tickets()) {
      effects.add(
          addresses.isEmpty()
              ? new DnsEffect.Failed(ticket, resolution.failure())
              : new DnsEffect.Resolved(ticket, addresses));
    }
    waiters -= resolution.tickets().size();
    resolutions.remove(resolution.name());
  }

  /** What came from the cache keeps its own time there. */
  private void keep(Resolution resolution, DnsCache.Failures failures, long nowNs) {
    for (var question : resolution.questions()) {
      var key = new DnsCache.Key(resolution.name(), question.type());
      if (question.state() instanceof Question.State.Settled settled
          && cache.get(key, nowNs).isEmpty()) {
        cache.put(key, settled.finding(), failures, nowNs);
      }
    }
  }

  /** Fails whoever has waited long enough. */
  private void expire(Resolution resolution, long nowNs) {
    for (var ticket : List.copyOf(resolution.tickets())) {
      if (nowNs - ticket.deadlineNs() >= 0) {
        effects.add(
            new DnsEffect.Failed(
                ticket, resolution.failure(ErrorCode.DNS_TIMEOUT, "was not resolved in time")));
        resolution.tickets().remove(ticket);
        waiters--;
      }
    }
    abandonIfAlone(resolution);
  }

  private void abandonIfAlone(Resolution resolution) {
    if (resolution.tickets().isEmpty()) {
      closeExchange(resolution);
      resolutions.remove(resolution.name());
    }
  }

  private void closeExchange(Resolution resolution) {
    var exchangeId = resolution.endExchange();
    if (exchangeId >= 0) {
      exchanges.remove(exchangeId);
      effects.add(new DnsEffect.Close(exchangeId));
    }
  }
}

package io.vpc4j.tunnel.dns;

import io.vpc4j.tunnel.dns.DnsReply.Finding;
import java.nio.ByteBuffer;

/** One type of address of one name, from the first query to what it led to. */
final class Question {

  private final AddressType type;

  /** Where it stands. */
  sealed interface State {
    /** To be asked in the next exchange. */
    record Waiting(String lastTrouble) implements State {}

    /** Asked in the exchange that is open. */
    record Asked(int id, String lastTrouble) implements State {}

    /** Over. */
    record Settled(Finding finding) implements State {}
  }

  private State state = new State.Waiting("");
  private String name;
  private int aliases;
  private long aliasTtlSeconds = Long.MAX_VALUE;

  Question(String name, AddressType type) {
    this.name = name;
    this.type = type;
  }

  AddressType type() {
    return type;
  }

  State state() {
    return state;
  }

  boolean isSettled() {
    return state instanceof State.Settled;
  }

  boolean isAsked() {
    return state instanceof State.Asked;
  }

  boolean isFound() {
    return state instanceof State.Settled settled && settled.finding() instanceof Finding.Found;
  }

  /** The query, with an id of its own. */
  ByteBuffer ask(int id) {
    state = new State.Asked(id, trouble());
    return DnsMessages.query(id, name, type);
  }

  /** Whether a reply is to this question as it was asked last. RFC 5452 9.1 */
  boolean isAnsweredBy(DnsReply reply) {
    return state instanceof State.Asked asked
        && asked.id() == reply.id()
        && reply.name().equals(name)
        && reply.type() == type.code();
  }

  /** Takes what a reply says; an alias alone leaves the question waiting, under another name. */
  void on(Finding finding) {
    if (finding instanceof Finding.Elsewhere elsewhere) {
      name = elsewhere.name();
      aliases = elsewhere.aliases();
      aliasTtlSeconds = Math.min(aliasTtlSeconds, elsewhere.ttlSeconds());
      state = new State.Waiting("");
    } else if (finding instanceof Finding.Unanswered unanswered) {
      again(unanswered.why());
    } else {
      settle(withAliasTtl(finding));
    }
  }

  private Finding withAliasTtl(Finding finding) {
    if (finding instanceof Finding.Found found) {
      return new Finding.Found(found.addresses(), Math.min(found.ttlSeconds(), aliasTtlSeconds));
    }
    if (finding instanceof Finding.Nothing nothing) {
      return new Finding.Nothing(
          nothing.absence(), Math.min(nothing.ttlSeconds(), aliasTtlSeconds));
    }
    return finding;
  }

  int aliases() {
    return aliases;
  }

  /** It is to be asked again. */
  void again(String why) {
    state = new State.Waiting(why);
  }

  /** It is over. */
  void settle(Finding finding) {
    state = new State.Settled(finding);
  }

  /** What went wrong last; empty if nothing did. */
  String trouble() {
    if (state instanceof State.Waiting waiting) {
      return waiting.lastTrouble();
    }
    return state instanceof State.Asked asked ? asked.lastTrouble() : "";
  }
}

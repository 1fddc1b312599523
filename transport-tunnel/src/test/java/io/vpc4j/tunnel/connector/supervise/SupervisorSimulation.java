package io.vpc4j.tunnel.connector.supervise;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;

/** A supervisor in virtual time, beside an edge that behaves as a test says. */
final class SupervisorSimulation {

  /** What becomes of a dial. */
  interface Edge {
    void onDial(Command.Dial dial);
  }

  private record Event(long atNs, long order, Runnable action) {}

  final Supervisor supervisor;
  final List<String> trace = new ArrayList<>();
  final List<Command.Dial> dials = new ArrayList<>();
  final List<Command.Close> closes = new ArrayList<>();
  Edge edge = dial -> {};
  Consumer<Command.Unregister> onUnregister = unregister -> {};
  Command.End ended;
  long nowNs;

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          java.util.Comparator.comparingLong(Event::atNs).thenComparingLong(Event::order));
  private long order;

  /** Chance is one half, always. */
  SupervisorSimulation(Policy policy) {
    this(policy, () -> 0.5);
  }

  SupervisorSimulation(Policy policy, long seed) {
    this(policy, new Random(seed)::nextDouble);
  }

  private SupervisorSimulation(Policy policy, java.util.function.DoubleSupplier chance) {
    supervisor = new Supervisor(policy, chance);
    nowNs = -3_000_000_000L; // a clock may start anywhere, and pass zero
  }

  SupervisorSimulation start() {
    supervisor.onStart(nowNs);
    drain();
    return this;
  }

  /** Does {@code action} in so many milliseconds. */
  void later(long delayMs, Runnable action) {
    events.add(new Event(nowNs + MILLISECONDS.toNanos(delayMs), order++, action));
  }

  void now(Runnable action) {
    action.run();
    drain();
  }

  /** An edge that takes every registration, {@code delayMs} after the handshake. */
  Edge welcoming(long delayMs) {
    return dial -> {
      supervisor.onDialed(dial.index(), dial.attempt(), nowNs);
      later(delayMs, () -> supervisor.onRegistered(dial.index(), dial.attempt(), nowNs));
    };
  }

  Edge refusingConnections() {
    return dial -> supervisor.onLost(dial.index(), dial.attempt(), "connection refused", nowNs);
  }

  Edge refusing(Refusal refusal) {
    return dial -> {
      supervisor.onDialed(dial.index(), dial.attempt(), nowNs);
      supervisor.onRefused(dial.index(), dial.attempt(), refusal, nowNs);
    };
  }

  SupervisorSimulation advance(long millis) {
    var endNs = nowNs + MILLISECONDS.toNanos(millis);
    while (true) {
      var eventNs = events.isEmpty() ? Long.MAX_VALUE : events.peek().atNs();
      var timerNs = supervisor.hasDeadline() ? supervisor.deadlineNs(nowNs) : Long.MAX_VALUE;
      var nextNs = Math.min(eventNs, timerNs);
      if (nextNs > endNs) {
        break;
      }
      nowNs = nextNs;
      if (eventNs <= timerNs) {
        events.remove().action().run();
      } else {
        supervisor.onTime(nowNs);
      }
      drain();
    }
    nowNs = endNs;
    return this;
  }

  private void drain() {
    for (var command = supervisor.poll(); command != null; command = supervisor.poll()) {
      trace.add(said(command));
      if (command instanceof Command.Dial dial) {
        dials.add(dial);
        edge.onDial(dial);
      } else if (command instanceof Command.Close close) {
        closes.add(close);
      } else if (command instanceof Command.Unregister unregister) {
        onUnregister.accept(unregister);
      } else if (command instanceof Command.End end) {
        ended = end;
      }
    }
  }

  private String said(Command command) {
    var at = "%.1f ".formatted((nowNs + 3_000_000_000L) / 1e9);
    if (command instanceof Command.Dial dial) {
      return at + "dial " + dial.index() + " " + dial.edge() + " " + dial.protocol();
    }
    if (command instanceof Command.Pausing pausing) {
      return String.format(
          Locale.ROOT, "%spause %d %.1f", at, pausing.index(), pausing.delayNs() / 1e9);
    }
    if (command instanceof Command.Close close) {
      return at + "close " + close.index();
    }
    if (command instanceof Command.Unregister unregister) {
      return at + "unregister " + unregister.index();
    }
    if (command instanceof Command.Switching switching) {
      return at + "switch " + switching.protocol();
    }
    return at + "end " + ((Command.End) command).outcome();
  }
}

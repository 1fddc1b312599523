package io.vpc4j.tunnel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.session.ConnectorSessions.DialFailure;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An edge's sessions and a connector's, with a network between them that loses, repeats and
 * reorders datagrams, and calls that arrive late and in any order; time goes by in between.
 */
final class SessionsSim {

  private static final long SECOND = 1_000_000_000L;
  private static final IpAddress HOST = IpAddress.require("10.0.1.50");
  private static final SessionLimits LIMITS =
      new SessionLimits(40, 10 * SECOND, SECOND / 5, SECOND, 5 * SECOND);

  private final Random random;
  private final EdgeSessions edge;
  private final ConnectorSessions connector;
  private final List<Runnable> onTheWay = new ArrayList<>();
  private final Set<UUID> sockets = new HashSet<>();
  private final Set<UUID> opening = new HashSet<>();
  private final Set<UUID> open = new HashSet<>();
  private long nowNs = 5;
  private long lastId;
  private int opened;
  private int refused;
  private int received;

  SessionsSim(DatagramVersion version, Random random) {
    this.random = random;
    this.edge = new EdgeSessions(version, LIMITS, () -> new UUID(7, ++lastId));
    this.connector = new ConnectorSessions(version, LIMITS);
  }

  int opened() {
    return opened;
  }

  int refused() {
    return refused;
  }

  int received() {
    return received;
  }

  void run(int steps) {
    for (var step = 0; step < steps; step++) {
      act();
      settle();
    }
    // all that is on its way arrives, and then nothing happens until everybody has been idle
    while (!onTheWay.isEmpty()) {
      onTheWay.remove(0).run();
      settle();
    }
    for (var quiet = 0; quiet < 60; quiet++) {
      pass(SECOND);
      settle();
      while (!onTheWay.isEmpty()) {
        onTheWay.remove(0).run();
        settle();
      }
    }
    assertThat(opening).as("neither opened nor refused").isEmpty();
    assertThat(open).as("open and idle for ever").isEmpty();
    assertThat(sockets).as("sockets of nobody").isEmpty();
    assertThat(edge.size() + connector.size()).isZero();
    assertThat(edge.waitNs(nowNs)).isEqualTo(Long.MAX_VALUE);
    assertThat(connector.waitNs(nowNs)).isEqualTo(Long.MAX_VALUE);
  }

  private void act() {
    switch (random.nextInt(12)) {
      case 0 -> {
        var deadlineNs = nowNs + 5 * SECOND;
        opening.add(edge.open(HOST, 53, (1 + random.nextInt(10)) * SECOND, deadlineNs, nowNs));
      }
      case 1 -> any(open, id -> lossy(edge.payload(id, ByteBuffer.allocate(9), nowNs), true));
      case 2 ->
          any(sockets, id -> lossy(connector.payload(id, ByteBuffer.allocate(9), nowNs), false));
      case 3 -> {
        if (random.nextInt(6) == 0) {
          any(
              open,
              id -> {
                open.remove(id);
                edge.close(id, "done");
              });
        }
        if (random.nextInt(6) == 0) {
          any(
              opening,
              id -> {
                opening.remove(id);
                edge.close(id, "cancelled");
              });
        }
      }
      case 4 -> pass(random.nextInt(400) * (SECOND / 1000));
      default -> {
        for (var some = random.nextInt(8); some > 0 && !onTheWay.isEmpty(); some--) {
          onTheWay.remove(random.nextInt(Math.min(10, onTheWay.size()))).run();
        }
      }
    }
  }

  private interface Step {
    void on(UUID id);
  }

  private void any(Set<UUID> ids, Step step) {
    if (!ids.isEmpty()) {
      var sorted = ids.stream().sorted().toList();
      step.on(sorted.get(random.nextInt(sorted.size())));
    }
  }

  private void pass(long ns) {
    nowNs += ns;
    edge.onTime(nowNs);
    connector.onTime(nowNs);
  }

  private void lossy(@Nullable Datagram datagram, boolean toConnector) {
    if (datagram == null) {
      return;
    }
    var wire = ByteBuffer.allocate(datagram.octets());
    datagram.write(wire);
    wire.flip();
    for (var copies = List.of(0, 1, 1, 1, 1, 2).get(random.nextInt(6)); copies > 0; copies--) {
      onTheWay.add(() -> arrive(wire, toConnector));
    }
  }

  private void arrive(ByteBuffer wire, boolean toConnector) {
    try {
      var read = toConnector ? connector.onDatagram(wire, nowNs) : edge.onDatagram(wire, nowNs);
      if (read != null) {
        received++;
        assertThat(read.payload().remaining()).isEqualTo(9);
      }
    } catch (Malformed e) {
      throw new AssertionError(e);
    }
  }

  private void settle() {
    for (var effect = edge.poll(); effect != null; effect = edge.poll()) {
      onEdge(effect);
    }
    for (var effect = connector.poll(); effect != null; effect = connector.poll()) {
      onConnector(effect);
    }
    if (edge.poll() != null) {
      throw new AssertionError("the edge did something by itself");
    }
  }

  private void onEdge(EdgeSessionEffect effect) {
    if (effect instanceof EdgeSessionEffect.Send send) {
      lossy(send.datagram(), true);
    } else if (effect instanceof EdgeSessionEffect.Register register) {
      onTheWay.add(() -> connector.onRegister(register.call(), nowNs));
    } else if (effect instanceof EdgeSessionEffect.Unregister unregister) {
      onTheWay.add(() -> connector.onUnregister(unregister.call()));
    } else if (effect instanceof EdgeSessionEffect.Opened it) {
      opened++;
      assertThat(opening.remove(it.sessionId())).as("%s opened once", it).isTrue();
      open.add(it.sessionId());
    } else if (effect instanceof EdgeSessionEffect.Refused it) {
      refused++;
      assertThat(opening.remove(it.sessionId())).as("%s refused once", it).isTrue();
    } else if (effect instanceof EdgeSessionEffect.Closed it) {
      assertThat(open.remove(it.sessionId())).as("%s closed once", it).isTrue();
    }
  }

  private void onConnector(ConnectorSessionEffect effect) {
    if (effect instanceof ConnectorSessionEffect.Send send) {
      lossy(send.datagram(), false);
    } else if (effect instanceof ConnectorSessionEffect.Dial dial) {
      onTheWay.add(() -> dialled(dial.sessionId()));
    } else if (effect instanceof ConnectorSessionEffect.Reply reply) {
      onTheWay.add(() -> edge.onRegistered(reply.sessionId(), reply.reply(), nowNs));
    } else if (effect instanceof ConnectorSessionEffect.Unregister it) {
      onTheWay.add(() -> edge.onUnregistered(it.call().sessionId(), it.call().message()));
    } else if (effect instanceof ConnectorSessionEffect.Close close) {
      sockets.remove(close.sessionId());
    }
  }

  private void dialled(UUID id) {
    if (random.nextInt(5) == 0) {
      connector.onDialFailed(id, DialFailure.FAILED, "refused");
    } else {
      sockets.add(id);
      connector.onDialed(id, nowNs);
    }
  }
}

package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many short connections leave nothing: no descriptor, no thread, no memory.
 *
 * <p>{@code -Dio.vpc4j.short.connections=100000} makes it as many; the figures are printed.
 */
class EntranceLeakTest {

  private static final int CONNECTIONS = Integer.getInteger("io.vpc4j.short.connections", 2_000);
  private static final int CLIENTS = 8;
  private static final int MAX_GROWTH_OCTETS = 8 << 20;

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void shortConnectionsLeaveNothing() throws Exception {
    var pool = Executors.newFixedThreadPool(2 * CLIENTS);
    try (var origin = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        var world = PrivateWorld.simulated(origin.getLocalPort())) {
      var port = origin.getLocalPort();
      for (var i = 0; i < CLIENTS; i++) {
        pool.execute(() -> serve(origin));
      }
      var proxy = Door.CONNECT.in(world, port, EntranceOptions.defaults());
      var forward = Door.FORWARD.in(world, port, EntranceOptions.defaults());
      Map<Door, Entrance> doors = new EnumMap<>(Door.class);
      for (var door : Door.values()) {
        doors.put(door, door == Door.FORWARD ? forward : proxy);
      }
      Callable<Integer> client =
          () -> connectAgainAndAgain(world, port, doors, CONNECTIONS / CLIENTS);

      var warming = new ArrayList<Callable<Integer>>();
      for (var i = 0; i < CLIENTS; i++) {
        warming.add(() -> connectAgainAndAgain(world, port, doors, 100));
      }
      pool.invokeAll(warming); // classes, pools and threads that stay are there after it
      awaitNoClients(proxy, forward);
      var before = Held.now();

      var sum = 0;
      var all = new ArrayList<Callable<Integer>>();
      for (var i = 0; i < CLIENTS; i++) {
        all.add(client);
      }
      for (var done : pool.invokeAll(all)) {
        sum += done.get();
      }
      awaitNoClients(proxy, forward);
      var after = Held.awaitNoMoreThan(before);

      System.out.println(sum + " connections; before: " + before + ", after: " + after);
      assertThat(sum).isEqualTo(CONNECTIONS / CLIENTS * CLIENTS);
      assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors());
      assertThat(after.threads()).isLessThanOrEqualTo(before.threads());
      assertThat(after.heapOctets() - before.heapOctets()).isLessThan(MAX_GROWTH_OCTETS);
    } finally {
      pool.shutdownNow();
    }
  }

  private static void serve(ServerSocket origin) {
    while (!origin.isClosed()) {
      try (var socket = origin.accept()) {
        var octet = socket.getInputStream().read();
        socket.getOutputStream().write(octet);
      } catch (IOException e) {
        // The client, or the test, is over.
      }
    }
  }

  private static int connectAgainAndAgain(
      PrivateWorld world, int port, Map<Door, Entrance> doors, int times) {
    var all = List.of(Door.values());
    var done = 0;
    for (var i = 0; i < times; i++) {
      var door = all.get(i % all.size());
      try (var socket = Door.dial(doors.get(door))) {
        door.open(socket, world, port);
        socket.getOutputStream().write(i & 0x7f);
        assertThat(socket.getInputStream().read()).isEqualTo(i & 0x7f);
        end(socket, i / all.size());
        done++;
      } catch (IOException e) {
        throw new UncheckedIOException(door + ", connection " + i, e);
      }
    }
    return done;
  }

  /** In all the ways there are: after the server's end, before it, half first, by a reset. */
  private static void end(Socket socket, int turn) throws IOException {
    switch (turn % 4) {
      case 0 -> assertThat(socket.getInputStream().read()).isEqualTo(-1);
      case 1 -> socket.shutdownOutput();
      case 2 -> socket.setSoLinger(true, 0);
      default -> socket.shutdownInput();
    }
  }

  private static void awaitNoClients(Entrance... entrances) {
    var giveUpNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    for (var entrance : entrances) {
      while (entrance.connections() > 0) {
        assertThat(System.nanoTime() - giveUpNs).as("all clients are gone").isNegative();
        LockSupport.parkNanos(1_000_000);
      }
    }
  }
}

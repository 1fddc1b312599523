package io.vpc4j.mesh.wireguard.interop;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.wireguard.IpPackets;
import io.vpc4j.mesh.wireguard.Load;
import io.vpc4j.mesh.wireguard.Peer;
import io.vpc4j.mesh.wireguard.PeerConfig;
import io.vpc4j.mesh.wireguard.Sent;
import io.vpc4j.mesh.wireguard.Timings;
import io.vpc4j.mesh.wireguard.WireGuard;
import io.vpc4j.mesh.wireguard.WireGuardEvent;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A process with the engine behind a plain socket and an echo host inside: it pings its peer,
 * answers the peer's pings, and says at its end what happened. It ends when its own pings are
 * answered, when its life is over, or when its input is. Run by {@link WireGuardGoTest} in a
 * namespace.
 */
public final class EngineNode {

  private static final long MS = 1_000_000L;

  private final Map<String, String> options;
  private final WireGuard engine;
  private final Peer peer;
  private final IpAddress ours;
  private final IpAddress theirs;
  private DatagramSocket socket;

  private final byte[] octets = new byte[4096];
  private int sent;
  private int replies;
  private int answered;
  private int moves;
  private volatile boolean told;
  private final Map<String, Integer> events = new TreeMap<>();

  private EngineNode(Map<String, String> options) throws IOException {
    this.options = options;
    var timings = Timings.SPECIFICATION;
    if (options.containsKey("rekeyMs")) {
      var ageNs = Long.parseLong(options.get("rekeyMs")) * MS;
      timings = timings.withAges(ageNs, 60 * ageNs).withRetries(ageNs / 4, 20 * ageNs);
    }
    engine =
        WireGuard.builder(
                PrivateKey.ofBase64(options.get("key")),
                new SecureRandom()::nextBytes,
                () -> System.currentTimeMillis() * MS)
            .timings(timings)
            .keyLog(line -> record("key", line))
            .build();
    engine.onLoad(options.containsKey("underLoad") ? Load.HIGH : Load.NORMAL);
    ours = IpAddress.require(options.get("address"));
    theirs = IpAddress.require(options.get("peerAddress"));
    var endpoint =
        options.containsKey("endpoint")
            ? new InetSocketAddress(
                InetAddress.getByName(options.get("endpoint")),
                Integer.parseInt(options.get("endpointPort")))
            : null;
    var psk =
        options.containsKey("psk")
            ? SecretBytes.owning(Base64.getDecoder().decode(options.get("psk")))
            : null;
    peer =
        engine.addPeer(
            new PeerConfig(
                PublicKey.ofBase64(options.get("peer")),
                psk,
                endpoint,
                List.of(Cidr.of(theirs)),
                null),
            System.nanoTime());
    socket = new DatagramSocket(Integer.parseInt(options.getOrDefault("port", "0")));
  }

  /** Options are {@code name=value}. */
  public static void main(String[] arguments) throws IOException {
    var options = new HashMap<String, String>();
    for (var argument : arguments) {
      var equals = argument.indexOf('=');
      options.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    new EngineNode(options).run();
  }

  private void run() throws IOException {
    System.out.println("ready");
    var listening = new Thread(this::listen);
    listening.setDaemon(true);
    listening.start();
    var pings = Integer.parseInt(options.getOrDefault("pings", "0"));
    var everyNs = Long.parseLong(options.getOrDefault("everyMs", "50")) * MS;
    var moveEvery = Integer.parseInt(options.getOrDefault("moveEvery", "0"));
    var endNs = System.nanoTime() + Long.parseLong(options.get("lifeMs")) * MS;
    var nextPingNs = System.nanoTime();
    var room = ByteBuffer.wrap(octets);
    var answersToo = options.containsKey("answer");
    while (System.nanoTime() < endNs
        && !told
        && !(options.containsKey("untilDrop") && !engine.drops().isEmpty())
        && (answersToo || !(pings > 0 && replies == pings))) {
      var nowNs = System.nanoTime();
      if (sent < pings && nowNs >= nextPingNs) {
        if (moveEvery > 0 && sent > 0 && sent % moveEvery == 0) {
          socket.close();
          socket = new DatagramSocket();
          moves++;
        }
        sendInner(IpPackets.echoRequest(ours, theirs, 7, sent++, 100 + sent % 1200), nowNs);
        nextPingNs += everyNs;
      }
      receive(room, Math.min(Math.min(nextPing(pings, nextPingNs), endNs), engine.deadlineNs()));
      engine.onTime(System.nanoTime());
      flush(room);
    }
    System.out.println(
        "sent=%d replies=%d answered=%d moves=%d events=%s drops=%s rx=%d tx=%d aead=%s"
            .formatted(
                sent,
                replies,
                answered,
                moves,
                events,
                engine.drops(),
                peer.status(System.nanoTime()).receivedPackets(),
                peer.status(System.nanoTime()).sentPackets(),
                engine.aeadName()));
    engine.close();
  }

  private void listen() {
    try {
      while (System.in.read() >= 0) {
        // until it is closed
      }
      told = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long nextPing(int pings, long nextPingNs) {
    return sent < pings ? nextPingNs : Long.MAX_VALUE;
  }

  private void receive(ByteBuffer room, long untilNs) throws IOException {
    var waitMs = Math.max(1, Math.min(1000, (untilNs - System.nanoTime()) / MS));
    socket.setSoTimeout((int) waitMs);
    var datagram = new DatagramPacket(octets, octets.length);
    try {
      socket.receive(datagram);
    } catch (SocketTimeoutException nothing) {
      return;
    }
    room.clear().limit(datagram.getLength());
    record("in", HexFormat.of().formatHex(octets, 0, datagram.getLength()));
    var source = (InetSocketAddress) datagram.getSocketAddress();
    var nowNs = System.nanoTime();
    if (engine.onDatagram(room, source, nowNs) != null) {
      onInner(room, nowNs);
    }
  }

  private void onInner(ByteBuffer packet, long nowNs) throws IOException {
    if (IpPackets.echoReplySequence(packet) >= 0) {
      replies++;
    } else if (IpPackets.echoRequestSequence(packet) >= 0) {
      answered++;
      sendInner(IpPackets.echoReply(packet), nowNs);
    }
  }

  private void sendInner(ByteBuffer packet, long nowNs) throws IOException {
    var to = engine.peerFor(packet);
    if (to != null && engine.send(to, packet, nowNs) == Sent.SEALED) {
      sendOuter(packet, to.endpoint());
    }
  }

  private void flush(ByteBuffer room) throws IOException {
    for (var to = engine.pollTransmit(room, System.nanoTime());
        to != null;
        to = engine.pollTransmit(room, System.nanoTime())) {
      sendOuter(room, to);
    }
    for (WireGuardEvent e = engine.pollEvent(); e != null; e = engine.pollEvent()) {
      var name =
          e instanceof WireGuardEvent.HandshakeCompleted c
              ? "Completed" + c.role()
              : e.getClass().getSimpleName();
      events.merge(name, 1, Integer::sum);
    }
  }

  /** For a test that later does without the peer: {@code record=1}. */
  private void record(String what, String text) {
    if (options.containsKey("record")) {
      System.out.println(what + " " + text);
    }
  }

  private void sendOuter(ByteBuffer datagram, InetSocketAddress to) throws IOException {
    var sentNow = new byte[datagram.remaining()];
    datagram.duplicate().get(sentNow);
    record("out", HexFormat.of().formatHex(sentNow));
    socket.send(
        new DatagramPacket(
            datagram.array(),
            datagram.arrayOffset() + datagram.position(),
            datagram.remaining(),
            to));
  }
}

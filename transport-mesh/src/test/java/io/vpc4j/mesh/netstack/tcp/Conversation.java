package io.vpc4j.mesh.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.tcp.wire.TcpWriter;
import io.vpc4j.mesh.netstack.wire.Ecn;
import io.vpc4j.mesh.netstack.wire.SipHash;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One connection against a script in packetdrill's manner, in virtual time.
 *
 * <pre>
 *   +0    connect                       a call: connect, listen, write N, read N, shutdown, close, abort
 *   +0    &gt; S 0:0(0) win 65535          this must be sent, now; window and options are compared if given
 *   +.1   &lt; S. 0:0(0) ack 1 win 1000    this arrives; [ce] at the end is a router's mark
 *   +0    events CONNECTED              what pollEvent gives
 *   +0    state ESTABLISHED             facts: state, failure, due in seconds, "due never", cwnd, flight
 * </pre>
 *
 * <p>Numbers are relative to the two initial ones, which lie just before the wrap. A segment that
 * is sent and not in the script fails it, at the latest when the script ends. Our timestamps are
 * milliseconds since the start.
 */
@SuppressWarnings("StringSplitter") // of scripts, whose words are never empty
final class Conversation {

  static final int OUR_ISN = 0xFFFF_FFF0;
  static final int PEER_ISN = 0x7FFF_FFF0;
  static final int OUR_PORT = 40_000;
  static final int PEER_PORT = 80;
  static final int ROOM = 1_460 + 20;

  private static final Pattern SEGMENT =
      Pattern.compile(
          "(\\S+) (\\d+):(\\d+)\\((\\d+)\\)(?: ack (\\d+))?(?: win (\\d+))?(?: <(.*)>)?( \\[ce])?");

  private record Sent(long atNs, String text, Ecn ecn) {}

  private final TcpSettings settings;
  private final long beganNs = Long.MAX_VALUE - 50_000_001L; // wraps after 50 ms
  private final ByteBuffer out = ByteBuffer.allocate(2_048);
  private final ArrayDeque<Sent> sent = new ArrayDeque<>();
  private final TcpSegment segment = new TcpSegment();
  private final TcpHost host;
  private long nowNs = beganNs;
  private int written;
  private int read;
  TcpConnection connection;
  TcpListener listener;
  Ecn lastEcn = Ecn.NOT_ECT;

  Conversation(TcpSettings settings) {
    this(settings, TcpLimits.defaults());
  }

  Conversation(TcpSettings settings, TcpLimits limits) {
    this.settings = settings;
    host = new TcpHost(limits);
    assertThat(host.sinceStartNs(nowNs)).isZero();
  }

  static Conversation play(String script) {
    return new Conversation(TcpSettings.defaults()).then(script);
  }

  TcpHost host() {
    return host;
  }

  long nowNs() {
    return nowNs;
  }

  /** Goes on with a script; nothing may be left unsaid at its end. */
  Conversation then(String script) {
    var lines = script.strip().split("\n");
    for (var i = 0; i < lines.length; i++) {
      var line = lines[i].replaceFirst("//.*", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      try {
        step(line);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("line " + (i + 1) + ", \"" + line + "\": " + e.getMessage(), e);
      }
    }
    nothingElseWasSent();
    return this;
  }

  private void step(String line) {
    var words = line.split(" +", 3);
    var rest = words.length > 2 ? words[2] : "";
    advance((long) (Double.parseDouble(words[0]) * 1e9));
    if (words[1].equals(">")) {
      expect(rest);
      return;
    }
    nothingElseWasSent();
    switch (words[1]) {
      case "<" -> arrive(rest);
      case "events" -> assertThat(events()).isEqualTo(rest);
      case "state" -> assertThat(connection.state()).hasToString(rest);
      case "failure" -> assertThat(connection.failure()).hasToString(rest);
      case "cwnd" ->
          assertThat(connection.statistics().congestionWindowOctets()).isEqualTo(number(rest));
      case "flight" -> assertThat(connection.statistics().inFlightOctets()).isEqualTo(number(rest));
      case "due" -> assertDue(rest);
      default -> call(words[1], rest);
    }
    drain();
  }

  private void call(String name, String argument) {
    switch (name) {
      case "connect" -> connection = TcpConnection.open(host, flow(), settings, nowNs);
      case "listen" -> {
        var backlog = argument.isEmpty() ? 10 : number(argument);
        listener = new TcpListener(host, settings, backlog, 10, new SipHash(1, 2));
      }
      case "accept" -> assertThat(listener.accept()).isSameAs(connection);
      case "write" -> write(argument);
      case "read" -> read(argument);
      case "shutdown" -> connection.shutdownOutput(nowNs);
      case "close" -> connection.close(nowNs);
      case "abort" -> connection.abort(nowNs);
      case "mtu" -> {
        var words = argument.split(" ");
        connection.onPathMtu(number(words[0]), OUR_ISN + number(words[1]), nowNs);
      }
      case "icmp" -> {
        var words = argument.split(" ");
        connection.onIcmpError(IcmpError.valueOf(words[0]), OUR_ISN + number(words[1]), nowNs);
      }
      case "wait" -> {}
      default -> throw new IllegalArgumentException("no such step: " + name);
    }
  }

  private static TcpFlow flow() {
    return new TcpFlow(OUR_PORT, PEER_PORT, ROOM, OUR_ISN & 0xFFFF_FFFFL);
  }

  /** {@code write 100} takes all, {@code write 100 = 60} takes 60. */
  private void write(String argument) {
    var words = argument.split(" = ");
    var octets = new byte[number(words[0])];
    for (var i = 0; i < octets.length; i++) {
      octets[i] = Transfer.octetAt(written + i);
    }
    var taken = connection.write(ByteBuffer.wrap(octets), nowNs);
    written += taken;
    assertThat(taken).isEqualTo(number(words[words.length - 1]));
  }

  private void read(String argument) {
    var words = argument.split(" = ");
    var room = ByteBuffer.allocate(number(words[0]));
    var taken = connection.read(room, nowNs);
    for (var i = 0; i < taken; i++) {
      assertThat(room.get(i)).as("octet %d", read + i).isEqualTo(Transfer.octetAt(read + i));
    }
    read += taken;
    assertThat(taken).isEqualTo(number(words[words.length - 1]));
  }

  private String events() {
    var names = new ArrayList<String>();
    for (var event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
      names.add(event.name());
    }
    return String.join(" ", names);
  }

  private void assertDue(String when) {
    if (when.equals("never")) {
      assertThat(connection.deadlineNs()).isEqualTo(TcpConnection.NO_DEADLINE);
    } else {
      var due = (connection.deadlineNs() - nowNs) / 1e9;
      assertThat(String.format(Locale.ROOT, "%.3f", due)).isEqualTo(when);
    }
  }

  // ---- time and segments -----------------------------------------------------------------------

  private void advance(long byNs) {
    var endNs = nowNs + byNs;
    while (connection != null
        && connection.deadlineNs() != TcpConnection.NO_DEADLINE
        && connection.deadlineNs() - endNs <= 0) {
      nowNs = connection.deadlineNs() - nowNs > 0 ? connection.deadlineNs() : nowNs;
      connection.onTime(nowNs);
      drain();
    }
    nowNs = endNs;
  }

  private void drain() {
    if (connection == null) {
      return;
    }
    while (connection.poll(out.clear(), nowNs) > 0) {
      take(connection.polledEcn());
    }
  }

  private void take(Ecn ecn) {
    var length = out.position();
    assertThat(segment.read(out, 0, length, ecn)).isEqualTo(TcpSegment.Verdict.OK);
    for (var i = 0; i < segment.payloadOctets(); i++) {
      var position = segment.seq() - OUR_ISN - 1 + i;
      assertThat(out.get(segment.payloadOffset() + i)).isEqualTo(Transfer.octetAt(position));
    }
    sent.add(new Sent(nowNs, segment.describe(OUR_ISN, PEER_ISN), ecn));
  }

  private void nothingElseWasSent() {
    if (!sent.isEmpty()) {
      var first = sent.peek();
      throw new AssertionError(
          "unexpected " + Math.round((first.atNs() - beganNs) / 1e6) + " ms: " + first.text());
    }
  }

  private void expect(String expected) {
    var next = sent.poll();
    assertThat(next).as("nothing was sent, for " + expected).isNotNull();
    assertThat(comparable(next.text(), expected)).isEqualTo(expected);
    assertThat((next.atNs() - beganNs) / 1_000_000)
        .as("time in ms of " + next.text())
        .isEqualTo((nowNs - beganNs) / 1_000_000);
    lastEcn = next.ecn();
  }

  /** What was sent, without the parts of which the script says nothing. */
  private static String comparable(String text, String expected) {
    var bare = expected.contains("<") ? text : text.replaceFirst(" <.*>", "");
    return expected.contains(" win ") ? bare : bare.replaceFirst(" win \\d+", "");
  }

  private void arrive(String text) {
    var m = SEGMENT.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException("no segment: " + text);
    }
    out.clear();
    var flags = flags(m.group(1));
    var writer = new TcpWriter().begin(out, PEER_PORT, OUR_PORT);
    var ack = m.group(5) == null ? 0 : OUR_ISN + number(m.group(5));
    writer.numbers(PEER_ISN + number(m.group(2)), ack);
    writer.flags(flags, m.group(6) == null ? 65_535 : number(m.group(6)));
    if (m.group(7) != null) {
      options(writer, m.group(7));
    }
    writer.end();
    for (var i = 0; i < number(m.group(4)); i++) {
      out.put(Transfer.octetAt(number(m.group(2)) - 1 + i));
    }
    var packet = ByteBuffer.wrap(out.array().clone());
    var ecn = m.group(8) == null ? Ecn.NOT_ECT : Ecn.CE;
    assertThat(segment.read(packet, 0, out.position(), ecn)).isEqualTo(TcpSegment.Verdict.OK);
    if (connection != null) {
      connection.onSegment(segment, nowNs);
      return;
    }
    connection = listener.onSegment(segment, flow(), out.clear(), nowNs);
    if (out.position() > 0) {
      take(Ecn.NOT_ECT);
    }
  }

  private static int flags(String letters) {
    var flags = 0;
    for (var i = 0; i < letters.length(); i++) {
      flags |=
          switch (letters.charAt(i)) {
            case 'S' -> TcpSegment.SYN;
            case 'F' -> TcpSegment.FIN;
            case 'R' -> TcpSegment.RST;
            case 'P' -> TcpSegment.PSH;
            case '.' -> TcpSegment.ACK;
            case 'U' -> TcpSegment.URG;
            case 'E' -> TcpSegment.ECE;
            case 'W' -> TcpSegment.CWR;
            case '-' -> 0;
            default -> throw new IllegalArgumentException("no flags: " + letters);
          };
    }
    return flags;
  }

  private static void options(TcpWriter writer, String options) {
    for (var option : options.split(",")) {
      var words = option.strip().split(" ");
      switch (words[0]) {
        case "mss" -> writer.mss(number(words[1]));
        case "sackOK" -> writer.sackPermitted();
        case "wscale" -> writer.windowScale(number(words[1]));
        case "TS" -> writer.timestamps(number(words[2]), number(words[4]));
        case "sack" -> {
          var edges = new int[8];
          for (var i = 1; i < words.length; i++) {
            var pair = words[i].split(":");
            edges[2 * i - 2] = OUR_ISN + number(pair[0]);
            edges[2 * i - 1] = OUR_ISN + number(pair[1]);
          }
          writer.sack(edges, words.length - 1);
        }
        default -> throw new IllegalArgumentException("no option: " + option);
      }
    }
  }

  private static int number(String text) {
    return (int) Long.parseLong(text.strip());
  }
}

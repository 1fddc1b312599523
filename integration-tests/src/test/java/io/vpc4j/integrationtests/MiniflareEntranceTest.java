package io.vpc4j.integrationtests;

import static io.vpc4j.integrationtests.EntranceClient.dial;
import static io.vpc4j.integrationtests.EntranceClient.exchange;
import static io.vpc4j.integrationtests.EntranceClient.lines;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.testkit.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Miniflare's remote-binding protocol, as its clients speak it and its own server answers. */
class MiniflareEntranceTest {

  @TempDir private Path folder;
  private PrivateNet net;

  @BeforeEach
  void begin() {
    net = new PrivateNet(folder);
  }

  @AfterEach
  void end() throws IOException {
    net.close();
  }

  private Entrance entranceTo(int port) throws IOException {
    return net.open(PrivateNet.oneHost(port)).vpc().entrance("NET", EntranceOptions.defaults());
  }

  private static String miniflare(String fields) {
    return "GET /?kept=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + fields + "\r\n";
  }

  @Test
  void aMiniflareRequestGoesToItsBindingAndUrl() throws Exception {
    var seen = new AtomicReference<>("");
    var port =
        net.server(
            socket -> {
              seen.set(PrivateNet.head(socket.getInputStream()));
              socket
                  .getOutputStream()
                  .write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".getBytes(US_ASCII));
            });

    assertThat(
            exchange(
                entranceTo(port),
                miniflare(
                    lines(
                        "MF-Binding: NET",
                        "MF-URL: http://10.0.1.50/data?x=1",
                        "MF-Header-x-test: v",
                        "MF-Header-host: other",
                        "MF-Header-connection: x-gone",
                        "MF-Header-x-gone: 1"))))
        .startsWith("HTTP/1.1 200")
        .containsIgnoringCase("mf-forwarded-response: true")
        .endsWith("hello");
    assertThat(seen.get())
        .startsWith("GET /data?x=1 HTTP/1.1\r\n")
        .containsIgnoringCase("\r\nhost: 10.0.1.50\r\n")
        .containsIgnoringCase("\r\nx-test: v\r\n")
        .doesNotContainIgnoringCase("mf-")
        .doesNotContainIgnoringCase("x-gone");
  }

  @Test
  void aMiniflareRequestIsRefusedInTheOriginalsWords() throws Exception {
    var entrance = entranceTo(FreePort.next());

    assertThat(exchange(entrance, miniflare("MF-URL: http://10.0.1.50/\r\n")))
        .startsWith("HTTP/1.1 400")
        .endsWith("\r\n\r\nBinding  not found");
    assertThat(exchange(entrance, miniflare("MF-Binding: NOPE\r\nMF-URL: http://10.0.1.50/\r\n")))
        .startsWith("HTTP/1.1 400")
        .endsWith("\r\n\r\nBinding \"NOPE\" not found");
    assertThat(exchange(entrance, miniflare("MF-Binding: NET\r\nMF-URL: not a url\r\n")))
        .startsWith("HTTP/1.1 500")
        .contains("Invalid URL: not a url");
    assertThat(exchange(entrance, miniflare("MF-Binding: NET\r\nMF-URL: http://10.0.1.50/\r\n")))
        .startsWith("HTTP/1.1 500")
        .endsWith("\r\n\r\nProxyError: connection_refused");
  }

  /** Its client sends the connection string's query as it is, and no field of ours. */
  @Test
  void aMiniflareClientShowsItsTokenInTheQuery() throws Exception {
    var port =
        net.server(
            socket -> {
              PrivateNet.head(socket.getInputStream());
              socket
                  .getOutputStream()
                  .write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".getBytes(US_ASCII));
            });
    var options = EntranceOptions.builder().token("s3cret").build();
    var entrance = net.open(PrivateNet.oneHost(port)).vpc().entrance("NET", options);
    var fetch = miniflare("MF-Binding: NET\r\nMF-URL: http://10.0.1.50/data\r\n");

    assertThat(exchange(entrance, fetch)).startsWith("HTTP/1.1 407");
    assertThat(exchange(entrance, fetch.replace("?kept=1", "?token=wrong")))
        .startsWith("HTTP/1.1 407");
    assertThat(exchange(entrance, fetch.replace("?kept=1", "?token=s3cret&token=s3cret")))
        .startsWith("HTTP/1.1 407");
    assertThat(exchange(entrance, fetch.replace("?kept=1", "?kept=1&token=s3cret")))
        .startsWith("HTTP/1.1 200")
        .endsWith("hello");
    try (var socket = dial(entrance)) {
      var call = UPGRADE.replace("GET / ", "GET /?token=s3cret&MF-Binding=NET ") + "\r\n";
      socket.getOutputStream().write(call.getBytes(US_ASCII));
      assertThat(PrivateNet.head(socket.getInputStream())).startsWith("HTTP/1.1 101");
    }
  }

  private static final String UPGRADE =
      lines(
          "GET / HTTP/1.1",
          "Host: 127.0.0.1",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "Sec-WebSocket-Version: 13");

  @Test
  void aMiniflareConnectIsOctetsInFrames() throws Exception {
    var entrance =
        entranceTo(
            net.server(
                socket -> {
                  var five = socket.getInputStream().readNBytes(5);
                  socket.getOutputStream().write(five);
                }));

    try (var socket = dial(entrance)) {
      socket
          .getOutputStream()
          .write(
              (UPGRADE + "MF-Binding: NET\r\nMF-Connect-Address: 10.0.1.50:80\r\n\r\n")
                  .getBytes(US_ASCII));
      assertThat(PrivateNet.head(socket.getInputStream()))
          .startsWith("HTTP/1.1 101")
          .containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      socket.getOutputStream().write(masked(2, "hello"));
      assertThat(frame(socket.getInputStream())).isEqualTo("2:hello");
      assertThat(frame(socket.getInputStream())).startsWith("8:\u0003\u00e8"); // 1000
    }
  }

  @Test
  void aMiniflareConnectThatFailsIsCode1011WithTheReason() throws Exception {
    var entrance = entranceTo(FreePort.next());

    try (var socket = dial(entrance)) {
      socket
          .getOutputStream()
          .write(
              (UPGRADE + "MF-Binding: NET\r\nMF-Connect-Address: 10.0.1.50:80\r\n\r\n")
                  .getBytes(US_ASCII));
      assertThat(PrivateNet.head(socket.getInputStream())).startsWith("HTTP/1.1 101");
      assertThat(frame(socket.getInputStream()))
          .isEqualTo("8:\u0003\u00f3ProxyError: connection_refused");
    }
  }

  @Test
  void aMethodThatABindingDoesNotHaveIsATypeError() throws Exception {
    var entrance = entranceTo(FreePort.next());

    try (var socket = dial(entrance)) {
      socket
          .getOutputStream()
          .write((UPGRADE.replace("GET / ", "GET /?MF-Binding=NET ") + "\r\n").getBytes(US_ASCII));
      assertThat(PrivateNet.head(socket.getInputStream())).startsWith("HTTP/1.1 101");
      socket.getOutputStream().write(masked(1, "[\"push\",[\"pipeline\",0,[\"x\"],[]]]"));
      socket.getOutputStream().write(masked(1, "[\"pull\",1]"));
      assertThat(frame(socket.getInputStream())).startsWith("1:[\"reject\",1,[\"error\",\"TypeErr");
    }
  }

  /** A client's frame, its mask zero. */
  private static byte[] masked(int opcode, String text) {
    var payload = text.getBytes(UTF_8);
    var frame = new ByteArrayOutputStream();
    frame.writeBytes(new byte[] {(byte) (0x80 | opcode), (byte) (0x80 | payload.length)});
    frame.writeBytes(new byte[4]);
    frame.writeBytes(payload);
    return frame.toByteArray();
  }

  /** A server's frame of less than 126 octets: opcode, colon, payload. */
  private static String frame(InputStream in) throws IOException {
    var head = in.readNBytes(2);
    return (head[0] & 0xf) + ":" + new String(in.readNBytes(head[1]), ISO_8859_1);
  }
}

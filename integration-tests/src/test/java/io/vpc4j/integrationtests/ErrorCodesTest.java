package io.vpc4j.integrationtests;

import static io.vpc4j.integrationtests.PrivateNet.directory;
import static io.vpc4j.integrationtests.PrivateNet.failureOf;
import static io.vpc4j.integrationtests.PrivateNet.head;
import static io.vpc4j.integrationtests.PrivateNet.oneHost;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.AbortController;
import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.integrationtests.PrivateNet.Call;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every code, produced for real: real sockets, a real configuration, the application's own calls.
 *
 * <p>A test is named after its code; {@link #everyCodeHasItsTest} holds that none is missing.
 */
@Timeout(60)
class ErrorCodesTest {

  private static final String URL = "http://10.0.1.50/data";

  @TempDir private Path folder;
  private PrivateNet private_;

  @BeforeEach
  void begin() {
    private_ = new PrivateNet(folder);
  }

  @AfterEach
  void end() throws Exception {
    private_.close();
  }

  @Test
  void everyCodeHasItsTest() {
    var tests = Arrays.stream(getClass().getDeclaredMethods()).map(m -> m.getName()).toList();

    for (var code : ErrorCode.values()) {
      assertThat(tests).as("a test for %s", code).contains(code.toString());
    }
  }

  // ---- connecting

  @Test
  void connection_refused() throws IOException {
    var net = private_.open(oneHost(FreePort.next()));

    expect(ErrorCode.CONNECTION_REFUSED, Stage.CONNECT, () -> net.network().fetch(URL));
  }

  @Test
  void connection_timeout() throws IOException {
    var net =
        private_.open(
            directory(
                "\"ports\": {\"80\": 1}, \"faults\": {\"connect\": \"black_hole\"}",
                "\"limits\": {\"connect_timeout\": \"100ms\"}"));

    expect(ErrorCode.CONNECTION_TIMEOUT, Stage.CONNECT, () -> net.network().fetch(URL));
  }

  @Test
  void connection_limit_reached() throws Exception {
    var entered = new CountDownLatch(1);
    var port =
        private_.server(
            socket -> {
              head(socket.getInputStream());
              entered.countDown();
              socket.getInputStream().read(); // holds the connection until the client leaves
            });
    var net =
        private_.open(
            directory(
                "\"ports\": {\"80\": " + port + "}",
                "\"limits\": {\"max_connections_per_origin\": 1, \"max_waiters\": 0}"));
    var first = net.network().fetchAsync(URL);
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();

    expect(ErrorCode.CONNECTION_LIMIT_REACHED, Stage.CONNECT, () -> net.network().fetch(URL));

    first.cancel(true);
  }

  @Test
  void destination_unavailable() throws IOException {
    var net =
        private_.open(
            directory("\"ports\": {\"80\": 1}, \"faults\": {\"connect\": \"unavailable\"}", ""));

    expect(ErrorCode.DESTINATION_UNAVAILABLE, Stage.CONNECT, () -> net.network().fetch(URL));
  }

  @Test
  void destination_not_found() throws IOException {
    var net = private_.open(oneHost(1));

    expect(
        ErrorCode.DESTINATION_NOT_FOUND, null, () -> net.network().fetch("http://10.9.9.9/data"));
  }

  @Test
  void destination_ip_prohibited() throws IOException {
    var net = private_.open(oneHost(1));

    expect(
        ErrorCode.DESTINATION_IP_PROHIBITED,
        Stage.ROUTE,
        () -> net.network().fetch("http://169.254.169.254/latest/meta-data/"));
  }

  @Test
  void destination_ip_unroutable() throws IOException {
    var net =
        private_.open(
            directory("\"ports\": {\"80\": 1}, \"faults\": {\"connect\": \"unroutable\"}", ""));

    expect(ErrorCode.DESTINATION_IP_UNROUTABLE, Stage.CONNECT, () -> net.network().fetch(URL));
  }

  @Test
  void proxy_loop_detected() {
    // The file's reader refuses such aliases; a network made in the program has no reader.
    var net =
        private_.open(
            new SimulatedNetwork(
                Map.of(
                    "a.internal", alias("a.internal", "b.internal"),
                    "b.internal", alias("b.internal", "a.internal"))));

    expect(
        ErrorCode.PROXY_LOOP_DETECTED,
        Stage.RESOLVE,
        () -> net.network().fetch("http://a.internal/"));
  }

  private static Host alias(String name, String other) {
    return new Host(name, List.of(), Optional.of(other), Map.of(), Set.of(), Faults.NONE);
  }

  // ---- names

  @Test
  void dns_error() throws IOException {
    var net = private_.open(oneHost(1));

    expect(
        ErrorCode.DNS_ERROR, Stage.RESOLVE, () -> net.network().fetch("http://nobody.internal/"));
  }

  @Test
  void dns_timeout() throws IOException {
    var net =
        private_.open(
            directory(
                "\"ports\": {\"80\": 1}, \"faults\": {\"dns\": \"black_hole\"}",
                "\"limits\": {\"resolve_timeout\": \"100ms\"}"));

    expect(
        ErrorCode.DNS_TIMEOUT, Stage.RESOLVE, () -> net.network().fetch("http://host.internal/"));
  }

  // ---- TLS

  @Test
  void tls_protocol_error() throws IOException {
    var port = private_.answering("this is not TLS\r\n");
    var net =
        private_.open(
            directory("\"ports\": {\"443\": " + notTls() + ", \"80\": " + port + "}", ""));

    expect(
        ErrorCode.TLS_PROTOCOL_ERROR, Stage.TLS, () -> net.network().fetch("https://10.0.1.50/"));
  }

  private int notTls() throws IOException {
    return private_.server(
        socket -> {
          socket.getInputStream().read();
          socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(ISO_8859_1));
        });
  }

  @Test
  void tls_certificate_error() throws IOException {
    var port = private_.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    var net =
        private_.open(
            directory(
                "\"ports\": {\"443\": " + port + "}, \"faults\": {\"bad_certificate\": true}", ""));

    expect(
        ErrorCode.TLS_CERTIFICATE_ERROR,
        Stage.TLS,
        () -> net.network().fetch("https://10.0.1.50/"));
  }

  // ---- the exchange

  @Test
  void connection_terminated() throws IOException {
    var net = private_.open(oneHost(private_.server(socket -> head(socket.getInputStream()))));

    expect(ErrorCode.CONNECTION_TERMINATED, null, () -> net.network().fetch(URL));
  }

  @Test
  void http_request_error() throws IOException {
    var net =
        private_.open(oneHost(private_.server(socket -> socket.getInputStream().readAllBytes())));
    var broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the disk is gone");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return read();
          }
        };

    var failure =
        expect(
            ErrorCode.HTTP_REQUEST_ERROR,
            Stage.REQUEST,
            () -> net.network().fetch(Request.builder(URL).post(Body.of(broken)).build()));
    assertThat(failure).hasMessageContaining("the disk is gone");
  }

  @Test
  void http_upgrade_failed() throws IOException {
    var net =
        private_.open(
            oneHost(
                private_.answering(
                    """
                    HTTP/1.1 101 Switching Protocols\r
                    Upgrade: websocket\r
                    Connection: Upgrade\r
                    Sec-WebSocket-Accept: bm90IHRoZSBvbmUgdGhhdCB3YXMgbWVhbnQ=\r
                    \r
                    """)));

    expect(
        ErrorCode.HTTP_UPGRADE_FAILED,
        Stage.RESPONSE,
        () -> net.network().fetch(Request.builder(URL).header("Upgrade", "websocket").build()));
  }

  @Test
  void http_request_denied() throws IOException {
    var net =
        private_.open(
            directory(
                "\"ports\": {\"80\": 1}",
                "\"bindings\": {\"NET\": {\"policy\": {\"rules\": [{\"deny\": \"host.internal\"}]}}}"));

    expect(
        ErrorCode.HTTP_REQUEST_DENIED,
        Stage.ROUTE,
        () -> net.network().fetch("http://host.internal/"));
  }

  @Test
  void http_protocol_error() throws IOException {
    var net =
        private_.open(
            oneHost(
                private_.answering(
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")));

    expect(ErrorCode.HTTP_PROTOCOL_ERROR, Stage.RESPONSE, () -> net.network().fetch(URL));
  }

  @Test
  void http_response_incomplete() throws IOException {
    var net =
        private_.open(
            oneHost(
                private_.server(
                    socket -> {
                      head(socket.getInputStream());
                      socket
                          .getOutputStream()
                          .write(
                              "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
                                  .getBytes(ISO_8859_1));
                    })));

    expect(
        ErrorCode.HTTP_RESPONSE_INCOMPLETE, Stage.RESPONSE, () -> net.network().fetch(URL).text());
  }

  @Test
  void connection_read_timeout() throws IOException {
    var port = private_.server(socket -> socket.getInputStream().readAllBytes());
    var net =
        private_.open(
            directory(
                "\"ports\": {\"80\": " + port + "}", "\"limits\": {\"read_timeout\": \"200ms\"}"));

    expect(ErrorCode.CONNECTION_READ_TIMEOUT, Stage.RESPONSE, () -> net.network().fetch(URL));
  }

  @Test
  void connection_write_timeout() throws Exception {
    var done = new CountDownLatch(1);
    var port =
        private_.server(
            socket -> {
              head(socket.getInputStream());
              done.await(30, TimeUnit.SECONDS); // never reads the body
            });
    var net =
        private_.open(
            directory(
                "\"ports\": {\"80\": " + port + "}", "\"limits\": {\"write_timeout\": \"300ms\"}"));
    var endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            return length;
          }
        };

    expect(
        ErrorCode.CONNECTION_WRITE_TIMEOUT,
        Stage.REQUEST,
        () -> net.network().fetch(Request.builder(URL).post(Body.of(endless)).build()));
    done.countDown();
  }

  @Test
  void rate_limited() throws IOException {
    var port = private_.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    var net =
        private_.open(
            directory(
                "\"ports\": {\"80\": " + port + "}",
                "\"limits\": {\"max_requests_per_second\": 1}"));

    expect(
        ErrorCode.RATE_LIMITED,
        Stage.ROUTE,
        () -> {
          for (var i = 0; i < 50; i++) {
            net.network().fetch(URL).close();
          }
        });
  }

  @Test
  void proxy_internal_error() throws IOException {
    var net =
        private_.open(
            "{\"vpc_networks\":[{\"binding\":\"NET\",\"network_id\":\"broken:x\",\"remote\":true}]}",
            "{}");

    expect(ErrorCode.PROXY_INTERNAL_ERROR, Stage.CONNECT, () -> net.network().fetch(URL));
  }

  // ---- ours

  @Test
  void request_aborted() throws Exception {
    var entered = new CountDownLatch(1);
    var port =
        private_.server(
            socket -> {
              head(socket.getInputStream());
              entered.countDown();
              socket.getInputStream().read();
            });
    var net = private_.open(oneHost(port));
    var controller = new AbortController();
    var aborting =
        new Thread(
            () -> {
              try {
                entered.await();
                controller.abort();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    aborting.start();

    expect(
        ErrorCode.REQUEST_ABORTED,
        null,
        () -> net.network().fetch(Request.builder(URL).signal(controller.signal()).build()));
    aborting.join();
  }

  @Test
  void request_timeout() throws IOException {
    var net =
        private_.open(oneHost(private_.server(socket -> socket.getInputStream().readAllBytes())));

    expect(
        ErrorCode.REQUEST_TIMEOUT,
        null,
        () -> net.network().fetch(Request.builder(URL).deadline(Duration.ofMillis(200)).build()));
  }

  @Test
  void redirect_failed() throws IOException {
    var net =
        private_.open(
            oneHost(
                private_.answering(
                    "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")));

    var failure = expect(ErrorCode.REDIRECT_FAILED, null, () -> net.network().fetch(URL));
    assertThat(failure).hasMessageContaining("Too many redirects.");
  }

  @Test
  void response_too_large() throws IOException {
    var port =
        private_.answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + "x".repeat(100));
    var net =
        private_.open(
            directory(
                "\"ports\": {\"80\": " + port + "}",
                "\"limits\": {\"max_buffered_body_octets\": 99}"));

    expect(ErrorCode.RESPONSE_TOO_LARGE, Stage.RESPONSE, () -> net.network().fetch(URL).bytes());
  }

  @Test
  void configuration_error() {
    expect(ErrorCode.CONFIGURATION_ERROR, Stage.CONFIGURE, () -> private_.open("{\"routez\": 1}"));
  }

  // -----------------------------------------------------------------------------------------------

  private static VpcException expect(
      ErrorCode code, @org.jspecify.annotations.Nullable Stage stage, Call call) {
    var failure = failureOf(call);

    assertThat(failure.code()).as(failure.toString()).isEqualTo(code);
    if (stage != null) {
      assertThat(failure.stage()).as(failure.toString()).isEqualTo(stage);
    }
    if (code != ErrorCode.CONFIGURATION_ERROR) {
      assertThat(failure.destination()).as(failure.toString()).isNotEmpty();
    }
    assertThat(failure.getMessage()).startsWith(code + ": ");
    return failure;
  }
}

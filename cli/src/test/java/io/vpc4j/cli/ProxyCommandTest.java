package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ProxyCommandTest {

  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @AfterEach
  void end() throws IOException {
    cli.close();
  }

  @Test
  void theProxyAndItsForwardsServeUntilTheyAreToldToEnd() throws Exception {
    cli.network(cli.answering(HELLO));
    var out = new Listening(" leads to 10.0.1.50:80\n");
    cli.stdout = out;
    var ended =
        CompletableFuture.supplyAsync(
            () -> cli.run("proxy", "--listen", "127.0.0.1:0", "--forward", "0=10.0.1.50:80"));
    ended.thenAccept(result -> out.ended(result.err()));
    out.await();

    assertThat(get(new Proxy(Proxy.Type.SOCKS, listener(out, "MY_VPC")), "10.0.1.50", 80))
        .endsWith("hello");
    assertThat(ask(listener(out, "MY_VPC"), "GET http://10.0.1.50/ HTTP/1.0\r\n\r\n"))
        .endsWith("hello");
    assertThat(ask(listener(out, "10\\.0\\.1\\.50:80"), "GET / HTTP/1.0\r\n\r\n"))
        .endsWith("hello");

    cli.stop.ask();
    assertThat(ended.get(30, TimeUnit.SECONDS).exitCode()).isZero();
  }

  private static InetSocketAddress listener(Listening out, String leadsTo) {
    var found = Pattern.compile("127\\.0\\.0\\.1:(\\d+) leads to " + leadsTo).matcher(out.said());
    assertThat(found.find()).as(out.said()).isTrue();
    return new InetSocketAddress(
        InetAddress.getLoopbackAddress(), Integer.parseInt(found.group(1)));
  }

  private static String get(Proxy proxy, String host, int port) throws IOException {
    try (var socket = new Socket(proxy)) {
      socket.connect(InetSocketAddress.createUnresolved(host, port), 20_000);
      return say(socket, "GET / HTTP/1.0\r\n\r\n");
    }
  }

  private static String ask(InetSocketAddress address, String request) throws IOException {
    try (var socket = new Socket(address.getAddress(), address.getPort())) {
      return say(socket, request);
    }
  }

  private static String say(Socket socket, String request) throws IOException {
    socket.setSoTimeout(20_000); // a wait that nothing else ends
    socket.getOutputStream().write(request.getBytes(US_ASCII));
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --no-proxy                              | nothing to do
          --listen 0.0.0.0:0                      | credentials
          --listen nonsense                       | not an address to listen on
          --listen 127.0.0.1:99999                | not an address to listen on
          --forward 5432                          | LOCAL=HOST:PORT
          --no-proxy --forward 0=nowhere          | missing port
          --listen 127.0.0.1:0 --user ann         | 1 to 255 octets
          --listen 127.0.0.1:0 --token a:b        | a token has
          --no-proxy -u a:b --forward 0.0.0.0:0=10.0.1.50:80 | loopback address
          --listen 127.0.0.1:0 --max-connections 0 | maxConnections
          """)
  void whatCannotBeIsRefused(String arguments, String said) throws Exception {
    cli.network(cli.answering(HELLO));

    var result = cli.run("proxy", arguments.split(" ", -1));

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains(said);
  }

  @Test
  void aPortThatIsTakenIsSaid() throws Exception {
    var port = cli.answering(HELLO);
    cli.network(port);

    var result = cli.run("proxy", "--listen", "127.0.0.1:" + port);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("Cannot listen on");
  }
}

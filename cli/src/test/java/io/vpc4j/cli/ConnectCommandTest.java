package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ConnectCommandTest {

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
  void theEndOfStdinHalfClosesAndTheAnswerStillComes() throws IOException {
    cli.network(
        cli.server(
            socket -> {
              var said = socket.getInputStream().readAllBytes(); // to the half-close
              socket.getOutputStream().write("you said ".getBytes(UTF_8));
              socket.getOutputStream().write(said);
            }));
    cli.type("PING\r\n");

    assertThat(cli.run("connect", "10.0.1.50:80"))
        .isEqualTo(new Cli.Result(0, "you said PING\r\n", ""));
  }

  @Test
  void theFarEndsCloseIsTheEndThoughStdinIsStillOpen() throws IOException {
    cli.network(cli.server(socket -> socket.getOutputStream().write("bye\n".getBytes(UTF_8))));
    try (var typist = new PipedOutputStream();
        var keyboard = new PipedInputStream(typist)) {
      cli.stdin = keyboard;

      assertThat(cli.run("connect", "host.internal:80")).isEqualTo(new Cli.Result(0, "bye\n", ""));
    }
  }

  @Test
  void whatComesFirstIsShownBeforeAnythingIsTyped() throws IOException {
    cli.network(
        cli.server(
            socket -> {
              socket.getOutputStream().write("220 ready\r\n".getBytes(UTF_8));
              var line = new byte[6];
              socket.getInputStream().readNBytes(line, 0, line.length);
              socket.getOutputStream().write("221 bye\r\n".getBytes(UTF_8));
            }));
    var conversation = new Conversation("ready", "QUIT\r\n");
    cli.stdin = conversation.keyboard();
    cli.stdout = conversation;

    assertThat(cli.run("connect", "10.0.1.50:80").exitCode()).isZero();
    assertThat(conversation.seen()).isEqualTo("220 ready\r\n221 bye\r\n");
  }

  @Test
  void aProbeConnectsAndSaysNothing() throws IOException {
    cli.network(cli.server(socket -> {}));
    cli.type("never sent");

    assertThat(cli.run("connect", "-z", "host.internal:80")).isEqualTo(new Cli.Result(0, "", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.1.50:81, 7",
    "10.0.1.51:80, 7",
    "unknown.internal:80, 6",
    "169.254.169.254:80, 9",
    "no port, 2",
    "10.0.1.50, 2",
    "10.0.1.50:66000, 2",
    ":80, 2"
  })
  void whatCannotBeReachedHasTheExitCodeOfFetch(String address, int code) throws IOException {
    cli.network(FreePort.next());

    var result = cli.run("connect", "-z", address);

    assertThat(result.exitCode()).as(result.err()).isEqualTo(code);
    assertThat(result.err()).startsWith("vpc4j: ").hasLineCount(1);
  }

  @Test
  void silenceIsExit28() throws IOException {
    cli.network("\"ports\": {\"80\": 1}, \"faults\": {\"connect\": \"black_hole\"}");

    assertThat(cli.run("connect", "-w", "0.1", "10.0.1.50:80").exitCode()).isEqualTo(28);
    assertThat(cli.run("connect", "-w", "0", "10.0.1.50:80").exitCode()).isEqualTo(2);
  }

  @Test
  void aResetIsExit56() throws IOException {
    cli.network(
        "\"ports\": {\"80\": "
            + cli.server(socket -> socket.getOutputStream().write(new byte[100]))
            + "}, \"faults\": {\"reset_after_octets\": 10}");

    var result = cli.run("connect", "10.0.1.50:80");

    assertThat(result.exitCode()).as(result.err()).isEqualTo(56);
    assertThat(result.err()).startsWith("vpc4j: ").hasLineCount(1);
  }

  @Test
  void aClosedStdoutIsExit23() throws IOException {
    cli.network(cli.server(socket -> socket.getOutputStream().write(new byte[100])));
    cli.stdout = new ClosedPipe();

    assertThat(cli.run("connect", "10.0.1.50:80").exitCode()).isEqualTo(23);
  }

  @Test
  void whatIsNotTlsIsExit35() throws IOException {
    cli.network(
        cli.server(
            socket -> {
              socket.getInputStream().read();
              socket.getOutputStream().write("220 mail.test ESMTP\r\n".getBytes(UTF_8));
            }));

    assertThat(cli.run("connect", "--tls", "10.0.1.50:80").exitCode()).isEqualTo(35);
  }

  @Test
  void aNetworkWantsAnAddressAndAServiceWantsNone() throws IOException {
    cli.network(80);
    assertThat(cli.run("connect").err()).contains("HOST:PORT");

    cli.write(
        "wrangler.jsonc",
        "{\"vpc_services\": [{\"binding\": \"API\","
            + " \"service_id\": \"0190a1b2-0000-7000-8000-000000000001\"}]}");
    var result = cli.run("connect", "10.0.1.50:80");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("API is a service");
  }
}

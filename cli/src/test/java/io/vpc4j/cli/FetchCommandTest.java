package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class FetchCommandTest {

  private static final String URL = "http://10.0.1.50/data";
  private static final String HELLO =
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-A: 1\r\n\r\nhello\n";

  private static final String MOVED =
      """
      HTTP/1.1 302 Found\r
      Location: /there\r
      Content-Length: 0\r
      Connection: close\r
      \r
      """;

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

  // ---- what is printed

  @Test
  void theBodyGoesToStdoutAndNothingElse() throws IOException {
    cli.network(cli.answering(HELLO));

    assertThat(cli.run("fetch", URL)).isEqualTo(new Cli.Result(0, "hello\n", ""));
  }

  @Test
  void includePutsTheHeadBeforeTheBody() throws IOException {
    cli.network(cli.answering(HELLO));

    assertThat(cli.run("fetch", "-i", URL).out()).isEqualToIgnoringCase(HELLO);
  }

  @Test
  void headAsksForTheHeadAlone() throws IOException {
    cli.network(
        cli.server(
            socket -> {
              var request = Cli.head(socket.getInputStream());
              assertThat(request).startsWith("HEAD /data HTTP/1.1\r\n");
              socket
                  .getOutputStream()
                  .write("HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n".getBytes(UTF_8));
            }));

    assertThat(cli.run("fetch", "-I", URL).out()).startsWith("HTTP/1.1 204 No Content\r\n");
  }

  @Test
  void verboseShowsRouteAndHeadsButNoCredentials() throws IOException {
    cli.network(cli.answering(HELLO));

    var result = cli.run("fetch", "-v", "-u", "me:secret", "-H", "Cookie: a=b", URL);

    assertThat(result.err())
        .contains("> GET /data", "> Host: 10.0.1.50", "< HTTP/1.1 200 OK", "* hop ")
        .contains("> Authorization: (not shown)", "> Cookie: (not shown)")
        .doesNotContain("secret", "bWU6c2VjcmV0", "a=b");
    assertThat(result.out()).isEqualTo("hello\n");
  }

  @Test
  void outputWritesAFile() throws IOException {
    cli.network(cli.answering(HELLO));
    var file = folder.resolve("body");

    assertThat(cli.run("fetch", "-o", file.toString(), URL)).isEqualTo(new Cli.Result(0, "", ""));
    assertThat(file).hasContent("hello");
  }

  @Test
  void dashIsStdout() throws IOException {
    cli.network(cli.answering(HELLO));

    assertThat(cli.run("fetch", "-o", "-", URL)).isEqualTo(new Cli.Result(0, "hello\n", ""));
    assertThat(Path.of("-")).doesNotExist();
  }

  @Test
  void aFileThatCannotBeWrittenIsExit23() throws IOException {
    cli.network(cli.answering(HELLO));

    var result = cli.run("fetch", "-o", folder.resolve("no/such/folder").toString(), URL);

    assertThat(result.exitCode()).isEqualTo(23);
    assertThat(result.err()).startsWith("vpc4j: Cannot write ").hasLineCount(1);
  }

  // ---- the meter

  /** The server waits until the meter was seen, so that the transfer is as long as it must be. */
  @Test
  void aLongTransferToAFileShowsAMeterToWhoWatches() throws Exception {
    var seen = new CountDownLatch(1);
    cli.network(cli.server(socket -> slowly(socket, seen)));
    cli.terminals = Set.of(Terminal.STDOUT, Terminal.STDERR);
    var screen = new Screen("3 B of 6 B (50%)", seen);
    cli.stderr = screen;

    var result = cli.run("fetch", "-o", folder.resolve("body").toString(), URL);

    assertThat(result.exitCode()).isZero();
    assertThat(screen.text()).contains("\r3 B of 6 B (50%), ").contains("\r6 B of 6 B (100%), ");
    assertThat(folder.resolve("body")).hasContent("abcdef");
  }

  @Test
  void aShortTransferShowsNone() throws IOException {
    cli.network(cli.answering(HELLO));
    cli.terminals = Set.of(Terminal.STDERR);

    assertThat(cli.run("fetch", "-o", folder.resolve("body").toString(), URL).err()).isEmpty();
    assertThat(cli.run("fetch", URL).err()).isEmpty();
  }

  private static void slowly(Socket socket, CountDownLatch seen) throws Exception {
    Cli.head(socket.getInputStream());
    var out = socket.getOutputStream();
    out.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc".getBytes(UTF_8));
    if (seen.await(20, TimeUnit.SECONDS)) {
      out.write("def".getBytes(UTF_8));
    }
  }

  /** Says when a text has appeared. */
  private static final class Screen extends OutputStream {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final String awaited;
    private final CountDownLatch seen;

    Screen(String awaited, CountDownLatch seen) {
      this.awaited = awaited;
      this.seen = seen;
    }

    String text() {
      return shown.toString(UTF_8);
    }

    @Override
    public void write(int octet) {
      shown.write(octet);
      if (text().contains(awaited)) {
        seen.countDown();
      }
    }
  }

  // ---- what is sent

  @Test
  void aRequestLooksLikeCurls() throws IOException {
    cli.network(cli.mirror());

    assertThat(cli.run("fetch", "-H", "X-One:  1", "-H", "Accept:", "-H", "X-Empty;", URL).out())
        .isEqualToIgnoringCase(
            """
            GET /data HTTP/1.1\r
            Host: 10.0.1.50\r
            X-One: 1\r
            X-Empty: \r
            User-Agent: vpc4j/%s\r
            \r
            """
                .formatted(VpcCommand.Version.number()));
  }

  @Test
  void dataIsPostedAsAForm() throws IOException {
    cli.network(cli.mirror());

    assertThat(cli.run("fetch", "-d", "a=1&b=2", URL).out())
        .startsWith("POST /data HTTP/1.1\r\n")
        .containsIgnoringCase("content-type: application/x-www-form-urlencoded\r\n")
        .endsWith("\r\n\r\na=1&b=2");
  }

  @Test
  void dataOfAFileLosesItsLineEndsAndBinaryDataDoesNot() throws IOException {
    cli.network(cli.mirror());
    var file = cli.write("form", "a=1&\r\nb=2\n");

    assertThat(cli.run("fetch", "-d", "@" + file, URL).out()).endsWith("\r\n\r\na=1&b=2");
  }

  @Test
  void binaryDataOfAFileIsSentAsItIsWithItsLength() throws IOException {
    cli.network(cli.mirror());
    var file = cli.write("data", "a=1&\r\nb=2\n");

    assertThat(cli.run("fetch", "--data-binary", "@" + file, URL).out())
        .containsIgnoringCase("content-length: 10\r\n")
        .endsWith("\r\n\r\na=1&\r\nb=2\n");
  }

  @Test
  void dataIsJoinedAsCurlJoinsIt() throws IOException {
    cli.network(cli.mirror());
    var file = cli.write("part", "b=\n2\n");
    cli.type("c\n=3");

    assertThat(cli.run("fetch", "-d", "a=1", "-d", "z", URL).out()).endsWith("\r\n\r\na=1&z");
    assertThat(cli.run("fetch", "-d", "a=1", "-d", "@" + file, "-d", "@-", URL).out())
        .endsWith("\r\n\r\na=1&b=2&c=3");
    cli.type("c\n=3");
    assertThat(cli.run("fetch", "--data-binary", "@-", "--data-binary", "@" + file, URL).out())
        .endsWith("\r\n\r\nc\n=3&b=\n2\n");
  }

  @Test
  void kindsOfDataExcludeEachOther() throws IOException {
    cli.network(FreePort.next());

    assertThat(cli.run("fetch", "-d", "a", "--data-binary", "b", URL).exitCode()).isEqualTo(2);
    assertThat(cli.run("fetch", "-d", "a", "-T", "b", URL).exitCode()).isEqualTo(2);
    assertThat(cli.run("fetch", "-d", "a", "-X", "GET", URL).exitCode()).isEqualTo(2);
  }

  @Test
  void theUrlsCredentialsAreSentAndNotShown() throws IOException {
    cli.network(cli.mirror());

    var result = cli.run("fetch", "-v", "http://me:s%40c+ret@10.0.1.50/data?q=x@y");

    assertThat(result.out())
        .containsIgnoringCase("authorization: Basic bWU6c0BjK3JldA==\r\n"); // me:s@c+ret
    assertThat(result.err()).doesNotContain("me:", "ret", "bWU6");
    assertThat(cli.run("fetch", "-u", "a:b", "http://c:d@10.0.1.50/").out())
        .containsIgnoringCase("authorization: Basic YTpi\r\n");
    assertThat(cli.run("fetch", "http://10.0.1.50/@there").out())
        .doesNotContainIgnoringCase("authorization");
  }

  @Test
  void theUserAgentAndTheCodingsAskedForCanBeChosen() throws IOException {
    cli.network(cli.mirror());

    assertThat(cli.run("fetch", "-A", "me/1", "--compressed", "--http1.1", URL).out())
        .containsIgnoringCase("user-agent: me/1\r\n")
        .containsIgnoringCase("accept-encoding: gzip, deflate\r\n");
  }

  @Test
  void binaryDataOfStdinIsStreamedAsItIs() throws IOException {
    cli.network(cli.mirror());
    cli.type("one\ntwo\n");

    assertThat(cli.run("fetch", "--data-binary", "@-", "-X", "PATCH", URL).out())
        .startsWith("PATCH /data HTTP/1.1\r\n")
        .endsWith("\r\n\r\none\ntwo\n");
  }

  @Test
  void stdinCanBeUploaded() throws IOException {
    cli.network(cli.mirror());
    cli.type("from stdin\n");

    assertThat(cli.run("fetch", "-T", "-", URL).out())
        .startsWith("PUT /data HTTP/1.1\r\n")
        .containsIgnoringCase("transfer-encoding: chunked\r\n")
        .endsWith("\r\n\r\nfrom stdin\n");
  }

  @Test
  void anUploadIsAPut() throws IOException {
    cli.network(cli.mirror());
    var file = cli.write("file", "octets");

    assertThat(cli.run("fetch", "-T", file.toString(), URL).out())
        .startsWith("PUT /data HTTP/1.1\r\n")
        .containsIgnoringCase("content-length: 6\r\n")
        .endsWith("\r\n\r\noctets");
  }

  @Test
  void redirectsAreFollowedWhenAskedFor() throws IOException {
    cli.network(
        cli.server(
            socket -> {
              var first = Cli.head(socket.getInputStream()).startsWith("GET /data ");
              socket.getOutputStream().write((first ? MOVED : HELLO).getBytes(UTF_8));
            }));

    assertThat(cli.run("fetch", "-i", URL).out()).startsWith("HTTP/1.1 302 Found");
    assertThat(cli.run("fetch", "-L", URL).out()).isEqualTo("hello\n");
  }

  @Test
  void redirectsInACircleAreExit47() throws IOException {
    cli.network(cli.answering(MOVED));

    assertThat(cli.run("fetch", "-L", URL).exitCode()).isEqualTo(47);
  }

  @Test
  void whatIsNotHttpIsExit8() throws IOException {
    cli.network(cli.answering("220 mail.test ESMTP\r\n\r\n"));

    assertThat(cli.run("fetch", URL).exitCode()).isEqualTo(8);
  }

  @Test
  void anAnswerThatDoesNotComeIsExit28() throws IOException {
    cli.network(cli.server(socket -> socket.getInputStream().readAllBytes()));

    assertThat(cli.run("fetch", "--max-time", "0.2", URL).exitCode()).isEqualTo(28);
  }

  @Test
  void stdinThatFailsIsExit55() throws IOException {
    cli.network(cli.server(socket -> socket.getInputStream().readAllBytes()));
    cli.stdin =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the terminal is gone");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return read();
          }
        };

    var result = cli.run("fetch", "-T", "-", URL);

    assertThat(result.exitCode()).as(result.err()).isEqualTo(55);
    assertThat(result.err()).contains("the terminal is gone");
  }

  // ---- exit codes

  @ParameterizedTest
  @CsvSource({
    "http://unknown.internal/, 6",
    "http://10.0.1.51/, 7",
    "http://169.254.169.254/, 9",
    "not a url, 3",
    "ftp://10.0.1.50/, 3"
  })
  void whatCannotBeReachedHasCurlsExitCode(String url, int code) throws IOException {
    cli.network(FreePort.next());

    var result = cli.run("fetch", url);

    assertThat(result.exitCode()).as(result.err()).isEqualTo(code);
    assertThat(result.err()).startsWith("vpc4j: ").hasLineCount(1);
  }

  @Test
  void aClosedPortIsExit7() throws IOException {
    cli.network(FreePort.next());

    assertThat(cli.run("fetch", URL).exitCode()).isEqualTo(7);
  }

  @Test
  void withoutFailAnErrorStatusIsAnAnswer() throws IOException {
    cli.network(cli.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"));

    assertThat(cli.run("fetch", URL)).isEqualTo(new Cli.Result(0, "gone", ""));
  }

  @Test
  void withFailItIsExit22AndNoBody() throws IOException {
    cli.network(cli.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"));

    var result = cli.run("fetch", "--fail", URL);

    assertThat(result.exitCode()).isEqualTo(22);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("404");
  }

  @Test
  void silenceIsExit28() throws IOException {
    cli.network("\"ports\": {\"80\": 1}, \"faults\": {\"connect\": \"black_hole\"}");

    assertThat(cli.run("fetch", "-m", "0.1", URL).exitCode()).isEqualTo(28);
  }

  @Test
  void whatIsNotTlsIsExit35() throws IOException {
    var port =
        cli.server(
            socket -> {
              socket.getInputStream().read();
              socket.getOutputStream().write("220 mail.test ESMTP\r\n".getBytes(UTF_8));
            });
    cli.network("\"ports\": {\"443\": " + port + "}");

    assertThat(cli.run("fetch", "https://10.0.1.50/").exitCode()).isEqualTo(35);
  }

  @Test
  void aCertificateNobodyTrustsIsExit60() throws IOException {
    cli.network("\"ports\": {\"443\": 1}, \"faults\": {\"bad_certificate\": true}");

    assertThat(cli.run("fetch", "https://10.0.1.50/").exitCode()).isEqualTo(60);
  }

  @Test
  void anEmptyReplyIsExit52() throws IOException {
    cli.network(cli.server(socket -> Cli.head(socket.getInputStream())));

    assertThat(cli.run("fetch", URL).exitCode()).isEqualTo(52);
  }

  @Test
  void aResetWhileReceivingIsExit56AndACutIsExit18() throws IOException {
    cli.network(
        cli.server(
            socket -> {
              Cli.head(socket.getInputStream());
              socket
                  .getOutputStream()
                  .write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".getBytes(UTF_8));
            }));
    assertThat(cli.run("fetch", URL).exitCode()).isEqualTo(18);

    cli.network(
        "\"ports\": {\"80\": "
            + cli.answering(HELLO)
            + "}, \"faults\": {\"reset_after_octets\": 45}");
    assertThat(cli.run("fetch", URL).exitCode()).isEqualTo(56);
  }

  @Test
  void aClosedStdoutIsExit23() throws IOException {
    cli.network(cli.answering(HELLO));
    cli.stdout = new ClosedPipe();

    var result = cli.run("fetch", URL);

    assertThat(result.exitCode()).isEqualTo(23);
    assertThat(result.err()).contains("Broken pipe").hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-d|@/no/such/file|26",
        "-H|no colon|2",
        "-H|bad name: 1|2",
        "-X|CONNECT|2",
        "-m|-1|2",
        "-b|OTHER|2",
        "--nonsense|x|2"
      })
  void whatCannotBeUsedIsSaidInOneSentence(String option, String value, int code)
      throws IOException {
    cli.network(FreePort.next());

    var result = cli.run("fetch", option, value, URL);

    assertThat(result.exitCode()).as(result.err()).isEqualTo(code);
    assertThat(result.err()).startsWith("vpc4j: ").doesNotContain("\tat ");
  }

  @Test
  void aConfigurationThatIsWrongIsExit2WithEveryProblem() throws IOException {
    cli.write("wrangler.jsonc", "{\"vpc_networks\": [{\"binding\": 1}, {}]}");

    var result = cli.run("fetch", URL);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err().lines()).hasSizeGreaterThan(1);
  }

  @Test
  void aLargeBodyIsStreamedBothWays() throws IOException {
    var octets = 64L << 20;
    cli.network(
        cli.server(
            socket -> {
              Cli.head(socket.getInputStream());
              var out = socket.getOutputStream();
              out.write(
                  ("HTTP/1.1 200 OK\r\nContent-Length: " + octets + "\r\n\r\n").getBytes(UTF_8));
              var piece = new byte[1 << 16];
              for (var sent = 0L; sent < octets; sent += piece.length) {
                out.write(piece);
              }
            }));
    var counting = new Counting();
    cli.stdout = counting;

    assertThat(cli.run("fetch", URL).exitCode()).isZero();
    assertThat(counting.octets).isEqualTo(octets);
  }

  /** Keeps the number of octets, and none of them. */
  private static final class Counting extends OutputStream {
    private long octets;

    @Override
    public void write(int octet) {
      octets++;
    }

    @Override
    public void write(byte[] from, int offset, int length) {
      octets += length;
    }
  }
}

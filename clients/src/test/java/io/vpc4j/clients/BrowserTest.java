package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.netty.pkitesting.CertificateBuilder;
import io.vpc4j.EntranceOptions;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A real browser, without a screen, shows a page of the private network, by the very lines of
 * {@code docs/proxy.md}: the page over http, and over https a script that changes it.
 *
 * <p>All that the browser wants goes to the entrance, what it wants of its own accord as well: no
 * name of it is resolved here, and the private network has none of those.
 */
@Timeout(300)
class BrowserTest {

  private static final int PATIENCE_SECONDS = 120;

  /** What keeps it to our page, and out of its user's files. */
  private static final List<String> FLAGS =
      List.of(
          "--headless",
          "--no-sandbox", // which an ordinary container does not have; the page is ours
          "--disable-gpu",
          "--disable-dev-shm-usage",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-extensions",
          "--disable-sync",
          "--proxy-bypass-list=<-loopback>", // of a tunnel's far end that is this machine
          "--ignore-certificate-errors",
          "--dump-dom");

  private static final String PAGE =
      "<html><body><p id='said'>nothing</p><script src='https://HOST/said.js'></script></body></html>";
  private static final String SCRIPT =
      "document.getElementById('said').textContent = 'six times seven is ' + 6 * 7;";

  @TempDir Path folder;
  private final Servers servers = new Servers();
  private Process browser;

  @AfterEach
  void end() throws Exception {
    if (browser != null) {
      var all = Stream.concat(browser.descendants(), Stream.of(browser.toHandle())).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      for (var each : all) {
        each.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }
    servers.close();
  }

  // ---- the private network

  private static void serve(Socket socket, String type, String text) throws IOException {
    var octets = text.getBytes(US_ASCII);
    var fields = "Content-Type: " + type + "\r\nContent-Length: " + octets.length;
    var head = "HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n";
    while (!Door.head(socket.getInputStream()).isEmpty()) {
      var out = socket.getOutputStream();
      out.write(head.getBytes(US_ASCII));
      out.write(octets);
    }
  }

  private int scriptServer(String host) throws Exception {
    var keys =
        new CertificateBuilder()
            .subject("CN=origin")
            .addSanDnsName(host)
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    var context = SSLContext.getInstance("TLS");
    context.init(keys.toKeyManagerFactory().getKeyManagers(), null, null);
    var layer = context.getSocketFactory();
    return servers.start(
        socket -> {
          try (var secure = layer.createSocket(socket, null, true)) {
            serve(secure, "text/javascript", SCRIPT);
          }
        });
  }

  // ---- the browser

  private static String program() {
    for (var name : List.of("chromium", "chromium-browser", "google-chrome")) {
      if (LocalProgram.find(name).isPresent()) {
        return name;
      }
    }
    return abort("NOT RUN: there is no chromium on the path");
  }

  /** The document, once it is loaded. */
  private String show(String line) throws Exception {
    var words = List.of(line.split(" "));
    assertThat(words.get(0)).isEqualTo("chromium");
    var command = new ArrayList<String>();
    command.add(program());
    command.addAll(FLAGS);
    command.add("--user-data-dir=" + Files.createTempDirectory(folder, "profile"));
    command.addAll(words.subList(1, words.size()));
    var output = folder.resolve("document").toFile();
    var errors = folder.resolve("errors").toFile();
    var builder = new ProcessBuilder(command).redirectOutput(output).redirectError(errors);
    builder.environment().put("HOME", folder.toString());
    browser = builder.start();
    var ended = browser.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(ended).as("%s ends; it says: %s", line, Files.readString(errors.toPath())).isTrue();
    return Files.readString(output.toPath());
  }

  @ParameterizedTest
  @EnumSource
  void chromiumShowsAPage(Over over) throws Exception {
    program();
    var secure = scriptServer("db.internal");
    var plain = FreePort.next();
    try (var world = over.open(folder, plain, secure);
        var entrance = world.vpc().entrance("NET", EntranceOptions.defaults())) {
      var page = PAGE.replace("HOST", world.host() + ":" + secure);
      servers.start(
          new ServerSocket(plain, 50, InetAddress.getLoopbackAddress()),
          socket -> serve(socket, "text/html", page));
      var local = "127.0.0.1:" + Door.port(entrance);
      var lines =
          List.of(
              ProgramsTest.guided(
                  "chromium --proxy-server=http://127.0.0.1:8118 http://10.0.1.50/",
                  ProgramsTest.PROXY,
                  local,
                  "10.0.1.50",
                  world.address() + ":" + plain),
              ProgramsTest.guided(
                  "chromium --proxy-server=socks5://127.0.0.1:8118 http://api.internal/",
                  ProgramsTest.PROXY,
                  local,
                  "api.internal",
                  world.host() + ":" + plain));
      for (var line : lines) {
        assertThat(show(line)).as(line).contains("<p id=\"said\">six times seven is 42</p>");
      }
    }
  }
}

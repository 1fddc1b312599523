package io.vpc4j.cli;

import io.vpc4j.Body;
import io.vpc4j.Request;
import io.vpc4j.Response;
import io.vpc4j.Url;
import java.io.BufferedInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code curl}, through a binding. */
@Command(
    name = "fetch",
    description = {"Fetch a URL through a binding, with curl's habits.", ""},
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j fetch http://10.0.1.50/data",
      "  vpc4j fetch -b MY_VPC -H 'Accept: application/json' -d '{\"a\":1}' http://10.0.1.50/items",
      "  tar c . | vpc4j fetch --data-binary @- http://files.internal/upload",
      "  vpc4j fetch -o image.iso http://10.0.1.50/image.iso",
      "",
      "Exit codes: 0 done; 2 usage or configuration; 3 URL; 6 name not resolved; 7 no connection;",
      "8 not HTTP; 9 denied by policy; 18 cut short; 22 status 400 or more, with --fail; 23 could",
      "not write; 26 could not read; 28 timed out; 35 TLS; 47 redirects; 52 empty reply; 55 could",
      "not send; 56 reset while receiving; 60 certificate."
    })
final class FetchCommand implements Callable<Integer> {

  private static final int COPY_OCTETS = 256 * 1024;

  @Spec private CommandSpec spec;
  @ParentCommand private VpcCommand parent;
  @Mixin private ConfigOptions options;

  @Parameters(paramLabel = "URL", description = "Absolute, http or https.")
  private String url;

  @Option(
      names = {"-X", "--request"},
      paramLabel = "METHOD",
      description = "Default: GET; POST with data, PUT with -T, HEAD with -I.")
  private @Nullable String method;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "Send this field. May be repeated.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DATA|@FILE|@-",
      description = "Send this; of a file or stdin, without its line ends, as curl does.")
  private @Nullable String data;

  @Option(
      names = "--data-binary",
      paramLabel = "DATA|@FILE|@-",
      description = "Send this as it is; of a file or stdin, streamed.")
  private @Nullable String dataBinary;

  @Option(
      names = {"-T", "--upload-file"},
      paramLabel = "FILE|-",
      description = "PUT a file, or stdin, streamed.")
  private @Nullable String uploadFile;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the body there. Default: stdout.")
  private @Nullable Path output;

  @Option(
      names = {"-i", "--include"},
      description = "Write the response's head before its body.")
  private boolean include;

  @Option(
      names = {"-I", "--head"},
      description = "Ask for the head alone.")
  private boolean head;

  @Option(
      names = {"-L", "--location"},
      description = "Follow redirects, at most 20.")
  private boolean follow;

  @Option(
      names = {"-f", "--fail"},
      description = "Exit with 22 and write no body if the status is 400 or more.")
  private boolean fail;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show the route and both heads on stderr.")
  private boolean verbose;

  @Option(
      names = {"-s", "--silent"},
      description = "No progress meter.")
  private boolean silent;

  @Option(
      names = {"-m", "--max-time"},
      paramLabel = "SECONDS",
      description = "For the whole transfer; fractions are fine.")
  private @Nullable Double maxTime;

  @Option(
      names = {"-A", "--user-agent"},
      paramLabel = "TEXT",
      description = "Default: vpc4j and its version.")
  private @Nullable String userAgent;

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER:PASSWORD",
      description = "Basic authentication.")
  private @Nullable String user;

  @Option(names = "--compressed", description = "Ask for gzip, and decode it.")
  private boolean compressed;

  @Option(names = "--http1.1", description = "HTTP/1.1 only.")
  private boolean http11;

  @Option(names = "--http2-prior-knowledge", description = "HTTP/2 only, over plain http as well.")
  private boolean http2;

  @SuppressWarnings("NullAway.Init")
  FetchCommand() {}

  @Override
  public Integer call() throws Exception {
    var request = request();
    try (var vpc = options.open()) {
      var binding = options.binding(vpc);
      if (verbose) {
        err().print(binding.explain(url).toString().indent(2).replaceAll("(?m)^ ", "*"));
        showRequest(request);
      }
      try (var response = binding.fetch(request)) {
        return receive(response);
      }
    }
  }

  // ---- the request
  // -------------------------------------------------------------------------------

  private Request request() throws Failure, IOException {
    var request = Request.builder(url());
    var body = body();
    request.body(body);
    request.redirect(follow ? Request.Redirect.FOLLOW : Request.Redirect.MANUAL);
    request.http(
        http2 ? Request.Http.HTTP_2 : http11 ? Request.Http.HTTP_1_1 : Request.Http.NEGOTIATE);
    request.decoding(compressed ? Request.ContentDecoding.DECODE : Request.ContentDecoding.KEEP);
    if (maxTime != null) {
      if (!(maxTime > 0 && maxTime <= 1e9)) {
        throw new Failure(ExitCode.USAGE, "--max-time must be over 0, not " + maxTime + ".");
      }
      request.deadline(Duration.ofNanos(Math.max(1, (long) (maxTime * 1e9))));
    }
    try {
      request.method(
          method != null
              ? method
              : head ? "HEAD" : uploadFile != null ? "PUT" : body == null ? "GET" : "POST");
      addHeaders(request);
      return request.build();
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private Url url() throws Failure {
    try {
      return Url.parse(url);
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.BAD_URL, String.valueOf(e.getMessage()));
    }
  }

  private void addHeaders(Request.Builder request) throws Failure {
    var named = new java.util.TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    var dropped = new java.util.TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (var header : headers) {
      var colon = header.indexOf(':');
      if (colon > 0 && colon == header.length() - 1) {
        dropped.add(header.substring(0, colon)); // "Name:" takes a default away, as in curl
      } else if (colon > 0) {
        named.add(header.substring(0, colon));
        request.header(header.substring(0, colon), header.substring(colon + 1));
      } else if (header.endsWith(";") && header.length() > 1) {
        named.add(header.substring(0, header.length() - 1));
        request.header(header.substring(0, header.length() - 1), "");
      } else {
        throw new Failure(ExitCode.USAGE, "Not a header field: '" + header + "'.");
      }
    }
    named.addAll(dropped);
    if (user != null && !named.contains("Authorization")) {
      var octets = user.getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(octets));
    }
    if (!named.contains("User-Agent")) {
      request.header(
          "User-Agent", userAgent != null ? userAgent : "vpc4j/" + VpcCommand.Version.number());
    }
    if (!named.contains("Accept")) {
      request.header("Accept", "*/*");
    }
    if (compressed && !named.contains("Accept-Encoding")) {
      request.header("Accept-Encoding", "gzip, deflate");
    }
    if ((data != null || dataBinary != null) && !named.contains("Content-Type")) {
      request.header("Content-Type", "application/x-www-form-urlencoded");
    }
  }

  private @Nullable Body body() throws Failure, IOException {
    var given =
        (data != null ? 1 : 0) + (dataBinary != null ? 1 : 0) + (uploadFile != null ? 1 : 0);
    if (given > 1) {
      throw new Failure(ExitCode.USAGE, "-d, --data-binary and -T exclude each other.");
    }
    if (data != null) {
      return data.startsWith("@")
          ? Body.of(new WithoutLineEnds(open(data.substring(1))))
          : Body.of(data.getBytes(StandardCharsets.UTF_8));
    }
    if (dataBinary != null) {
      return dataBinary.startsWith("@")
          ? source(dataBinary.substring(1))
          : Body.of(dataBinary.getBytes(StandardCharsets.UTF_8));
    }
    return uploadFile != null ? source(uploadFile) : null;
  }

  private Body source(String name) throws Failure, IOException {
    return name.equals("-") ? Body.of(streams().in()) : Body.of(file(name));
  }

  private InputStream open(String name) throws Failure, IOException {
    return name.equals("-") ? streams().in() : Files.newInputStream(file(name));
  }

  private static Path file(String name) throws Failure {
    var path = Path.of(name);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new Failure(ExitCode.READ_ERROR, "Cannot read " + name + ".");
    }
    return path;
  }

  // ---- the response
  // ------------------------------------------------------------------------------

  private int receive(Response response) throws IOException, Failure {
    if (verbose) {
      showResponse(response);
    }
    if (fail && response.status() >= 400) {
      throw new Failure(
          ExitCode.HTTP_ERROR, "The requested URL returned error: " + response.status() + ".");
    }
    var expected = response.headers().get("content-length").map(FetchCommand::length).orElse(-1L);
    var meter =
        !silent && output != null && streams().terminal()
            ? new ProgressMeter(err(), expected)
            : null;
    try (meter;
        var out = destination()) {
      var counted = meter == null ? out : meter.counting(out);
      if (include || head) {
        write(counted, headText(response).getBytes(StandardCharsets.UTF_8));
      }
      copy(response.inputStream(), counted);
    }
    return ExitCode.OK;
  }

  /** At full speed: large reads, no text layer, no buffer that hides a slow reader. */
  private static void copy(InputStream in, OutputStream out) throws IOException, Failure {
    var buffer = new byte[COPY_OCTETS];
    for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      try {
        out.write(buffer, 0, count);
      } catch (IOException e) {
        throw new Failure(ExitCode.WRITE_ERROR, "Failed writing body: " + e.getMessage() + ".");
      }
    }
  }

  private static void write(OutputStream out, byte[] octets) throws Failure {
    try {
      out.write(octets);
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Failed writing: " + e.getMessage() + ".");
    }
  }

  private OutputStream destination() throws Failure {
    try {
      return output == null ? new NotClosed(streams().out()) : Files.newOutputStream(output);
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot write " + output + ": " + e.getMessage());
    }
  }

  private static long length(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  // ---- what is shown
  // -----------------------------------------------------------------------------

  private void showRequest(Request request) {
    var err = err();
    err.println("> " + request.method() + " " + request.url().pathAndQuery());
    err.println("> Host: " + request.url().authority());
    request
        .headers()
        .forEach((name, value) -> err.println("> " + name + ": " + shown(name, value)));
    err.println(">");
    err.flush();
  }

  /** A terminal is scrolled back and pasted elsewhere: what proves who we are is not shown. */
  private static String shown(String name, String value) {
    return name.equalsIgnoreCase("authorization") || name.equalsIgnoreCase("cookie")
        ? "(not shown)"
        : value;
  }

  private void showResponse(Response response) {
    var err = err();
    headText(response).lines().forEach(line -> err.println("< " + line));
    err.flush();
  }

  private static String headText(Response response) {
    var text = new StringBuilder();
    text.append(response.version()).append(' ').append(response.status());
    if (!response.statusText().isEmpty()) {
      text.append(' ').append(response.statusText());
    }
    text.append("\r\n");
    response
        .headers()
        .forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    return text.append("\r\n").toString();
  }

  private Streams streams() {
    return parent.streams();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** stdout is not ours to close. */
  private static final class NotClosed extends FilterOutputStream {
    NotClosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      out.write(from, offset, length); // whole, and not an octet at a time
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  /** curl's {@code -d @file}: carriage returns, line feeds and NULs are left out. */
  private static final class WithoutLineEnds extends InputStream {
    private final InputStream in;

    WithoutLineEnds(InputStream in) {
      this.in = new BufferedInputStream(in, 64 * 1024);
    }

    @Override
    public int read() throws IOException {
      var octet = in.read();
      while (octet == '\r' || octet == '\n' || octet == 0) {
        octet = in.read();
      }
      return octet;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      var kept = 0;
      while (kept == 0) {
        var count = in.read(into, offset, length);
        if (count < 0) {
          return -1;
        }
        for (var i = offset; i < offset + count; i++) {
          if (into[i] != '\r' && into[i] != '\n' && into[i] != 0) {
            into[offset + kept++] = into[i];
          }
        }
      }
      return kept;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}

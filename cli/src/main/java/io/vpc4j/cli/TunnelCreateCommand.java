package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.ConfigurationException;
import io.vpc4j.cli.Tunnels.EdgeAddress;
import io.vpc4j.cli.Tunnels.Files;
import io.vpc4j.core.config.directory.DirectoryReader;
import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.config.edit.Fields;
import io.vpc4j.core.config.edit.OwnerOnly;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.runtime.Configuration;
import io.vpc4j.tunnel.TunnelCredentials;
import io.vpc4j.tunnel.TunnelEdge;
import io.vpc4j.tunnel.TunnelToken;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a tunnel, and says what to run next. */
@Command(
    name = "create",
    description = {
      "Make a tunnel: an id, a secret, an entry in the directory, an edge for connectors to dial"
          + " if",
      "there is none yet. Then say what to run next to the services.",
      "",
      "The secret goes to a file of its owner's alone in the state folder (.vpc4j), never into the",
      "directory itself. Everything else in the directory, comments included, stays as it is.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j tunnel create office",
      "  vpc4j tunnel create office --binding MY_VPC    and a wrangler.jsonc to use it with",
      "  vpc4j tunnel create office --listen 0.0.0.0    connectors may be on other machines",
      "",
      "Exit codes: 0 done; 1 the name is taken; 2 usage or configuration; 23 cannot write."
    })
final class TunnelCreateCommand implements Callable<Integer> {

  private static final int SECRET_OCTETS = 32;
  private static final int ACCOUNT_OCTETS = 16;
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,255}");
  private static final Pattern BINDING = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(paramLabel = "NAME", description = "For people; unique in the directory.")
  private String name;

  @Option(
      names = "--secret-env",
      paramLabel = "VARIABLE",
      description = "Have the directory take the secret from this variable, not from a file.")
  private @Nullable String secretVariable;

  @Option(
      names = "--listen",
      paramLabel = "HOST[:PORT]",
      description =
          "Where a new edge listens. Default: 127.0.0.1:7844, this machine alone. Not for an edge"
              + " that is there.")
  private @Nullable String listen;

  @Option(
      names = "--binding",
      paramLabel = "NAME",
      description =
          "Write a wrangler.jsonc with this binding to the tunnel, unless there is a wrangler"
              + " file.")
  private @Nullable String binding;

  @SuppressWarnings("NullAway.Init")
  TunnelCreateCommand() {}

  /** What has been made, to be taken away again should the rest fail. */
  private final List<Path> made = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    check();
    var editor = directory.edit();
    if (editor.snapshot().tunnels().values().stream().anyMatch(t -> t.name().equals(name))) {
      throw new Failure(
          ExitCode.REFUSED,
          "A tunnel called \"" + name + "\" is there already; see 'vpc4j tunnel info'.");
    }
    var random = new SecureRandom();
    var id = UUID.randomUUID();
    var isNewEdge = editor.snapshot().edge().isEmpty();
    var account =
        editor
            .snapshot()
            .edge()
            .flatMap(EdgeSettings::accountTag)
            .orElseGet(() -> HexFormat.of().formatHex(octets(random, ACCOUNT_OCTETS)));
    var files = Files.of(DirectoryOption.stateFolder(editor), id.toString());
    edit(editor, id, files, account, isNewEdge);
    // Read again, so that a new edge's listeners are what the reader makes of them.
    var edge = edge(editor);
    var secret = Secret.of(octets(random, SECRET_OCTETS));
    Optional<Path> authority;
    try {
      authority = authority(edge);
      keep(files, account, id, secret);
      DirectoryOption.write(editor, spec.commandLine().getErr());
    } catch (ConfigurationException | Failure e) {
      undo();
      throw e;
    } catch (IOException e) {
      undo();
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot keep the secret: " + e + ".");
    } finally {
      secret.wipe();
    }
    say(editor, id, files, edge, authority, isNewEdge);
    return ExitCode.OK;
  }

  private void check() throws Failure {
    if (secretVariable != null && !VARIABLE.matcher(secretVariable).matches()) {
      throw new Failure(ExitCode.USAGE, "--secret-env wants the name of a variable.");
    }
    if (binding != null && !BINDING.matcher(binding).matches()) {
      throw new Failure(ExitCode.USAGE, "--binding wants a name that a program can have.");
    }
  }

  private static byte[] octets(SecureRandom random, int count) {
    var octets = new byte[count];
    random.nextBytes(octets);
    return octets;
  }

  // ---- the directory

  private void edit(DirectoryEditor editor, UUID id, Files files, String account, boolean isNewEdge)
      throws Exception {
    if (!isNewEdge && listen != null) {
      throw new Failure(
          ExitCode.USAGE,
          "The directory has an edge already; change its \"listeners\" in place of --listen.");
    }
    var reference =
        secretVariable != null
            ? "env:" + secretVariable
            : DirectoryOption.reference(editor.file(), files.secret());
    editor.append(
        "tunnels",
        Fields.of()
            .text("tunnel_id", id.toString())
            .text("name", name)
            .text("tunnel_secret", reference));
    if (isNewEdge) {
      editor.set(
          "edge",
          Fields.of().objects("listeners", List.of(listener())).text("account_tag", account));
    } // an edge that takes any account goes on doing so: its other tunnels may have others
  }

  private Fields listener() throws Failure {
    var text = listen == null ? "127.0.0.1" : listen;
    int colon = text.lastIndexOf(':');
    boolean hasPort =
        colon > 0
            && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']')
            && text.indexOf(']') < colon;
    var host = (hasPort ? text.substring(0, colon) : text).replaceAll("^\\[|]$", "");
    try {
      long port = hasPort ? Integer.parseInt(text.substring(colon + 1)) : EdgeSettings.DEFAULT_PORT;
      return Fields.of().text("host", host).number("port", port);
    } catch (NumberFormatException e) {
      throw new Failure(ExitCode.USAGE, "--listen wants HOST or HOST:PORT, not " + text + ".");
    }
  }

  private static EdgeSettings edge(DirectoryEditor editor) throws Exception {
    var result = DirectoryReader.check(editor.file(), editor.preview().getBytes(UTF_8));
    return result
        .snapshot()
        .orElseThrow(() -> new ConfigurationException(result.problems()))
        .edge()
        .orElseThrow();
  }

  // ---- the files

  /** Made before it is needed, since the printed line names it. */
  private static Optional<Path> authority(EdgeSettings edge) throws IOException {
    return edge.certificate().isPresent()
        ? Optional.empty()
        : Optional.of(TunnelEdge.certificateAuthority(edge.stateFolder()));
  }

  private void keep(Files files, String account, UUID id, Secret secret) throws IOException {
    var credentials = new TunnelCredentials(account, id, secret);
    if (secretVariable == null) {
      var base64 = Base64.getEncoder().encode(secret.reveal());
      make(files.secret(), base64);
    }
    make(files.credentials(), credentials.toJson().reveal());
    make(files.token(), new TunnelToken(credentials).reveal().reveal());
  }

  private void make(Path file, byte[] octets) throws IOException {
    OwnerOnly.create(file, octets);
    made.add(file);
    java.util.Arrays.fill(octets, (byte) 0);
  }

  private void undo() throws Failure {
    for (var file : made) {
      try {
        java.nio.file.Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new Failure(ExitCode.WRITE_ERROR, "Cannot take away " + file + " again: " + e + ".");
      }
    }
  }

  // ---- what is said

  private void say(
      DirectoryEditor editor,
      UUID id,
      Files files,
      EdgeSettings edge,
      Optional<Path> authority,
      boolean isNewEdge)
      throws Exception {
    var out = spec.commandLine().getOut();
    var address = EdgeAddress.of(Optional.of(edge));
    out.println("tunnel       " + name);
    out.println("id           " + id);
    out.println(
        "secret       "
            + (secretVariable == null
                ? files.secret() + ", which " + editor.file() + " refers to"
                : "wherever " + secretVariable + " is set from; the token holds it"));
    out.println("credentials  " + files.credentials());
    out.println("token        " + files.token());
    out.println(
        "edge         " + address.address() + (isNewEdge ? ", added to " + editor.file() : ""));
    authority.ifPresent(path -> out.println("authority    " + path));
    out.println();
    if (secretVariable != null) {
      out.println("Before anything reads the directory:");
      out.println();
      out.println(
          "  export "
              + secretVariable
              + "=\"$(vpc4j tunnel token --secret "
              + Shell.word(name)
              + ")\"");
      out.println();
    }
    new ConnectorLines(address, authority, files.token()).print(out);
    bind(id);
    out.flush();
  }

  private void bind(UUID id) throws Exception {
    var out = spec.commandLine().getOut();
    var found = Configuration.sources(Optional.empty(), Optional.of(directory.file())).config();
    var bound = binding == null ? "MY_VPC" : binding;
    var entry =
        "{ \"binding\": \"" + bound + "\", \"tunnel_id\": \"" + id + "\", \"remote\": true }";
    if (binding != null && found.isEmpty()) {
      var file = directory.file().toAbsolutePath().resolveSibling("wrangler.jsonc");
      var text = "{\n  \"vpc_networks\": [\n    " + entry + "\n  ]\n}\n";
      try {
        java.nio.file.Files.writeString(file, text, java.nio.file.StandardOpenOption.CREATE_NEW);
      } catch (IOException e) {
        throw new Failure(ExitCode.WRITE_ERROR, "Cannot write " + file + ": " + e + ".");
      }
      out.println("Then, through the binding " + bound + " of " + file + ":");
      out.println();
      out.println("  vpc4j fetch http://ADDRESS/");
    } else {
      out.println("To bind it, in \"vpc_networks\" of the wrangler file:");
      out.println();
      out.println("  " + entry);
    }
  }
}

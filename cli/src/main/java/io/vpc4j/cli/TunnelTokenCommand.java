package io.vpc4j.cli;

import io.vpc4j.ConfigurationException;
import io.vpc4j.Problem;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.TunnelCredentials;
import io.vpc4j.tunnel.TunnelToken;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The one string that a connector needs. */
@Command(
    name = "token",
    description = {
      "Print the tunnel's token: what cloudflared takes as --token or TUNNEL_TOKEN. It holds the",
      "secret: whoever has it can serve the tunnel.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j tunnel token office > office.token",
      "  export OFFICE_SECRET=\"$(vpc4j tunnel token --secret office)\"",
      "",
      "Exit codes: 0 done; 1 no such tunnel, or no secret; 2 usage or configuration; 26 cannot"
          + " read."
    })
final class TunnelTokenCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DirectoryOption directory;

  @Parameters(paramLabel = "TUNNEL", description = "Its name or its id.")
  private String tunnel;

  @Option(
      names = "--secret",
      description = "Only the secret, in base64, as the directory's tunnel_secret wants it.")
  private boolean secretOnly;

  @SuppressWarnings("NullAway.Init")
  TunnelTokenCommand() {}

  @Override
  public Integer call() throws Exception {
    var credentials = credentials();
    var out = spec.commandLine().getOut();
    out.println(
        secretOnly
            ? Base64.getEncoder().encodeToString(credentials.tunnelSecret().reveal())
            : new TunnelToken(credentials).reveal().revealText());
    out.flush();
    return ExitCode.OK;
  }

  /** From the file that {@code create} made; else from what the directory says. */
  private TunnelCredentials credentials() throws Exception {
    var editor = directory.edit();
    var found = Tunnels.find(editor.snapshot(), tunnel);
    var file =
        Tunnels.Files.of(DirectoryOption.stateFolder(editor), found.tunnelId()).credentials();
    if (Files.exists(file)) {
      try {
        return TunnelCredentials.read(file);
      } catch (IOException e) {
        throw new Failure(ExitCode.READ_ERROR, "Cannot read " + file + ": " + e + ".");
      }
    }
    var snapshot = directory.snapshot();
    var account = snapshot.edge().flatMap(EdgeSettings::accountTag).orElse("0".repeat(32));
    var record = snapshot.tunnels().get(found.tunnelId());
    return new TunnelCredentials(account, UUID.fromString(found.tunnelId()), secret(record));
  }

  private Secret secret(@org.jspecify.annotations.Nullable TunnelRecord record)
      throws Failure, ConfigurationException {
    if (record == null) {
      throw new ConfigurationException(List.<Problem>of());
    }
    return record
        .tunnelSecret()
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.REFUSED,
                    "The tunnel \""
                        + record.name()
                        + "\" has no secret: no connector may register."));
  }
}

package io.vpc4j.cli;

import io.vpc4j.cli.Tunnels.EdgeAddress;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * What to run next to the services, ready to be pasted.
 *
 * <p>For {@code cloudflared}: the edge twice, since with one address it neither waits between two
 * attempts nor falls back from QUIC to HTTP/2; the token as a variable, which other users of the
 * machine cannot see as they see arguments; no check of what is on the Internet, as a variable too,
 * since releases before 2026.5.0 know no such flag. Protocol page, sections 1.1, 1.4, 1.5 and 1.7.
 *
 * @param edge where it dials
 * @param authority the certificate it is to trust; empty where the edge's own is publicly trusted
 * @param token the file that holds the token
 */
record ConnectorLines(EdgeAddress edge, java.util.Optional<Path> authority, Path token) {

  String cloudflared() {
    return "TUNNEL_NO_PRECHECKS=true "
        + tokenVariable()
        + " cloudflared tunnel "
        + flags()
        + " --no-autoupdate run";
  }

  String connector() {
    return tokenVariable() + " vpc4j connector run " + flags();
  }

  private String tokenVariable() {
    return "TUNNEL_TOKEN=\"$(cat " + Shell.word(token) + ")\"";
  }

  private String flags() {
    var twice = "--edge " + edge.address() + " --edge " + edge.address();
    return twice + authority.map(path -> " --cacert " + Shell.word(path)).orElse("");
  }

  void print(PrintWriter out) {
    out.println("Run one of these next to the services:");
    out.println();
    out.println("  " + cloudflared());
    out.println();
    out.println("  " + connector());
    out.println();
    if (edge.anywhere()) {
      out.println(
          "On another machine, copy the token"
              + (authority.isPresent() ? " and the certificate" : "")
              + " there, and put this machine's address in the");
      out.println("place of 127.0.0.1.");
    } else if (edge.address().startsWith("127.") || edge.address().startsWith("[::1]")) {
      out.println(
          "The edge listens on this machine alone; \"listeners\" in the directory's \"edge\""
              + " section");
      out.println("says so, and can say otherwise.");
    }
  }
}

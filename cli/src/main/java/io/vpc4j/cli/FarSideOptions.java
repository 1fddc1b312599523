package io.vpc4j.cli;

import io.nayuki.qrcodegen.DataTooLongException;
import io.nayuki.qrcodegen.QrCode;
import io.vpc4j.cli.FarSide.Nat;
import io.vpc4j.core.directory.NodeRecord.Kind;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How the file for a participant's end is printed: the same when it is made and afterwards. */
final class FarSideOptions {

  private static final int QUIET_ZONE = 4; // ISO/IEC 18004 5.3.8

  @Option(
      names = "--our-endpoint",
      paramLabel = "HOST:PORT",
      description =
          "Where the participant calls us. Default: this machine's address, as far as it knows it,"
              + " and our port.")
  private @Nullable String ownEndpoint;

  @Option(
      names = "--no-nat",
      description =
          "The networks behind have a route to the mesh: packets keep the addresses they came"
              + " with.")
  private boolean noNat;

  @Option(names = "--qr", description = "Print it as a QR code, for a phone's WireGuard to scan.")
  private boolean qr;

  @SuppressWarnings("NullAway.Init")
  FarSideOptions() {}

  /** Prints the file of a participant of the directory as it is now. */
  void print(DirectoryOption directory, String name, CommandSpec spec, Streams streams)
      throws Exception {
    var editor = directory.edit();
    var state = new MeshState(editor);
    var node = state.find(name);
    var ours = editor.snapshot().mesh().networkOf(node);
    var key = MeshState.kept(state.keyFile(node.nodeId()));
    if (key.isEmpty() && qr) {
      throw new Failure(ExitCode.REFUSED, "Its private key is not here: there is no code to scan.");
    }
    var file =
        new FarSide(node, key, MeshState.kept(state.presharedKeyFile(node.nodeId())))
            .file(state, ours, state.ownKey(ours), ownEndpoint, noNat ? Nat.NONE : Nat.MASQUERADE);
    var out = spec.commandLine().getOut();
    var text = file.write();
    if (qr) {
      print(text, out, streams.terminals().contains(Terminal.STDOUT));
    } else {
      out.print("# " + Table.shown(node.name()) + ", as a part of the mesh\n");
      out.print(
          key.isPresent()
              ? text
              : text.replaceFirst("PrivateKey = .*", "# PrivateKey = the one it has made"));
    }
    out.flush();
    var err = spec.commandLine().getErr();
    if (node.kind() == Kind.NODE) {
      err.println("Start it there, with the file as /etc/wireguard/vpc4j.conf:");
      err.println();
      err.println("  wg-quick up vpc4j");
      err.println();
      err.println("or, without root, with the file as vpc4j.conf and a JDK:");
      err.println();
      var join = new StringBuilder("  vpc4j mesh join vpc4j.conf");
      node.routes().forEach(route -> join.append(" --route ").append(route.network()));
      err.println(join);
    } else {
      err.println("Import it there, in WireGuard.");
    }
    err.flush();
  }

  /** Two rows of modules to a line; light ones are drawn, as most terminals are dark. */
  static void print(String text, PrintWriter out, boolean coloured) throws Failure {
    QrCode code;
    try {
      code = QrCode.encodeText(text, QrCode.Ecc.LOW);
    } catch (DataTooLongException e) {
      throw new Failure(ExitCode.REFUSED, "The file is too long for a QR code.");
    }
    for (int y = -QUIET_ZONE; y < code.size + QUIET_ZONE; y += 2) {
      var line = new StringBuilder(coloured ? "\u001b[40;97m" : "");
      for (int x = -QUIET_ZONE; x < code.size + QUIET_ZONE; x++) {
        boolean upper = !code.getModule(x, y);
        boolean lower = !code.getModule(x, y + 1) && y + 1 < code.size + QUIET_ZONE;
        line.append(upper ? (lower ? '\u2588' : '\u2580') : (lower ? '\u2584' : ' '));
      }
      out.println(line + (coloured ? "\u001b[0m" : ""));
    }
  }
}

package io.vpc4j.cli;

import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.mesh.MeshNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code mesh join} may do besides: forward between peers, and write packets down. */
final class HubAndRecordings {

  @Option(
      names = "--hub",
      description = "Forward packets from one peer of FILE to another. Default: none are.")
  private boolean hub;

  @Option(
      names = "--hub-allow",
      paramLabel = "CIDR",
      description = "Forward to these addresses; again for others. Default: all of peers.")
  private List<String> allowed = new ArrayList<>();

  @Option(
      names = "--hub-deny",
      paramLabel = "CIDR",
      description = "Forward to all but these; again for others.")
  private List<String> denied = new ArrayList<>();

  @Option(
      names = "--pcap",
      paramLabel = "FILE",
      description =
          "Record every packet inside, for Wireshark. A secret: its owner alone may read it.")
  private @Nullable Path pcap;

  @Option(
      names = "--key-log",
      paramLabel = "FILE",
      description =
          "Write down the keys of every handshake, for Wireshark's wg.keylog_file. Whoever has it"
              + " reads every packet.")
  private @Nullable Path keyLog;

  @SuppressWarnings("NullAway.Init")
  HubAndRecordings() {}

  /** Tells a node. */
  void apply(MeshNode.Builder builder) throws Failure {
    if (hub || !allowed.isEmpty() || !denied.isEmpty()) {
      builder.hub(policy());
    }
    if (pcap != null) {
      builder.pcap(pcap);
    }
    if (keyLog != null) {
      builder.keyLog(keyLog);
    }
  }

  private Policy policy() throws Failure {
    var rules = new ArrayList<Rule>();
    for (var text : denied) {
      rules.add(rule(Action.DENY, text));
    }
    for (var text : allowed) {
      rules.add(rule(Action.ALLOW, text));
    }
    return new Policy(rules, allowed.isEmpty() ? Action.ALLOW : Action.DENY);
  }

  private static Rule rule(Action action, String text) throws Failure {
    var rule = JoinRule.parse(action, text);
    if (!rule.ports().isEmpty()) {
      throw new Failure(
          ExitCode.USAGE,
          "A hub looks at the addresses of packets, not at ports: \"" + Table.shown(text) + "\".");
    }
    return rule;
  }

  /** Lines for people: what, and of which kind. */
  Map<String, String> said() {
    var lines = new LinkedHashMap<String, String>();
    if (hub || !allowed.isEmpty() || !denied.isEmpty()) {
      lines.put(
          "hub",
          (allowed.isEmpty() ? "all peers" : String.join(", ", allowed))
              + (denied.isEmpty() ? "" : ", not " + String.join(", ", denied)));
    }
    if (pcap != null) {
      lines.put("packets", pcap + ", a secret");
    }
    if (keyLog != null) {
      lines.put("keys", keyLog + ", a secret");
    }
    return lines;
  }
}

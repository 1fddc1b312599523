package io.vpc4j.tunnel.rpc;

import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.Vectors;
import io.vpc4j.tunnel.octets.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The values of the recorded conversations, and the two machines emptied. */
final class Scripts {

  static final UUID TUNNEL = UUID.fromString("11111111-2222-3333-4444-555555555555");

  static final RpcCall.RegisterConnection REGISTER =
      new RpcCall.RegisterConnection(
          new TunnelAuth("acct0123456789abcdef", Secret.of("secretsecretsecretsecretsecret12")),
          TUNNEL,
          0,
          new ConnectionOptions(
              new ClientInfo(
                  UUID.fromString("1e67e133-4646-4e7f-b986-41a6c88260ec"),
                  List.of(
                      "allow_remote_config",
                      "serialized_headers",
                      "support_datagram_v2",
                      "support_quic_eof",
                      "management_logs"),
                  "2026.8.2-head",
                  "linux_amd64"),
              Octets.ofHex("00000000000000000000ffff7f000001"),
              ConnectionOptions.Replacement.NOT_ASKED,
              0,
              0));

  static final ConnectionDetails DETAILS =
      new ConnectionDetails(
          UUID.fromString("aff4f858-a2e1-4736-83a0-22050330d22b"),
          "TST01",
          ConnectionDetails.Management.LOCAL);

  private Scripts() {}

  /** All that a machine has to say, in hex. */
  static String spoken(RpcServer server) {
    var hex = new StringBuilder();
    for (var out = server.pollOctets(); out != null; out = server.pollOctets()) {
      hex.append(Vectors.hex(out));
    }
    return hex.toString();
  }

  /** All that a machine has to say, in hex. */
  static String spoken(RpcClient client) {
    var hex = new StringBuilder();
    for (var out = client.pollOctets(); out != null; out = client.pollOctets()) {
      hex.append(Vectors.hex(out));
    }
    return hex.toString();
  }

  static List<ServerEvent> events(RpcServer server) {
    var events = new ArrayList<ServerEvent>();
    for (var event = server.pollEvent(); event != null; event = server.pollEvent()) {
      events.add(event);
    }
    return events;
  }

  static List<ClientEvent> events(RpcClient client) {
    var events = new ArrayList<ClientEvent>();
    for (var event = client.pollEvent(); event != null; event = client.pollEvent()) {
      events.add(event);
    }
    return events;
  }

  /** The one call a server was just made. */
  static ServerEvent.Called called(RpcServer server) {
    var events = events(server);
    if (events.size() == 1 && events.get(0) instanceof ServerEvent.Called called) {
      return called;
    }
    throw new AssertionError("one call was to come, not " + events);
  }
}

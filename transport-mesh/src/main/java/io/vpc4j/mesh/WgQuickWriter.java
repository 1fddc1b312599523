package io.vpc4j.mesh;

import io.vpc4j.core.net.Secret;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** Writes what {@link WgQuickReader} reads. */
final class WgQuickWriter {

  private final StringBuilder out = new StringBuilder();

  private WgQuickWriter() {}

  static String write(WgQuickFile file) {
    var writer = new WgQuickWriter();
    writer.self(file.self());
    file.peers().forEach(writer::peer);
    return writer.out.toString();
  }

  private void self(WgQuickFile.Self self) {
    out.append("[Interface]\n");
    entry("PrivateKey", base64(self.privateKey()));
    entry("Address", self.addresses());
    self.listenPort().ifPresent(port -> entry("ListenPort", Integer.toString(port)));
    var dns = new ArrayList<Object>(self.dns());
    dns.addAll(self.searchDomains());
    entry("DNS", dns);
    self.mtuOctets().ifPresent(mtu -> entry("MTU", Integer.toString(mtu)));
    others(self.others());
  }

  private void peer(WgQuickFile.Peer peer) {
    out.append("\n[Peer]\n");
    entry("PublicKey", peer.publicKey());
    peer.presharedKey().ifPresent(key -> entry("PresharedKey", base64(key)));
    entry("AllowedIPs", peer.allowedIps());
    peer.endpoint().ifPresent(endpoint -> entry("Endpoint", endpoint));
    peer.persistentKeepalive()
        .ifPresent(every -> entry("PersistentKeepalive", Long.toString(every.toSeconds())));
    others(peer.others());
  }

  private void others(List<WgQuickFile.Other> others) {
    others.forEach(other -> entry(other.key(), other.value()));
  }

  private void entry(String key, List<?> values) {
    if (!values.isEmpty()) {
      entry(key, values.stream().map(Object::toString).collect(Collectors.joining(", ")));
    }
  }

  private void entry(String key, String value) {
    out.append(key).append(" = ").append(value).append('\n');
  }

  private static String base64(Secret key) {
    return Base64.getEncoder().encodeToString(key.reveal());
  }
}
